import Domain
import Support

/// How sessions end.
extension Simulation {
  mutating func meetFate(_ session: GameSessionID) async throws {
    guard let play = plays[session] else { return }
    let seat = play.seat
    let request = "request-\(tally.steps)"
    switch seats[seat].random.weighted(Fate.weights) {
    case .end:
      try await end(session, request, 0)
    case .launcherExit:
      guard let launcher = seats[seat].launcher else { return }
      try await endLauncher(seat, launcher, request, 0)
    case .powerOff:
      plays[session]?.isSilent = true
      silence(seat)
    case .launcherSilent:
      silence(seat)
    case .serverSilent:
      plays[session]?.isSilent = true
      playOn(seat, within: 100_000...400_000)
    case .replace:
      playOn(seat, within: 500...5_000)
    case .restart:
      seats[seat].launcher = nil
      agenda.add(.arrive(seat: seat), at: after(1_000))
    case .operatorEnd:
      _ = try await make(.operatorEnd(session))
      playOn(seat, within: 500...150_000)
    case .lateEnd:
      plays[session]?.isSilent = true
      silence(seat)
      let pause = seats[seat].random.number(100_000...900_000)
      agenda.add(.end(session, request: request, attempt: 0), at: after(pause))
    }
  }

  /// The PC is switched off; another day somebody switches it on.
  private mutating func silence(_ seat: Int) {
    seats[seat].isSilent = true
    let pause = seats[seat].random.number(30_000...1_200_000)
    agenda.add(.arrive(seat: seat), at: after(pause))
  }

  /// The player stays and chooses once more.
  private mutating func playOn(_ seat: Int, within pauses: ClosedRange<Int64>) {
    guard let launcher = seats[seat].launcher else { return }
    let pause = seats[seat].random.number(pauses)
    agenda.add(.choose(seat: seat, launcher), at: after(pause))
  }

  mutating func end(
    _ session: GameSessionID,
    _ request: String,
    _ attempt: Int
  ) async throws {
    guard let play = plays[session] else { return }
    let seat = play.seat
    let call = Call.end(session, play.game, request: request)
    let answer: Answer
    switch seats[seat].random.number(0...99) {
    case 0..<4: answer = try await makeBoth(call, call).0
    case 4..<8: answer = try await makeBoth(call, .bill(session.partition)).0
    case 8..<12:
      answer = try await makeBoth(call, .beat(session, play.user, play.game)).0
    default: answer = try await make(call)
    }
    if case .unknown = answer, attempt < Self.attempts {
      let again = Action.end(session, request: request, attempt: attempt + 1)
      return agenda.add(again, at: after(seats[seat].random.number(500...5_000)))
    }
    if seats[seat].random.isLikely(15) {
      // The same request once more, or another one that comes too late.
      let other = seats[seat].random.isLikely(50) ? request : request + "-late"
      let pause = seats[seat].random.number(100...700_000)
      agenda.add(.end(session, request: other, attempt: Self.attempts), at: after(pause))
    } else if attempt < Self.attempts {
      leave(seat, request)
    }
  }

  /// Most players go when they have played; some choose another game.
  private mutating func leave(_ seat: Int, _ request: String) {
    guard let launcher = seats[seat].launcher else { return }
    if seats[seat].random.isLikely(30) { return playOn(seat, within: 1_000...100_000) }
    let action = Action.endLauncher(seat: seat, launcher, request: request, attempt: 0)
    agenda.add(action, at: after(seats[seat].random.number(500...30_000)))
  }
}
