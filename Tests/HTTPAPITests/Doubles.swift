import Domain
import Logging
import Synchronization

/// Ports that answer what a test tells them and remember what they were asked.
final class GameSessionsDouble: GameSessions {
  private let script: Mutex<Script>

  struct Script {
    var verify: Result<VerifyOutcome, ServiceFault> = .success(.refused(.expired))
    var heartbeat: Result<HeartbeatOutcome, ServiceFault> = .success(.notFound)
    var end: Result<EndOutcome, ServiceFault> = .success(.notFound)
    var requests: [VerifyRequest] = []
    var requestIDs: [String] = []
    var users: [ProviderUserID] = []
  }

  init(_ change: (inout Script) -> Void = { _ in }) {
    var script = Script()
    change(&script)
    self.script = Mutex(script)
  }

  var asked: Script { script.withLock { $0 } }

  func verify(_ request: VerifyRequest) async throws(ServiceFault) -> VerifyOutcome {
    let result = script.withLock { script in
      script.requests.append(request)
      return script.verify
    }
    return try result.get()
  }

  func heartbeat(
    _: GameSessionID,
    user: ProviderUserID,
    game _: GameID
  ) async throws(ServiceFault) -> HeartbeatOutcome {
    let result = script.withLock { script in
      script.users.append(user)
      return script.heartbeat
    }
    return try result.get()
  }

  func end(
    _: GameSessionID,
    game _: GameID,
    requestID: String
  ) async throws(ServiceFault) -> EndOutcome {
    let result = script.withLock { script in
      script.requestIDs.append(requestID)
      return script.end
    }
    return try result.get()
  }
}

final class LauncherSessionsDouble: LauncherSessions {
  private let script: Mutex<Script>

  struct Script {
    var access: Result<CafeAccess?, ServiceFault> = .success(nil)
    var start: Result<LauncherStartOutcome, ServiceFault> = .success(.suspended)
    var token: Result<TokenOutcome, ServiceFault> = .success(.launcherGone)
    var pulse: Result<LauncherPulse?, ServiceFault> = .success(nil)
    var end: Result<Bool, ServiceFault> = .success(false)
    var isAlive: Result<Bool, ServiceFault> = .success(true)
    var starts: [LauncherStart] = []
    var requestIDs: [String] = []
  }

  init(_ change: (inout Script) -> Void = { _ in }) {
    var script = Script()
    change(&script)
    self.script = Mutex(script)
  }

  var asked: Script { script.withLock { $0 } }

  func access(to _: CafeID) async throws(ServiceFault) -> CafeAccess? {
    try asked.access.get()
  }

  func start(_ request: LauncherStart) async throws(ServiceFault) -> LauncherStartOutcome {
    let result = script.withLock { script in
      script.starts.append(request)
      return script.start
    }
    return try result.get()
  }

  func issueToken(
    for _: LauncherSessionID,
    game _: Game
  ) async throws(ServiceFault) -> TokenOutcome {
    try asked.token.get()
  }

  func isAlive(_: LauncherSessionID) async throws(ServiceFault) -> Bool {
    try asked.isAlive.get()
  }

  func heartbeat(_: LauncherSessionID) async throws(ServiceFault) -> LauncherPulse? {
    try asked.pulse.get()
  }

  func end(_: LauncherSessionID, requestID: String) async throws(ServiceFault) -> Bool {
    let result = script.withLock { script in
      script.requestIDs.append(requestID)
      return script.end
    }
    return try result.get()
  }
}

struct CatalogDouble: GameCatalog {
  var keys: [[UInt8]: Game] = [:]
  var known: [Game] = []
  var fault: ServiceFault?

  func game(apiKeyDigest: [UInt8]) throws(ServiceFault) -> Game? {
    if let fault { throw fault }
    return keys[apiKeyDigest]
  }

  func games() throws(ServiceFault) -> [GameID: Game] {
    if let fault { throw fault }
    return Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0) })
  }
}

struct ReadinessDouble: Readiness {
  var list: [String] = []
  var inquiry: @Sendable () async -> Void = {}

  func faults() async -> [String] {
    await inquiry()
    return list
  }
}

/// A log whose lines a test can read.
struct LogDouble: LogHandler {
  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
  }

  let lines = Lines()
  var logLevel = Logger.Level.trace
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let members = event.metadata.map { "\($0)" } ?? ""
    lines.append("\(event.level) \(event.message) \(members)")
  }
}
