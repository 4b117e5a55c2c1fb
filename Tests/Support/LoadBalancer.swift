import Foundation
import NIOCore

/// An haproxy of the test's own: Debian's program with the project's `deploy/haproxy.cfg`, between
/// loopback ports.
///
/// It is gone when the last reference to it is, also when the test process is killed.
public final class LoadBalancer: Sendable {
  /// Two checks of a server that is up, 500 ms apart.
  private static let checkLimit = Duration.seconds(20)

  /// Where it listens on 127.0.0.1.
  public let port: Int

  private let server: ConfiguredServer

  private init(_ server: ConfiguredServer, port: Int) {
    self.server = server
    self.port = port
  }

  /// Starts one before two servers on loopback ports, and returns when both are up for it. Throws
  /// ``SupportError`` with its own words when it does not start, or when it is not installed.
  public static func start(servers: [Int]) async throws -> LoadBalancer {
    let port = try Ports.freeTCP()
    let server = try ConfiguredServer.start("haproxy", arguments: ["-db", "-f"]) { directory in
      try configuration(servers: servers, port: port, in: directory)
    }
    let balancer = LoadBalancer(server, port: port)
    for number in servers.indices { try await balancer.waitUntilUp(number) }
    return balancer
  }

  /// Waits until its checks find a server ready; the first one has the number 0.
  public func waitUntilUp(_ number: Int) async throws {
    try await Waiting.until("server \(number) behind haproxy", within: Self.checkLimit) {
      try server.expectRunning()
      guard FileManager.default.fileExists(atPath: socket) else { return false }
      return Self.isUp(Self.name(number), in: try await ask("show servers state playmeter"))
    }
  }

  /// Sends a server no more requests, and returns when it has answered those that it has.
  public func takeOut(_ number: Int) async throws {
    _ = try await ask("set server playmeter/\(Self.name(number)) state drain")
    try await Waiting.until("the last answers of server \(number)", within: Self.checkLimit) {
      // The fifth field is the number of requests it works on.
      let lines = try await ask("show stat").split(separator: "\n")
      return lines.contains { line in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        return fields.count > 5 && fields[1] == Self.name(number) && fields[4] == "0"
      }
    }
  }

  /// Sends a server requests again as soon as it is ready.
  public func putIn(_ number: Int) async throws {
    _ = try await ask("set server playmeter/\(Self.name(number)) state ready")
    try await waitUntilUp(number)
  }

  private static func name(_ number: Int) -> String { "playmeter-\(number + 1)" }

  /// A command of haproxy's runtime interface, and its answer.
  private func ask(_ command: String) async throws -> String {
    let address = try SocketAddress(unixDomainSocketPath: socket)
    let words = Array("\(command)\n".utf8)
    let answer = try await RawConnection.exchange(words, with: address, within: .seconds(5))
    return String(decoding: answer, as: UTF8.self)
  }

  /// A line has the backend's number and name, the server's, its address, and 2 if it is up.
  private static func isUp(_ server: String, in state: String) -> Bool {
    for line in state.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 5, words[3] == server { return words[5] == "2" }
    }
    return false
  }

  private var socket: String { "\(server.directory.path)/socket" }

  /// The delivered file with this machine's addresses.
  private static func configuration(
    servers: [Int],
    port: Int,
    in directory: String
  ) throws -> String {
    let file = BuildProducts.projectRoot.appending(path: "deploy/haproxy.cfg")
    let delivered = try String(contentsOf: file, encoding: .utf8)
    let addresses = servers.enumerated()
      .map { index, port in ("10.0.0.\(index + 1):8080", "127.0.0.1:\(port)") }
    let changes =
      [
        ("0.0.0.0:80\n", "127.0.0.1:\(port)\n"),
        // Whoever runs tests may open fewer files.
        ("maxconn 20000\n", "maxconn 100\n"),
        ("/run/haproxy/admin.sock mode", "\(directory)/socket mode"),
      ] + addresses
    return try changes.reduce(delivered) { text, change in
      guard text.contains(change.0) else { throw SupportError("no \(change.0) in haproxy.cfg") }
      return text.replacing(change.0, with: change.1)
    }
  }
}
