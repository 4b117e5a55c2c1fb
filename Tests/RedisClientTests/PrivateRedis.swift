import Foundation

/// A `redis-server` of one test's own, in a private temporary directory. It listens on a Unix
/// socket and, if asked, on a free TCP port, and is killed at the end.
final class PrivateRedis: Sendable {
  struct StartFailure: Error { let reason: String }

  let directory: String
  let port: Int
  private let options: [String]
  private let process: Process

  var socketPath: String { directory + "/redis.sock" }

  /// Runs the body with a server and ends the server afterwards, whatever happens.
  static func with<Result>(
    _ options: [String] = [],
    port: Int = 0,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (PrivateRedis) async throws -> Result
  ) async throws -> Result {
    let temporary = FileManager.default.temporaryDirectory.path
    let directory = temporary + "/redis-client-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(
      atPath: directory,
      withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700]
    )
    defer { removeIfPresent(directory) }
    let server = try await PrivateRedis(directory: directory, port: port, options: options)
    defer { server.kill() }
    return try await body(server)
  }

  /// Starts a server in the same place with the same options, after this one was killed.
  func startedAgain() async throws -> PrivateRedis {
    try await PrivateRedis(directory: directory, port: port, options: options)
  }

  private init(directory: String, port: Int, options: [String]) async throws {
    self.directory = directory
    self.port = port
    self.options = options
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", directory,
        "--unixsocket", directory + "/redis.sock", "--save", "", "--appendonly", "no",
        "--logfile", directory + "/redis.log", "--daemonize", "no",
      ] + options
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try await waitUntilListening()
  }

  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    // The next server in this place starts with a log of its own.
    removeIfPresent(directory + "/redis.log")
  }

  private var log: String {
    let data = FileManager.default.contents(atPath: directory + "/redis.log") ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  /// The socket's file appears before anybody listens on it, so the log is what counts.
  private func waitUntilListening() async throws {
    for _ in 0..<1_000 {
      if log.contains("Ready to accept connections") || log.contains("now ready to accept") {
        return
      }
      guard process.isRunning else { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    let reason = log
    kill()
    throw StartFailure(reason: reason)
  }

  /// A port that was free a moment ago, chosen by the kernel.
  static func freePort() -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        _ = bind(descriptor, generic, length)
        _ = getsockname(descriptor, generic, &length)
      }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

private func removeIfPresent(_ path: String) {
  guard FileManager.default.fileExists(atPath: path) else { return }
  do {
    try FileManager.default.removeItem(atPath: path)
  } catch {
    print("\(path) is left behind: \(error)")
  }
}
