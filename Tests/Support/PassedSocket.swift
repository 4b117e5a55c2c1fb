import Foundation

/// A socket that the test keeps open and passes to one instance of the service after the other, as
/// systemd does with those of a socket unit (sd_listen_fds(3)).
public final class PassedSocket: Sendable {
  /// What it is.
  public enum Kind: Sendable {
    /// TCP, and it listens.
    case listening
    /// TCP, and it does not.
    case bound
    /// UDP.
    case datagrams
  }

  /// Which listener it is for.
  public let name: String
  /// Where it is on 127.0.0.1.
  public let port: Int
  let file: Int32

  /// Opens one on a port that the kernel chooses. Throws ``SupportError`` when it has none.
  public init(_ name: String, _ kind: Kind = .listening) throws {
    self.name = name
    let type: __socket_type = if case .datagrams = kind { SOCK_DGRAM } else { SOCK_STREAM }
    file = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    port = try Ports.bind(file)
    if case .listening = kind, listen(file, SOMAXCONN) != 0 {
      throw SupportError("could not listen")
    }
  }

  deinit { close(file) }

  /// What tells a process of the sockets that it gets.
  static func environment(of sockets: [PassedSocket]) -> [String: String] {
    guard !sockets.isEmpty else { return [:] }
    let names = sockets.map(\.name).joined(separator: ":")
    return ["LISTEN_FDS": "\(sockets.count)", "LISTEN_FDNAMES": names]
  }
}
