import Domain

/// Writes the ledger of a partition line by line, as the scripts would, at times that the test
/// chooses. Tests then falsify what it wrote.
struct Book {
  /// A session in it.
  struct Play {
    let id: String
    let cafe: String
    let pc: String
    let game: String
    let rule: BillingRule
    let start: Int64
    var billed: Int64 = 0
    var sequence: Int64 = 1

    func cost(_ seconds: Int64) -> Int64 { rule.cost(seconds: seconds).milliGCoin }
  }

  let partition = Partition(number: 3)
  /// Unix milliseconds; never before that of the latest line.
  var now: Int64 = 1_772_000_000_000
  var lines: [LedgerLine] = []
  var balances: [String: Int64] = [:]

  mutating func write(_ kind: String, _ members: [(String, LedgerLine.Value)]) {
    let sequence = Int64(lines.count + 1)
    let head: [(String, LedgerLine.Value)] = [
      ("seq", .integer(sequence)), ("at", .integer(now)), ("kind", .text(kind)),
    ]
    lines.append(
      LedgerLine(
        partition: partition,
        streamID: "\(now)-\(sequence)",
        members: (head + members).map { .init(name: $0.0, value: $0.1) }
      )
    )
  }

  /// Any entry that moves a balance outside of a session.
  mutating func book(_ amount: Int64, _ kind: String = "topup", cafe: String = "north") {
    balances[cafe, default: 0] += amount
    write(
      kind,
      [
        ("cafe_id", .text(cafe)), ("amount_mgcoin", .integer(amount)),
        ("balance_mgcoin", .integer(balances[cafe] ?? 0)), ("ref", .text("r\(lines.count)")),
      ]
    )
  }

  mutating func start(
    _ id: String,
    cafe: String = "north",
    pc: String = "PC-1",
    game: String = "tower",
    rate: Int64 = 36_000
  ) -> Play {
    let tariff = Tariff(milliGCoinPerHour: rate)!
    let play = Play(
      id: id,
      cafe: cafe,
      pc: pc,
      game: game,
      rule: BillingRule(tariff: tariff),
      start: now
    )
    write(
      "start",
      members(of: play) + [
        ("billed_sec", .integer(0)), ("provider_user_id", .text("1001")),
        ("external_ip", .text("203.0.113.7")),
        ("launcher_session_id", .text("ls_00030000-0000-8000-8000-000000000001")),
        ("rate_mgcoin_per_hour", .integer(rate)),
      ]
    )
    return play
  }

  /// A debit up to so many seconds, or a reversal down to them.
  mutating func bill(_ play: inout Play, to seconds: Int64) {
    let amount = play.cost(play.billed) - play.cost(seconds)
    play.billed = seconds
    guard amount != 0 else { return }
    play.sequence += 1
    balances[play.cafe, default: 0] += amount
    write(
      amount < 0 ? "debit" : "reversal",
      members(of: play) + [
        ("amount_mgcoin", .integer(amount)),
        ("balance_mgcoin", .integer(balances[play.cafe] ?? 0)), ("billed_sec", .integer(seconds)),
      ]
    )
  }

  /// An outage of the service, or a hold of one game by hand, that ends now.
  mutating func hold(from: Int64, game: String? = nil) {
    let times: [(String, LedgerLine.Value)] = [
      ("held_from", .integer(from)), ("held_until", .integer(now)),
    ]
    if let game {
      write("hold_off", [("game_id", .text(game))] + times)
    } else {
      write("outage", [("reason", .text("service"))] + times)
    }
  }

  /// A line of a session that moves no money.
  mutating func note(_ kind: String, _ play: inout Play) {
    play.sequence += 1
    write(kind, members(of: play) + [("billed_sec", .integer(play.billed))])
  }

  /// The end, at the present time unless it is told.
  mutating func end(
    _ play: inout Play,
    _ reason: String = "normal",
    at endedAt: Int64? = nil,
    held: Int64 = 0
  ) {
    play.sequence += 1
    let endedAt = endedAt ?? now
    let seconds = (endedAt - play.start) / 1000
    write(
      "end",
      members(of: play) + [
        ("billed_sec", .integer(play.billed)), ("reason", .text(reason)),
        ("ended_at", .integer(endedAt)), ("last_heartbeat_at", .integer(endedAt)),
        ("play_duration_sec", .integer(seconds)), ("billable_sec", .integer(play.billed)),
        ("unbilled_grace_sec", .integer(seconds - held - play.billed)),
        ("held_sec", .integer(held)),
      ]
    )
  }

  private func members(of play: Play) -> [(String, LedgerLine.Value)] {
    [
      ("cafe_id", .text(play.cafe)), ("pc_id", .text(play.pc)), ("game_id", .text(play.game)),
      ("game_session_id", .text(play.id)), ("session_seq", .integer(play.sequence)),
    ]
  }
}

extension LedgerLine {
  /// The same line with another value of a member that it has.
  func with(_ name: String, _ value: Value) -> LedgerLine {
    LedgerLine(
      partition: partition,
      streamID: streamID,
      members: members.map { $0.name == name ? Member(name: name, value: value) : $0 }
    )
  }
}
