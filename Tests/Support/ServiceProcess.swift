import Foundation
public import NIOSSL

/// The built program, run as an operator runs it: `playmeter serve` with settings from the
/// environment, on ports that the kernel chooses.
///
/// It is gone when the last reference to it is, also when the test process is killed.
public final class ServiceProcess: Sendable {
  /// A debug build starts in about 100 ms; a sanitized one on a busy machine takes seconds.
  private static let startLimit = Duration.seconds(30)
  /// The service promises 10 s from SIGTERM to its end.
  private static let stopLimit = Duration.seconds(15)

  public let publicPort: Int
  public let managementPort: Int
  /// The public listener: games, launchers, hosts.
  public var http: HTTPSession { session("public", publicPort) }
  /// The management listener: metrics and administration.
  public var management: HTTPSession { session("management", managementPort) }

  private let child: ChildProcess
  private let directory: TemporaryDirectory
  /// What a client speaks TLS with.
  private let tls: TLSConfiguration?
  /// The listeners that speak TLS.
  private let encrypted: Set<String>

  private init(
    _ child: ChildProcess,
    in directory: TemporaryDirectory,
    _ listeners: [String: Listening],
    _ tls: TLSConfiguration?
  ) {
    self.child = child
    self.directory = directory
    self.tls = tls
    encrypted = Set(listeners.filter(\.value.isEncrypted).keys)
    publicPort = listeners["public"]?.port ?? 0
    managementPort = listeners["management"]?.port ?? 0
  }

  private func session(_ listener: String, _ port: Int) -> HTTPSession {
    HTTPSession(port: port, tls: encrypted.contains(listener) ? tls : nil)
  }

  /// Starts the service and returns when both listeners are open and, unless told otherwise, when
  /// `/readyz` answers 200. The environment is the one given and the two addresses, nothing of the
  /// test's own; `tls` is for listeners that speak TLS; `sockets` are passed to it by their names.
  /// Throws ``SupportError`` with the log when it does not come up.
  public static func start(
    environment: [String: String],
    tls: TLSConfiguration? = nil,
    sockets: [PassedSocket] = [],
    awaitsReadiness: Bool = true
  ) async throws -> ServiceProcess {
    let directory = try TemporaryDirectory()
    let addresses = [
      "PLAYMETER_HTTP_ADDRESS": "127.0.0.1:0",
      "PLAYMETER_MANAGEMENT_ADDRESS": "127.0.0.1:0",
    ]
    let child = try launch(
      ["serve"],
      environment: addresses.merging(environment) { _, given in given },
      sockets,
      in: directory
    )
    let listeners = try await listeners(of: child, in: directory)
    let service = ServiceProcess(child, in: directory, listeners, tls)
    if awaitsReadiness {
      try await service.waitUntilReady()
    }
    return service
  }

  /// Runs one command to its end. `limit` is real time.
  public static func runCommand(
    _ arguments: [String],
    environment: [String: String],
    sockets: [PassedSocket] = [],
    within limit: Duration = .seconds(60)
  ) async throws -> CommandResult {
    let directory = try TemporaryDirectory()
    let child = try launch(arguments, environment: environment, sockets, in: directory)
    let status = try await child.wait(within: limit)
    return CommandResult(
      status: status,
      standardOutput: text(of: "output", in: directory),
      standardError: text(of: "error", in: directory)
    )
  }

  /// Waits until `/readyz` answers 200.
  public func waitUntilReady(within limit: Duration = .seconds(30)) async throws {
    do {
      try await Waiting.until("readiness", within: limit) {
        guard child.exitStatus == nil else { throw SupportError("the service ended") }
        return try await http.send("GET", "/readyz").status == 200
      }
    } catch {
      throw SupportError("\(error)\n\(log)")
    }
  }

  /// Asks it to end (SIGTERM), waits, and returns the exit status.
  @discardableResult
  public func terminate() async throws -> Int32 {
    child.signal(SIGTERM)
    return try await child.wait(within: Self.stopLimit)
  }

  /// Has it read its certificates anew (SIGHUP), as `systemctl reload` does.
  public func reload() { child.signal(SIGHUP) }

  /// Ends it as a crash does (SIGKILL) and waits.
  public func kill() async throws {
    child.signal(SIGKILL)
    try await child.wait(within: Self.stopLimit)
  }

  /// Sends it a signal.
  public func signal(_ number: Int32) { child.signal(number) }

  /// Waits for its end and returns the exit status, or the number of the signal that ended it.
  public func wait(within limit: Duration) async throws -> Int32 {
    try await child.wait(within: limit)
  }

  /// The most memory that it ever had in use, in bytes (VmHWM, proc(5)). Throws ``SupportError``
  /// when it has ended.
  public var peakResidentBytes: Int {
    get throws {
      let bytes = FileManager.default.contents(atPath: "/proc/\(child.identifier)/status")
      let lines = String(decoding: bytes ?? Data(), as: UTF8.self).split(separator: "\n")
      let words = lines.first { $0.hasPrefix("VmHWM:") }?.split { $0 == " " || $0 == "\t" }
      guard let words, words.count > 1, let kibibytes = Int(words[1]) else {
        throw SupportError("a process that has ended uses no memory")
      }
      return kibibytes * 1024
    }
  }

  /// The time that processors have worked for it, in user and system mode (proc(5)). Throws
  /// ``SupportError`` when it has ended.
  public var processorTime: Duration {
    get throws {
      let bytes = FileManager.default.contents(atPath: "/proc/\(child.identifier)/stat")
      // The name, in parentheses, may have spaces; the times are the 12th and 13th after it.
      let words =
        String(decoding: bytes ?? Data(), as: UTF8.self).split(separator: ")").last?
        .split(separator: " ").compactMap { Int($0) } ?? []
      let perSecond = sysconf(Int32(_SC_CLK_TCK))
      guard words.count > 12, perSecond > 0 else {
        throw SupportError("a process that has ended uses no processor")
      }
      // The state, a letter, is gone from the numbers, which begin with the parent.
      return .milliseconds((words[10] + words[11]) * 1000 / perSecond)
    }
  }

  /// Whether it has not ended.
  public var isRunning: Bool { child.exitStatus == nil }

  /// Everything it has logged on standard error so far.
  public var log: String { Self.text(of: "error", in: directory) }

  /// The log's lines that are JSON documents.
  public var logLines: [JSONView] { Self.documents(log) }

  private static func launch(
    _ arguments: [String],
    environment: [String: String],
    _ sockets: [PassedSocket],
    in directory: TemporaryDirectory
  ) throws -> ChildProcess {
    let inherited = ["PATH": "/usr/bin:/bin", "HOME": directory.path]
      .merging(PassedSocket.environment(of: sockets)) { $1 }
    return try ChildProcess(
      program: try BuildProducts.path(of: "playmeter"),
      arguments: arguments,
      environment: inherited.merging(environment) { _, given in given },
      passing: sockets.map(\.file),
      output: "\(directory.path)/output",
      error: "\(directory.path)/error"
    )
  }

  /// What a listener has logged of itself.
  private struct Listening {
    let port: Int
    let isEncrypted: Bool
  }

  /// Waits for one line `{"message":"listening","listener":…,"port":…}` per listener.
  private static func listeners(
    of child: ChildProcess,
    in directory: TemporaryDirectory
  ) async throws -> [String: Listening] {
    var listeners: [String: Listening] = [:]
    do {
      try await Waiting.until("two listeners", within: startLimit) {
        guard child.exitStatus == nil else { throw SupportError("the service ended") }
        for line in documents(text(of: "error", in: directory)) {
          guard line.find("message") == .string("listening") else { continue }
          listeners[try line.string("listener")] = Listening(
            port: try line.integer("port"),
            isEncrypted: try line.boolean("tls")
          )
        }
        return listeners.count == 2
      }
    } catch {
      throw SupportError("\(error)\n\(text(of: "error", in: directory))")
    }
    return listeners
  }

  private static func text(of file: String, in directory: TemporaryDirectory) -> String {
    let bytes = FileManager.default.contents(atPath: "\(directory.path)/\(file)") ?? Data()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A line that is still being written is no document yet.
  private static func documents(_ text: String) -> [JSONView] {
    text.split(separator: "\n").compactMap { try? JSONView(Array($0.utf8)) }
  }
}
