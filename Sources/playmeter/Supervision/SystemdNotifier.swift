import Foundation
import Glibc

/// Tells systemd how the service is, by the protocol of sd_notify(3): datagrams of `NAME=value`
/// lines to the socket that `NOTIFY_SOCKET` names.
struct SystemdNotifier: Sendable {
  /// Where the datagrams go: a path, or with `@` a name in the abstract namespace.
  private let socket: String
  /// How often the watchdog wants to be fed at the latest; nil when it watches nobody.
  let watchdog: Duration?

  /// The notifier of a process; nil when nothing supervises it.
  init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    guard let socket = environment["NOTIFY_SOCKET"], let kind = socket.utf8.first,
      kind == UInt8(ascii: "/") || kind == UInt8(ascii: "@")
    else { return nil }
    self.socket = socket
    let isOurs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
      .filter { $0 > 0 && isOurs }
    watchdog = microseconds.map { .microseconds($0) }
  }

  /// Sends some lines, without waiting for a supervisor that does not listen.
  ///
  /// - Returns: Whether it got them.
  @discardableResult
  func send(_ lines: String...) -> Bool {
    let file = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { return false }
    defer { close(file) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A name in the abstract namespace begins with a zero byte.
    let name = socket.utf8.enumerated().map { $0 == 0 && $1 == UInt8(ascii: "@") ? 0 : $1 }
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else {
      return false
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
    let message = Array(lines.joined(separator: "\n").utf8)
    let sent = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe sendto(file, message, message.count, flags, generic, length)
      }
    }
    return sent >= 0
  }
}

extension Optional {
  /// The value, if it passes.
  fileprivate func filter(_ isWanted: (Wrapped) -> Bool) -> Wrapped? {
    flatMap { isWanted($0) ? $0 : nil }
  }
}
