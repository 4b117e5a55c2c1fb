import Domain
import RedisClient

/// The launcher API's port on Redis: each call is one script.
public struct RedisLauncherSessions: LauncherSessions {
  private let link: RedisLink
  private let secrets: LauncherSecrets

  /// The port over a link; the secrets are derived from the master keys.
  public init(link: RedisLink, secrets: LauncherSecrets) {
    self.link = link
    self.secrets = secrets
  }

  public func access(to cafe: CafeID) async throws(ServiceFault) -> CafeAccess? {
    let key = link.keys.key(
      .cafe,
      cafe.text,
      in: Partition(of: cafe, count: link.keys.partitionCount)
    )
    let reply = try await link.send(
      RedisCommand(
        "HMGET",
        key,
        "networks",
        "generation",
        "salt",
        "master",
        "previous_generation",
        "previous_salt",
        "previous_master"
      )
    )
    guard case .array(let values) = reply, values.count == 7 else {
      throw .broken("HMGET of a cafe answered \(reply)")
    }
    guard let networks = values[0].textIfAny else { return nil }
    return CafeAccess(
      launcherSecrets: [values[1...3], values[4...6]]
        .compactMap { fields in
          let fields = fields.map { $0.textIfAny ?? "" }
          return secrets.secret(
            of: cafe,
            generation: fields[0],
            salt: fields[1],
            masterKeyID: fields[2]
          )
        },
      networks: networks.split(separator: " ").compactMap { Network(String($0)) }
    )
  }

  public func start(_ request: LauncherStart) async throws(ServiceFault) -> LauncherStartOutcome {
    let partition = Partition(of: request.cafe, count: link.keys.partitionCount)
    let id: LauncherSessionID = link.newID(in: partition)
    var reply = try await link.run(
      link.scripts.launcherStart,
      in: partition,
      [
        request.cafe.text,
        request.pc.text,
        id.description,
        request.nonce,
        request.externalAddress.description,
        request.isInsideCafe ? "1" : "0",
        request.evidence.internalAddress,
        request.evidence.bootID ?? "",
        request.evidence.launcherVersion ?? "",
        request.evidence.hardware ?? "",
      ]
    )
    switch try reply.text() {
    case "started": return .started(id)
    case "replayed": return .replayed
    case "outside": return .outsideCafe
    case "suspended": return .suspended
    case "full": return .tooManyPCs
    case let name: throw reply.unknown(name)
    }
  }

  public func issueToken(
    for launcher: LauncherSessionID,
    game: Game
  ) async throws(ServiceFault) -> TokenOutcome {
    let token: OneTimeToken = link.newID(in: launcher.partition)
    var reply = try await link.run(
      link.scripts.launcherToken,
      in: launcher.partition,
      [
        launcher.description, token.description, game.id.text,
        String(game.tariff.milliGCoinPerHour),
      ]
    )
    switch try reply.text() {
    case "issued": return .issued(token)
    case "not_chargeable": return .notChargeable
    case "gone": return .launcherGone
    case let name: throw reply.unknown(name)
    }
  }

  public func isAlive(_ launcher: LauncherSessionID) async throws(ServiceFault) -> Bool {
    var reply = try await link.run(
      link.scripts.launcherAlive,
      in: launcher.partition,
      [launcher.description]
    )
    return try reply.text() == "alive"
  }

  public func heartbeat(
    _ launcher: LauncherSessionID
  ) async throws(ServiceFault) -> LauncherPulse? {
    var reply = try await link.run(
      link.scripts.launcherHeartbeat,
      in: launcher.partition,
      [launcher.description]
    )
    switch try reply.text() {
    case "gone": return nil
    case "idle": return LauncherPulse(gameSession: nil)
    case "alive":
      let pulse = try reply.pulse()
      let id = try reply.parsed(link.gameSessionID)
      let game = try reply.parsed(GameID.init)
      return LauncherPulse(gameSession: .init(id: id, game: game, pulse: pulse))
    case let name: throw reply.unknown(name)
    }
  }

  public func end(
    _ launcher: LauncherSessionID,
    requestID: String
  ) async throws(ServiceFault) -> Bool {
    var reply = try await link.runReplicated(
      link.scripts.launcherEnd,
      in: launcher.partition,
      [launcher.description, requestID]
    )
    switch try reply.text() {
    case "ended": return true
    case "gone": return false
    case let name: throw reply.unknown(name)
    }
  }
}

extension RedisReply {
  /// The text of a string reply; nil for a value that is not there.
  var textIfAny: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
