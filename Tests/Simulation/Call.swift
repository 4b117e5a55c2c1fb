import Domain
import RedisStore

/// A call that an actor makes of the service, with everything that a repeat needs.
public enum Call: Sendable {
  case startLauncher(CafeID, PCID, nonce: String)
  case token(LauncherSessionID, Game)
  case verify(VerifyRequest)
  case beat(GameSessionID, ProviderUserID, GameID)
  case end(GameSessionID, GameID, request: String)
  case launcherBeat(LauncherSessionID)
  case launcherEnd(LauncherSessionID, request: String)
  case book(CafeID, BalanceEntry)
  case suspend(CafeID, endSessions: Bool)
  case resume(CafeID)
  case operatorEnd(GameSessionID)
  case hold(Bool, CafeID)
  case bill(Partition)
}

extension Call {
  /// The partition on which it first looks whether the service was away; nil for what an operator
  /// does without a look at any session.
  func servedPartition(_ count: Int) -> Partition? {
    switch self {
    case .startLauncher(let cafe, _, _): Partition(of: cafe, count: count)
    case .token(let launcher, _), .launcherBeat(let launcher), .launcherEnd(let launcher, _):
      launcher.partition
    case .verify(let request): request.token.partition
    case .beat(let session, _, _), .end(let session, _, _), .operatorEnd(let session):
      session.partition
    case .bill(let partition): partition
    case .book, .suspend, .resume, .hold: nil
    }
  }
}

/// What an actor was told.
public enum Answer: Sendable, Equatable {
  case launcher(LauncherStartOutcome)
  case token(TokenOutcome)
  case verified(VerifyOutcome)
  case beat(HeartbeatOutcome)
  case end(EndOutcome)
  case launcherBeat(LauncherPulse?)
  case launcherEnd(Bool)
  case booked(Booking)
  case done
  case held(isChanged: Bool)
  case refused(AdministrationError)
  case billed(closed: Int, debited: Int64, isFull: Bool, setAside: [String])
  /// Nothing but that something went wrong: the call may have been done or not.
  case unknown(ServiceFault)

  var isUnknown: Bool {
    if case .unknown = self { true } else { false }
  }
}

extension Instance {
  /// Makes a call as the routes, the worker or the operator's commands do.
  public func perform(_ call: Call) async -> Answer {
    await ports.perform(call)
  }
}

extension Ports {
  func perform(_ call: Call) async -> Answer {
    do throws(ServiceFault) {
      return try await answer(to: call)
    } catch {
      return .unknown(error)
    }
  }

  private func answer(to call: Call) async throws(ServiceFault) -> Answer {
    switch call {
    case .startLauncher(let cafe, let pc, let nonce):
      .launcher(try await launchers.start(Self.start(cafe, pc, nonce)))
    case .token(let launcher, let game):
      .token(try await launchers.issueToken(for: launcher, game: game))
    case .verify(let request):
      .verified(try await games.verify(request))
    case .beat(let session, let user, let game):
      .beat(try await games.heartbeat(session, user: user, game: game))
    case .end(let session, let game, let request):
      .end(try await games.end(session, game: game, requestID: request))
    case .launcherBeat(let launcher):
      .launcherBeat(try await launchers.heartbeat(launcher))
    case .launcherEnd(let launcher, let request):
      .launcherEnd(try await launchers.end(launcher, requestID: request))
    case .book, .suspend, .resume, .operatorEnd, .hold:
      try await administer(call)
    case .bill(let partition):
      try await bill(partition)
    }
  }

  private func administer(_ call: Call) async throws(ServiceFault) -> Answer {
    do throws(AdministrationError) {
      switch call {
      case .book(let cafe, let entry):
        return .booked(try await administration.book(entry, for: cafe))
      case .suspend(let cafe, let endSessions):
        _ = try await administration.suspend(cafe, endSessions: endSessions)
      case .resume(let cafe):
        _ = try await administration.resume(cafe)
      case .operatorEnd(let session):
        _ = try await administration.endSession(session.description)
      case .hold(let isOn, let cafe):
        let scope = HoldScope(cafe: cafe)
        return .held(isChanged: try await administration.switchHold(isOn, for: scope))
      case .startLauncher, .token, .verify, .beat, .end, .launcherBeat, .launcherEnd, .bill:
        preconditionFailure("Only an operator's calls come here.")
      }
      return .done
    } catch {
      if case .fault(let fault) = error { throw fault }
      return .refused(error)
    }
  }

  private func bill(_ partition: Partition) async throws(ServiceFault) -> Answer {
    let batch = try await billing.step(partition)
    return .billed(
      closed: batch.closed,
      debited: batch.debited.milliGCoin,
      isFull: batch.isFull,
      setAside: batch.setAside.map { "\($0.entry): \($0.fault)" }
    )
  }

  private static func start(_ cafe: CafeID, _ pc: PCID, _ nonce: String) -> LauncherStart {
    LauncherStart(
      cafe: cafe,
      pc: pc,
      nonce: nonce,
      externalAddress: IPAddress("203.0.113.7")!,
      isInsideCafe: true,
      evidence: LauncherEvidence(
        internalAddress: "192.168.0.7",
        bootID: nil,
        launcherVersion: nil,
        hardware: nil
      )
    )
  }
}
