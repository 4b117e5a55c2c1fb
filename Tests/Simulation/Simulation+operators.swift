import Domain
import RedisClient
import RedisStore
import Support

/// What operators and the billing worker do.
extension Simulation {
  /// Milli-G-coin an hour: the plain one, one with awkward remainders, the smallest and a dear one.
  private static let rates: [Int64] = [230_000, 36_001, 60, 7_654_321]

  /// Cafes, seats and games, and the first money.
  mutating func furnish() async throws {
    let administration = instances[0].administration
    holdClock()
    for (number, rate) in Self.rates.enumerated() {
      let game = Game(
        id: GameID("game-\(number)")!,
        name: "Game \(number)",
        tariff: Tariff(milliGCoinPerHour: rate)!,
        launchURL: nil,
        isEnabled: true
      )
      _ = try await administration.createGame(game)
      games.append(game)
    }
    for number in 1...options.cafes {
      let cafe = CafeID("cafe-\(number)")!
      let network = Network("203.0.113.0/24")!
      _ = try await administration.createCafe(
        NewCafe(id: cafe, name: "Cafe \(number)", networks: [network])
      )
      cafes.append(cafe)
      auditor.cafes[cafe] = AuditedCafe()
      let partition = Partition(of: cafe, count: stage.keys.partitionCount)
      _ = try await readLedger(partition)
      for pc in 1...options.pcsPerCafe {
        let place = Place(cafe: cafe, pc: PCID("PC-\(pc)")!)
        seats.append(Seat(place: place, random: random.fork()))
        agenda.add(.arrive(seat: seats.count - 1), at: random.number(0...3_600_000))
      }
      agenda.add(.operate(cafe), at: 0)
    }
  }

  /// Now and then an operator looks after a cafe.
  mutating func operate(_ cafe: CafeID) async throws {
    let isBusy = auditor.live.contains { auditor.sessions[$0]?.cafe == cafe }
    let limit: Int64 = isBusy ? 1_500_000 : 20_000_000
    agenda.add(.operate(cafe), at: after(random.number(60_000...limit)))
    if hasHolds, isBusy, random.isLikely(25) { return try await hold(cafe) }
    switch random.number(0...99) {
    case 0..<60: try await book(topUp(for: cafe), cafe, 0)
    case 60..<72: try await book(adjustment(), cafe, 0)
    case 72..<80: try await repeatReference(of: cafe)
    case 80..<86: try await changeGame()
    case 86..<92:
      _ = try await make(.suspend(cafe, endSessions: random.isLikely(30)))
      agenda.add(.resume(cafe), at: after(random.number(5_000...300_000)))
    default: break
    }
  }

  mutating func resume(_ cafe: CafeID) async throws {
    if case .unknown = try await make(.resume(cafe)) {
      agenda.add(.resume(cafe), at: after(2_000))
    }
  }

  /// Mostly a little, so that money runs out often; nothing for the rich.
  private mutating func topUp(for cafe: CafeID) -> BalanceEntry {
    let isRich = auditor.balance(cafe) > 2_000_000
    let most: Int64 = isRich ? 100 : random.one(of: [2_000, 60_000, 900_000])
    let amount = Money(milliGCoin: random.number(1...most))
    return .topup(amount, ref: BookingReference("invoice-\(tally.steps)")!)
  }

  private mutating func adjustment() -> BalanceEntry {
    let amount = Money(milliGCoin: random.number(-50_000...20_000))
    let reference = BookingReference("correction-\(tally.steps)")!
    return .adjustment(amount, ref: reference, reason: "drawn")
  }

  mutating func book(_ entry: BalanceEntry, _ cafe: CafeID, _ attempt: Int) async throws {
    guard entry.amount != .zero else { return }
    if case .unknown = try await make(.book(cafe, entry)), attempt < Self.attempts {
      let again = Action.book(cafe, entry, attempt: attempt + 1)
      agenda.add(again, at: after(random.number(500...10_000)))
    }
  }

  /// A reference that is there already: the same entry, or another one in its name.
  private mutating func repeatReference(of cafe: CafeID) async throws {
    let booked = auditor.cafes[cafe]?.references.values
      .sorted {
        $0.reference.text < $1.reference.text
      }
    guard let booked, !booked.isEmpty else { return }
    let entry = random.one(of: booked)
    if random.isLikely(60) { return try await book(entry, cafe, 0) }
    let amount = Money(milliGCoin: entry.amount.milliGCoin + 1)
    try await book(.topup(amount, ref: entry.reference), cafe, 0)
  }

  /// A new rate, or a game that admits nobody for a while.
  private mutating func changeGame() async throws {
    let index = Int(random.number(0...Int64(games.count - 1)))
    guard random.isLikely(60) else {
      agenda.add(.enable(game: index), at: after(random.number(60_000...1_200_000)))
      return try await change(index, games[index].tariff, isEnabled: false)
    }
    let tariff = Tariff(milliGCoinPerHour: random.one(of: Self.rates + [99_999]))!
    try await change(index, tariff, isEnabled: games[index].isEnabled)
  }

  mutating func change(_ index: Int, _ tariff: Tariff, isEnabled: Bool) async throws {
    // Redis may have been started anew just now, and this is no call that faults hit.
    _ = try await instances[0].link.read([RedisCommand("PING")])
    let change = GameChange(tariff: tariff, isEnabled: isEnabled)
    let id = games[index].id
    let report = try await instances[0].administration.updateGame(id, change)
    guard report.game.tariff == tariff, report.game.isEnabled == isEnabled else {
      throw SupportError("\(id) was not changed: \(report)")
    }
    games[index] = report.game
  }

  /// Somebody in grace asks for money; it comes in time or not, and it is enough or not. Where
  /// there are holds, some get one as well.
  mutating func begForMoney(_ session: GameSessionID) {
    guard let audited = auditor.sessions[session], random.isLikely(50) else { return }
    if hasHolds, random.isLikely(30) { agenda.add(.beginHold(audited.cafe), at: after(5_000)) }
    let minute = audited.rate / 60 + 1
    let amount = Money(milliGCoin: max(1, random.number(1...4 * minute)))
    let reference = BookingReference("rescue-\(tally.steps)")!
    let entry = BalanceEntry.topup(amount, ref: reference)
    agenda.add(.book(audited.cafe, entry, attempt: 0), at: after(random.number(500...130_000)))
  }

  // MARK: Billing

  /// The worker looks at a partition when something is due there, at most a second late; now and
  /// then it is busy elsewhere for longer.
  mutating func schedulePoll(of partition: Partition, due: Int64) {
    let lag = faultRandom.isLikely(2) ? 20_000 : Self.poll - 1
    let time = max(now, due) + faultRandom.number(1...lag)
    if let planned = polls[partition], planned <= time, planned > now { return }
    polls[partition] = time
    agenda.add(.bill(partition), at: time)
  }

  mutating func bill(_ partition: Partition) async throws {
    guard let planned = polls[partition], planned <= now else { return }
    polls[partition] = nil
    while case .billed(_, _, true, _) = try await make(.bill(partition)) {}
  }
}
