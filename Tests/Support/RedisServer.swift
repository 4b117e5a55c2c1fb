import Foundation
import NIOCore
import Synchronization

/// A redis-server of the test's own: Debian's program with the project's `config/redis.conf`, a
/// private directory and a clock that the test moves. Reached by a Unix socket, so any number of
/// them run beside each other.
///
/// It is gone when the last reference to it is, also when the test process is killed.
public final class RedisServer: Sendable {
  /// Starting takes some 20 ms; loading a large append-only file or a busy machine takes longer.
  private static let startLimit = Duration.seconds(20)
  /// A server that was told to end only syncs its file.
  private static let stopLimit = Duration.seconds(10)

  public let clock: ServerClock
  public let socketPath: String
  /// The TCP port on 127.0.0.1; 0 unless asked for.
  public var port: Int { ports.client }
  /// For `PLAYMETER_REDIS_URL`. It carries no password.
  public var url: String { "unix://\(socketPath)" }
  /// Where services on this server may keep their archive; removed with it.
  public var archivePath: String { "\(directory.path)/archive" }
  /// `rediss://` with the host as `localhost`; only for a server with TLS.
  public var tlsURL: String { "rediss://localhost:\(ports.tls)/0" }
  /// What a service needs to reach a server with TLS by it; none for another.
  public var tlsSettings: [String: String] {
    guard let tls = options.tls else { return [:] }
    return ["PLAYMETER_REDIS_URL": tlsURL, "PLAYMETER_REDIS_CA": tls.authorityPath]
  }
  public var tcpURL: String { "redis://127.0.0.1:\(port)/0" }

  private let directory: TemporaryDirectory
  private let options: Options
  private let ports: Ports
  private let process = Mutex<ChildProcess?>(nil)

  private init(_ options: Options) throws {
    directory = try TemporaryDirectory()
    // A copy, because Sentinels have a server rewrite its file.
    let shared = BuildProducts.projectRoot.appending(path: "config/redis.conf").path
    try FileManager.default.copyItem(atPath: shared, toPath: "\(directory.path)/redis.conf")
    clock = try ServerClock(path: "\(directory.path)/clock")
    socketPath = "\(directory.path)/redis.sock"
    let hasTLS = options.tls != nil
    let needsTCP = options.listensOnTCP || options.isCluster || hasTLS
    ports = needsTCP ? try .free(isCluster: options.isCluster, hasTLS: hasTLS) : Ports()
    self.options = options
  }

  /// Starts a server and returns when it answers. Throws ``SupportError`` with the server's own
  /// words when it does not, or when redis-server is not installed.
  public static func start(_ options: Options = Options()) async throws -> RedisServer {
    let server = try RedisServer(options)
    try await server.launch()
    return server
  }

  /// Ends it as `systemctl stop` does (SIGTERM) and waits. Does nothing when it does not run.
  public func stop() async throws {
    try await end(with: SIGTERM)
  }

  /// Ends it as a crash does (SIGKILL) and waits.
  public func kill() async throws {
    try await end(with: SIGKILL)
  }

  /// Starts it again with the same data, address and clock; stops it before if it still runs.
  public func restart() async throws {
    try await stop()
    try await launch()
  }

  /// Starts it again with the same address and clock but without its data, as after the loss of a
  /// disk; stops it before if it still runs.
  public func restartEmpty() async throws {
    try await stop()
    for name in ["appendonlydir", "dump.rdb"] {
      let path = "\(directory.path)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      try FileManager.default.removeItem(atPath: path)
    }
    try await launch()
  }

  /// Cuts bytes off the end of what it keeps on disk, as a crash in the middle of a write does.
  /// Only while it does not run.
  public func cutAppendOnlyFile(by count: UInt64) throws {
    let file = try appendOnlyFile()
    try file.truncate(atOffset: try file.seekToEnd() - count)
    try file.close()
  }

  /// The size of what it keeps on disk of the latest commands, in bytes. It shrinks when Redis
  /// begins a new file.
  public func appendOnlyFileSize() throws -> UInt64 {
    let file = try appendOnlyFile()
    defer { try? file.close() }
    return try file.seekToEnd()
  }

  private func appendOnlyFile() throws -> FileHandle {
    let folder = "\(directory.path)/appendonlydir"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let latest = names.filter { $0.hasSuffix(".incr.aof") }.max { $0.number < $1.number }
    guard let latest, let file = FileHandle(forUpdatingAtPath: "\(folder)/\(latest)") else {
      throw SupportError("no append-only file in \(folder)")
    }
    return file
  }

  /// Stops it in its tracks (SIGSTOP): connections stay open, nothing is answered.
  public func freeze() {
    process.withLock { $0?.signal(SIGSTOP) }
  }

  /// Lets a frozen server go on (SIGCONT).
  public func thaw() {
    process.withLock { $0?.signal(SIGCONT) }
  }

  /// The process number, or nil when it does not run.
  public var processIdentifier: Int32? {
    process.withLock { child in child?.exitStatus == nil ? child?.identifier : nil }
  }

  /// What the server has logged, warnings and worse.
  public var log: String {
    guard let bytes = FileManager.default.contents(atPath: logPath) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Asks the server directly, not through the client under test: one command in Redis' inline form
  /// (words, quotes), the answer as it crosses the wire, such as `:240000\r\n`.
  public func raw(_ command: String) async throws -> String {
    let login = options.password.map { "AUTH \"\($0)\"\r\n" } ?? ""
    let bytes = Array("\(login)\(command)\r\nQUIT\r\n".utf8)
    let address = try SocketAddress(unixDomainSocketPath: socketPath)
    let answer = try await RawConnection.exchange(bytes, with: address, within: .seconds(5))
    let okay = "+OK\r\n"
    return String(decoding: answer, as: UTF8.self)
      .dropping(prefix: login.isEmpty ? "" : okay)
      .dropping(suffix: okay)
  }

  private var logPath: String { "\(directory.path)/log" }

  private func launch() async throws {
    let program = try BuildProducts.program("redis-server")
    let configuration = "\(directory.path)/redis.conf"
    let shim = try BuildProducts.path(of: "libClockShim.so")
    // Only the server gets the library, not the shell that starts it.
    let preload = ["LD_PRELOAD=\(shim)", "PLAYMETER_TEST_CLOCK=\(clock.path)"]
    let directives = Self.directives(for: options, directory: directory.path, ports: ports)
    let child = try ChildProcess(
      program: "/usr/bin/env",
      arguments: preload + [program, configuration] + directives,
      environment: ["PATH": "/usr/bin:/bin"],
      output: logPath,
      error: logPath
    )
    process.withLock { $0 = child }
    try await Waiting.until("redis-server's answer", within: Self.startLimit) {
      guard child.exitStatus == nil else { throw SupportError("redis-server ended:\n\(log)") }
      return await isReady()
    }
    if options.isCluster {
      try await formCluster()
    }
  }

  /// Whether it answers and has loaded its data.
  private func isReady() async -> Bool {
    guard FileManager.default.fileExists(atPath: socketPath) else { return false }
    do {
      return try await raw("PING") == "+PONG\r\n"
    } catch {
      return false
    }
  }

  /// Gives a new node every slot. Redis then refuses writes for two more seconds, at each start.
  private func formCluster() async throws {
    if try await raw("CLUSTER INFO").contains("cluster_slots_assigned:0") {
      let answer = try await raw("CLUSTER ADDSLOTSRANGE 0 16383")
      guard answer == "+OK\r\n" else { throw SupportError("no cluster: \(answer)") }
    }
    try await Waiting.until("the cluster's start", within: Self.startLimit) {
      try await raw("CLUSTER INFO").contains("cluster_state:ok")
    }
  }

  private func end(with signal: Int32) async throws {
    guard let child = process.withLock({ $0 }) else { return }
    child.signal(signal)
    // A frozen process takes no SIGTERM before it goes on.
    child.signal(SIGCONT)
    try await child.wait(within: Self.stopLimit)
    process.withLock { $0 = nil }
  }
}

extension String {
  /// The number in a name such as `appendonly.aof.3.incr.aof`.
  fileprivate var number: Int { split(separator: ".").compactMap { Int($0) }.first ?? 0 }

  fileprivate func dropping(prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }

  fileprivate func dropping(suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
