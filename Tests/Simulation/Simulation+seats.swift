import Domain
import RedisStore
import Support

/// What players, launchers and game servers do.
extension Simulation {
  private static let hour: Int64 = 3_600_000
  /// A client that gets no answer tries so often.
  static let attempts = 5

  func after(_ milliseconds: Int64) -> Int64 { now + milliseconds }

  mutating func act(_ action: Action) async throws {
    switch action {
    case .arrive(let seat): try await arrive(seat)
    case .launcherBeat(let seat, let launcher): try await beat(seat, launcher)
    case .choose(let seat, let launcher): try await choose(seat, launcher)
    case .verify(let seat, let request, let attempt): try await verify(seat, request, attempt)
    case .beat(let session): try await beat(session)
    case .fate(let session): try await meetFate(session)
    case .end(let session, let request, let attempt): try await end(session, request, attempt)
    case .endLauncher(let seat, let launcher, let request, let attempt):
      try await endLauncher(seat, launcher, request, attempt)
    case .operate(let cafe): try await operate(cafe)
    case .book(let cafe, let entry, let attempt): try await book(entry, cafe, attempt)
    case .resume(let cafe): try await resume(cafe)
    case .enable(let game): try await change(game, games[game].tariff, isEnabled: true)
    case .endByHand(let session): _ = try await make(.operatorEnd(session))
    case .beginHold(let cafe): try await hold(cafe)
    case .endHold(let cafe): try await endHold(cafe)
    case .goAway: goAway()
    case .bill(let partition): try await bill(partition)
    }
  }

  /// Nobody sits here any more; somebody will, mostly soon, at times on another day.
  private mutating func vacate(_ seat: Int) {
    seats[seat].attempts = 0
    let isSoon = seats[seat].random.isLikely(25)
    let pause = seats[seat].random.number(isSoon ? 5_000...900_000 : Self.hour...96 * Self.hour)
    agenda.add(.arrive(seat: seat), at: after(pause))
  }

  // MARK: The launcher

  private mutating func arrive(_ seat: Int) async throws {
    let isReplay = !seats[seat].nonce.isEmpty && seats[seat].random.isLikely(3)
    let nonce = isReplay ? seats[seat].nonce : "nonce-\(tally.steps)-\(seat)"
    let place = seats[seat].place
    switch try await make(.startLauncher(place.cafe, place.pc, nonce: nonce)) {
    case .launcher(.started(let launcher)):
      seats[seat].launcher = launcher
      seats[seat].nonce = nonce
      seats[seat].isSilent = false
      seats[seat].attempts = 0
      let pause = seats[seat].random.number(1_000...40_000)
      agenda.add(.choose(seat: seat, launcher), at: after(pause))
      scheduleBeat(seat, launcher)
    case .unknown where seats[seat].attempts < Self.attempts:
      seats[seat].attempts += 1
      agenda.add(.arrive(seat: seat), at: after(seats[seat].random.number(500...8_000)))
    default:
      vacate(seat)
    }
  }

  private mutating func scheduleBeat(_ seat: Int, _ launcher: LauncherSessionID) {
    let pause = beatPause(&seats[seat].random)
    agenda.add(.launcherBeat(seat: seat, launcher), at: after(pause))
  }

  /// Every 120 s, more or less: early, late, and at times so late that one was lost.
  private func beatPause(_ random: inout Randomness) -> Int64 {
    switch random.number(0...99) {
    case 0..<4: random.number(1...20_000)
    case 4..<10: random.number(125_000...238_000)
    case 10..<11: random.number(239_000...245_000)
    default: random.number(110_000...120_500)
    }
  }

  private mutating func beat(_ seat: Int, _ launcher: LauncherSessionID) async throws {
    guard seats[seat].launcher == launcher, !seats[seat].isSilent else { return }
    switch try await make(.launcherBeat(launcher)) {
    case .launcherBeat(nil):
      seats[seat].launcher = nil
      vacate(seat)
    case .unknown:
      let pause = seats[seat].random.number(1_000...30_000)
      agenda.add(.launcherBeat(seat: seat, launcher), at: after(pause))
    default:
      scheduleBeat(seat, launcher)
    }
  }

  mutating func endLauncher(
    _ seat: Int,
    _ launcher: LauncherSessionID,
    _ request: String,
    _ attempt: Int
  ) async throws {
    guard case .unknown = try await make(.launcherEnd(launcher, request: request)),
      attempt < Self.attempts
    else {
      if seats[seat].launcher == launcher {
        seats[seat].launcher = nil
        vacate(seat)
      }
      return
    }
    let again = Action.endLauncher(seat: seat, launcher, request: request, attempt: attempt + 1)
    agenda.add(again, at: after(seats[seat].random.number(500...5_000)))
  }

  // MARK: The game

  private mutating func choose(_ seat: Int, _ launcher: LauncherSessionID) async throws {
    guard seats[seat].launcher == launcher, !seats[seat].isSilent else { return }
    // A launcher offers the games that admit players; now and then its list is an old one.
    let isListOld = seats[seat].random.isLikely(5)
    let offered = games.indices.filter { isListOld || games[$0].isEnabled }
    guard !offered.isEmpty else { return tryAgain(seat, launcher) }
    let index = seats[seat].random.one(of: offered)
    switch try await make(.token(launcher, games[index])) {
    case .token(.issued(let token)):
      let isWrongGame = seats[seat].random.isLikely(4)
      let request = VerifyRequest(
        token: token,
        user: ProviderUserID("user-\(seat)")!,
        game: games[isWrongGame ? (index + 1) % games.count : index],
        idempotencyKey: seats[seat].random.isLikely(60) ? "key-\(tally.steps)" : nil
      )
      // Now and then longer than a token lives.
      let limit: Int64 = seats[seat].random.isLikely(8) ? 90_000 : 20_000
      let pause = seats[seat].random.number(100...limit)
      agenda.add(.verify(seat: seat, request, attempt: 0), at: after(pause))
    case .unknown, .token(.notChargeable):
      tryAgain(seat, launcher)
    default:
      break
    }
  }

  private mutating func verify(
    _ seat: Int,
    _ request: VerifyRequest,
    _ attempt: Int
  ) async throws {
    let answer: Answer
    if seats[seat].random.isLikely(5) {
      answer = try await verifyTwice(request)
    } else {
      answer = try await make(.verify(request))
    }
    switch answer {
    case .verified(.started(let session)):
      seats[seat].attempts = 0
      guard plays[session] == nil else { return }
      begin(session, seat, request)
      // A token that was used is no good a second time, unless it is the same request.
      if seats[seat].random.isLikely(6) {
        let again = Action.verify(seat: seat, request, attempt: Self.attempts)
        agenda.add(again, at: after(seats[seat].random.number(1_000...700_000)))
      }
    case .unknown where attempt < Self.attempts:
      let again = Action.verify(seat: seat, request, attempt: attempt + 1)
      agenda.add(again, at: after(seats[seat].random.number(500...6_000)))
    case _ where attempt < Self.attempts:
      if let launcher = seats[seat].launcher { tryAgain(seat, launcher) }
    default:
      break
    }
  }

  /// Whoever is not let in tries again a few times and goes.
  private mutating func tryAgain(_ seat: Int, _ launcher: LauncherSessionID) {
    seats[seat].attempts += 1
    guard seats[seat].attempts < Self.attempts else {
      let request = "end-\(tally.steps)"
      let end = Action.endLauncher(seat: seat, launcher, request: request, attempt: 0)
      return agenda.add(end, at: after(1_000))
    }
    let pause = seats[seat].random.number(2_000...60_000)
    agenda.add(.choose(seat: seat, launcher), at: after(pause))
  }

  /// Two calls at once with the same token: one of them starts the session.
  private mutating func verifyTwice(_ request: VerifyRequest) async throws -> Answer {
    let at = moment(in: request.token.partition)
    guard at.now == at.server else { return try await make(.verify(request)) }
    let (one, other) = try await makeBoth(.verify(request), .verify(request))
    if case .verified(.started) = one { return one }
    return other
  }

  private mutating func begin(_ session: GameSessionID, _ seat: Int, _ request: VerifyRequest) {
    plays[session] = Play(seat: seat, user: request.user, game: request.game.id)
    let pause = beatPause(&seats[seat].random)
    agenda.add(.beat(session), at: after(pause))
    let isShort = seats[seat].random.isLikely(25)
    let length = seats[seat].random.number(isShort ? 500...240_000 : 240_000...1_800_000)
    agenda.add(.fate(session), at: after(length))
  }

  private mutating func beat(_ session: GameSessionID) async throws {
    guard let play = plays[session], !play.isSilent else { return }
    let call = Call.beat(session, play.user, play.game)
    var answer: Answer
    switch seats[play.seat].random.number(0...99) {
    case 0..<3: answer = try await makeBoth(call, call).0
    case 3..<5: answer = try await makeBoth(call, .bill(session.partition)).0
    case 5..<7:
      let stranger = seats[play.seat].random.isLikely(50)
      let user = stranger ? ProviderUserID("stranger")! : play.user
      let game = stranger ? play.game : GameID("other")!
      _ = try await make(.beat(session, user, game))
      answer = try await make(call)
    default: answer = try await make(call)
    }
    let pause: Int64
    switch answer {
    case .beat(.alive(let pulse)):
      let limit = pulse.graceSeconds.map { max(1, $0) * 1000 } ?? Int64.max
      pause = min(beatPause(&seats[play.seat].random), limit)
      if pulse.graceSeconds != nil { begForMoney(session) }
    case .unknown:
      pause = seats[play.seat].random.number(1_000...30_000)
    default:
      plays[session]?.isSilent = true
      return
    }
    agenda.add(.beat(session), at: after(pause))
  }
}
