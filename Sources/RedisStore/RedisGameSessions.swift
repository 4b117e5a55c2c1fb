import Domain

/// The game API's port on Redis: each call is one script.
public struct RedisGameSessions: GameSessions {
  private let link: RedisLink

  /// The port over a link.
  public init(link: RedisLink) {
    self.link = link
  }

  public func verify(_ request: VerifyRequest) async throws(ServiceFault) -> VerifyOutcome {
    let partition = request.token.partition
    let session: GameSessionID = link.newID(in: partition)
    var reply = try await link.run(
      link.scripts.gameVerify,
      in: partition,
      [
        request.token.description,
        session.description,
        request.game.id.text,
        request.user.text,
        String(request.game.tariff.milliGCoinPerHour),
        request.game.isEnabled ? "1" : "0",
        request.idempotencyKey ?? "",
      ]
    )
    switch try reply.text() {
    case "started": return .started(try reply.parsed(link.gameSessionID))
    case "refused": return .refused(try reply.parsed(VerifyRefusal.init))
    case "clock": throw .unavailable("the clock of Redis went back by more than 5 s")
    case let name: throw reply.unknown(name)
    }
  }

  public func heartbeat(
    _ session: GameSessionID,
    user: ProviderUserID,
    game: GameID
  ) async throws(ServiceFault) -> HeartbeatOutcome {
    var reply = try await link.run(
      link.scripts.gameHeartbeat,
      in: session.partition,
      [session.description, user.text, game.text]
    )
    switch try reply.text() {
    case "alive": return .alive(try reply.pulse())
    case "replaced": return .replaced(playSeconds: try reply.integer())
    case "ending": return .ending
    case "ended": return .ended
    case "not_found": return .notFound
    case let name: throw reply.unknown(name)
    }
  }

  public func end(
    _ session: GameSessionID,
    game: GameID,
    requestID: String
  ) async throws(ServiceFault) -> EndOutcome {
    try await link.end(session, arguments: [game.text, "normal", requestID])
  }
}

extension RedisLink {
  /// Reads a session identifier of ours.
  func gameSessionID(_ text: String) -> GameSessionID? {
    GameSessionID(text, partitionCount: keys.partitionCount)
  }

  /// Ends a session; the arguments are the game or nothing, the cause and the request's id.
  func end(
    _ session: GameSessionID,
    arguments: [String]
  ) async throws(ServiceFault) -> EndOutcome {
    var reply = try await runReplicated(
      scripts.gameEnd,
      in: session.partition,
      [session.description] + arguments
    )
    switch try reply.text() {
    case "ended": return .ended(playSeconds: try reply.integer())
    case "already": return .alreadyEnded
    case "not_found": return .notFound
    case let name: throw reply.unknown(name)
    }
  }
}

extension ReplyReader {
  /// Play seconds, remaining seconds, and the seconds that the grace lasts or −1.
  mutating func pulse() throws(ServiceFault) -> Pulse {
    let play = try integer()
    let remaining = try integer()
    let grace = try integer()
    return Pulse(
      playSeconds: play,
      remainingSeconds: remaining,
      graceSeconds: grace < 0 ? nil : grace
    )
  }
}
