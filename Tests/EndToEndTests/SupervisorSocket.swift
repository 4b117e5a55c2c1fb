import Glibc
import Support
import Synchronization

/// Hears what a service tells its supervisor, as systemd does.
final class SupervisorSocket: Sendable {
  let path: String
  private let directory: TemporaryDirectory
  private let file: Int32
  private let heard = Mutex<[String]>([])

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/notify"
    file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(file, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw SupportError("could not listen on \(path)") }
  }

  deinit { close(file) }

  /// Every line that came so far, in order.
  var lines: [String] {
    heard.withLock { lines in
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(file, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return lines }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        lines += text.split(separator: "\n").map(String.init)
      }
    }
  }
}
