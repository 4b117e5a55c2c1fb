import CNIOLinux
import Foundation
import Glibc

/// Ports of 127.0.0.1 for one server; 0 where it does not listen.
public struct Ports: Sendable {
  var client = 0
  var clusterBus = 0
  var tls = 0

  /// Ports that nobody held a moment ago. Another process may take one before the server does; then
  /// the server does not start, and says so.
  static func free(isCluster: Bool, hasTLS: Bool = false) throws -> Ports {
    Ports(
      client: try free(),
      clusterBus: isCluster ? try free() : 0,
      tls: hasTLS ? try free() : 0
    )
  }

  /// A port for connections, with the same reservation.
  public static func freeTCP() throws -> Int { try free(SOCK_STREAM) }

  /// A port for datagrams, with the same reservation.
  static func freeUDP() throws -> Int { try free(SOCK_DGRAM) }

  /// Lets the kernel choose a port for a socket that is closed at once.
  private static func free(_ kind: __socket_type = SOCK_STREAM) throws -> Int {
    let file = socket(AF_INET, Int32(kind.rawValue), 0)
    defer { close(file) }
    return try bind(file)
  }

  /// Binds a socket to a port that the kernel chooses, and returns that.
  static func bind(_ file: Int32) throws -> Int {
    guard file >= 0 else { throw SupportError("could not make a socket") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        Glibc.bind(file, generic, length) == 0 ? getsockname(file, generic, &length) : -1
      }
    }
    guard status == 0 else { throw SupportError("the kernel has no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
