import Foundation
import Glibc

/// The sockets that a supervisor has opened for the service, by the protocol of sd_listen_fds(3):
/// they are the files from 3 on, `LISTEN_FDS` of them, and `LISTEN_FDNAMES` has their names.
///
/// systemd keeps them open while the service restarts, so clients wait instead of being refused.
/// A socket that is not fit is an error and not passed over: a service that then listened elsewhere
/// would look well and be unreachable.
struct PassedSockets: Sendable, Equatable {
  /// The first file that is passed (SD_LISTEN_FDS_START).
  private static let firstFile: Int32 = 3
  /// More is no list of ours: there is a name for two.
  private static let mostFiles = 64

  /// The descriptor for the public listener; nil when it is to listen on its own.
  private(set) var publicListener: Int32?
  /// The same for the management listener.
  private(set) var managementListener: Int32?

  /// The sockets that were passed to this process; none when those that the environment tells of
  /// are another process's, or nobody passes any. They are closed on exec from now on.
  ///
  /// - Throws: ``ConfigurationError`` with all that is wrong with them.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    guard environment["LISTEN_PID"] == String(getpid()), let text = environment["LISTEN_FDS"]
    else { return }
    guard let count = Int(text), (0...Self.mostFiles).contains(count) else {
      let fault = SettingFault("LISTEN_FDS", "must be a count of sockets, not \"\(text)\"")
      throw ConfigurationError(faults: [fault])
    }
    let names = (environment["LISTEN_FDNAMES"] ?? "")
      .split(separator: ":", omittingEmptySubsequences: false)
    let faults = (0..<count)
      .compactMap { index in
        let name = index < names.count ? String(names[index]) : ""
        return take(Self.firstFile + Int32(index), named: name)
      }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
  }

  /// Takes one of them; what is wrong with it, or nil.
  private mutating func take(_ file: Int32, named name: String) -> SettingFault? {
    let subject = "socket \(Printable.text(name.isEmpty ? "without a name" : name)), file \(file)"
    let target: WritableKeyPath<PassedSockets, Int32?>
    switch name {
    case "public": target = \.publicListener
    case "management": target = \.managementListener
    default: return SettingFault(subject, "FileDescriptorName= must be public or management")
    }
    guard self[keyPath: target] == nil else {
      return SettingFault(subject, "a listener takes one socket, so one ListenStream=")
    }
    guard fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else {
      return SettingFault(subject, "it is not open")
    }
    guard Self.isListening(file) else {
      return SettingFault(
        subject,
        "it must be a TCP socket that listens: ListenStream= with a port"
      )
    }
    self[keyPath: target] = file
    return nil
  }

  private static func isListening(_ file: Int32) -> Bool {
    option(SO_TYPE, of: file) == Int32(SOCK_STREAM.rawValue) && option(SO_ACCEPTCONN, of: file) == 1
      && [AF_INET, AF_INET6].contains(option(SO_DOMAIN, of: file))
  }

  /// An option of a socket; nil when the file is none.
  private static func option(_ name: Int32, of file: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(file, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }
}
