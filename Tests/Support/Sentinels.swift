import Foundation
import NIOCore

/// Redis Sentinels of the test's own, which watch one master: `redis-server --sentinel` on loopback
/// ports, with a private directory for the file that each of them rewrites.
///
/// They are gone when the last reference to them is, also when the test process is killed.
public final class Sentinels: Sendable {
  /// What they call the master.
  public static let master = "mymaster"
  /// They count a master that is silent for so long as down. Then they agree on it, vote and
  /// promote, which takes them about a second more. A busy machine lets a live one be silent for a
  /// second or two, and a second switch would lose what the first new master alone knew.
  public static let downAfter = Duration.seconds(4)
  /// Sentinels find each other by greetings that they send every two seconds, and replicas by
  /// questions to the master every ten.
  private static let startLimit = Duration.seconds(40)

  /// Where they listen on 127.0.0.1.
  public let ports: [Int]
  private let children: [ChildProcess]
  private let directory: TemporaryDirectory

  private init(_ ports: [Int], _ children: [ChildProcess], in directory: TemporaryDirectory) {
    self.ports = ports
    self.children = children
    self.directory = directory
  }

  /// For `PLAYMETER_REDIS_URL`.
  public var url: String {
    let places = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    return "redis+sentinel://\(places)/\(Self.master)"
  }

  /// Starts some that watch a server with a TCP port, and returns when each knows the others and
  /// all replicas.
  ///
  /// - Parameter password: What they ask their clients for.
  public static func start(
    _ count: Int = 3,
    watching server: RedisServer,
    replicas: Int,
    password: String? = nil
  ) async throws -> Sentinels {
    let directory = try TemporaryDirectory()
    let ports = try (0..<count).map { _ in try Ports.free(isCluster: false).client }
    let children = try ports.map { port in
      let file = "\(directory.path)/\(port).conf"
      let text = configuration(port, watching: server.port, count, password, in: directory)
      try Data(text.utf8).write(to: URL(filePath: file))
      return try ChildProcess(
        program: try BuildProducts.program("redis-server"),
        arguments: [file, "--sentinel"],
        environment: ["PATH": "/usr/bin:/bin"],
        output: "\(directory.path)/\(port).log",
        error: "\(directory.path)/\(port).log"
      )
    }
    let sentinels = Sentinels(ports, children, in: directory)
    try await Waiting.until("Sentinels that know each other", within: startLimit) {
      for port in ports {
        let facts = await sentinels.facts(from: port, password)
        guard facts["num-other-sentinels"] == String(count - 1),
          facts["num-slaves"] == String(replicas)
        else { return false }
      }
      return true
    }
    return sentinels
  }

  /// The master's port as most of them name it.
  public func masterPort() async throws -> Int {
    var votes: [Int: Int] = [:]
    for port in ports {
      guard let text = await facts(from: port, nil)["port"], let number = Int(text) else {
        continue
      }
      votes[number, default: 0] += 1
    }
    guard let most = votes.max(by: { $0.value < $1.value }), most.value * 2 > ports.count else {
      throw SupportError("the Sentinels do not agree on a master: \(votes)")
    }
    return most.key
  }

  /// Has one begin a switch though the master is well, as an operator does.
  public func switchMaster() async throws {
    let answer = try await ask(ports[0], "SENTINEL FAILOVER \(Self.master)", nil)
    guard answer.hasPrefix("+OK") else { throw SupportError("no switch: \(answer)") }
  }

  /// What one knows of the master: names and values, as bulk strings in turn.
  private func facts(from port: Int, _ password: String?) async -> [String: String] {
    let answer = try? await ask(port, "SENTINEL MASTER \(Self.master)", password)
    let words = (answer ?? "").split(separator: "\r\n").filter { !$0.hasPrefix("$") }.dropFirst()
      .map(String.init)
    let pairs = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
    return Dictionary(pairs) { first, _ in first }
  }

  private func ask(_ port: Int, _ command: String, _ password: String?) async throws -> String {
    let login = password.map { "AUTH \($0)\r\n" } ?? ""
    // A Sentinel has no QUIT, so the last answer tells that all have come.
    let end = Array("+PONG\r\n".utf8)
    let answer = try await RawConnection.exchange(
      Array("\(login)\(command)\r\nPING\r\n".utf8),
      with: try SocketAddress(ipAddress: "127.0.0.1", port: port),
      within: .seconds(5),
      isComplete: { $0.suffix(end.count) == end[...] }
    )
    let text = String(decoding: answer, as: UTF8.self)
    return login.isEmpty ? text : String(text.dropFirst("+OK\r\n".count))
  }

  private static func configuration(
    _ port: Int,
    watching master: Int,
    _ count: Int,
    _ password: String?,
    in directory: TemporaryDirectory
  ) -> String {
    let lines = [
      "port \(port)", "bind 127.0.0.1", "dir \(directory.path)", "daemonize no",
      "sentinel monitor \(Self.master) 127.0.0.1 \(master) \(count / 2 + 1)",
      "sentinel down-after-milliseconds \(Self.master) \(downAfter.components.seconds * 1000)",
      "sentinel failover-timeout \(Self.master) 6000",
      "sentinel parallel-syncs \(Self.master) 5",
    ]
    let secret = password.map { ["requirepass \($0)", "sentinel sentinel-pass \($0)"] } ?? []
    return (lines + secret + [""]).joined(separator: "\n")
  }
}
