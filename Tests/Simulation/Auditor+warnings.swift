import Domain

/// What the ledger says of a cafe as a whole: that its balance will not last, that it fell silent.
extension Auditor {
  /// Sessions that fall silent within a session's TTL before the cafe is named, and how many in a
  /// hundred of its living ones they must be.
  private static let silentSessions = 5
  private static let silentPercent = 80

  /// The cafe's remaining time as a step sees it now.
  func warnings(_ cafe: CafeID) -> Warnings {
    let (balance, spending) = (balance(cafe), spending(cafe))
    // So many hours of money for so many minutes: 60 × balance < minutes × spending.
    let level = terms.lowBalance.prefix { balance * 60 < $0 * spending }.count
    return Warnings(cafe: cafe, balance: balance, level: level)
  }

  /// Each threshold is told once for each fall below it.
  mutating func expect(_ warnings: Warnings, _ pages: inout Pages) {
    var found: [Line] = []
    while let line = pages.upcoming, line.isOf(.lowBalance),
      line.text("cafe_id") == warnings.cafe.text
    {
      found.append(line)
      _ = pages.next()
    }
    let told = cafes[warnings.cafe]?.told ?? []
    let isRight = told.contains { before in
      found == (before..<max(before, warnings.level)).map { line($0, warnings) }
    }
    let level = warnings.level
    expect(isRight, "\(warnings.cafe) is below \(level), was told \(told), wrote \(found)")
    cafes[warnings.cafe]?.told = [warnings.level]
  }

  private func line(_ place: Int, _ warnings: Warnings) -> Line {
    var line = Line(.lowBalance, warnings.cafe)
    line.set("balance_mgcoin", warnings.balance)
    line.set("threshold_minutes", terms.lowBalance[place])
    return line
  }

  /// A step that debited nothing and found nothing new may have been done here: then the cafe is
  /// told again at its next fall.
  mutating func allowSilentStep(_ cafe: CafeID) {
    guard let told = cafes[cafe]?.told else { return }
    let level = warnings(cafe).level
    if told.contains(where: { $0 >= level }) { cafes[cafe]?.told.insert(level) }
  }

  mutating func allowSilentSteps(_ partition: Partition) {
    let playing = Set(live.compactMap { sessions[$0]?.cafe })
    for cafe in playing where self.partition(of: cafe) == partition { allowSilentStep(cafe) }
  }

  /// Counts a session that ended because its heartbeats stopped. Returns the line when nearly all
  /// of the cafe has, once until they have stopped coming.
  mutating func fallSilent(_ cafe: CafeID, _ at: Moment) -> Line? {
    let since = at.now - terms.sessionTTL
    var silences = (cafes[cafe]?.silences ?? []).filter { $0 >= since }
    silences.append(at.now)
    cafes[cafe]?.silences = silences
    let wasTold = cafes[cafe]?.silencedAt.map { $0 >= since } ?? false
    let living = live.count { sessions[$0]?.cafe == cafe }
    guard silences.count >= Self.silentSessions,
      silences.count * 100 >= (silences.count + living) * Self.silentPercent
    else { return nil }
    cafes[cafe]?.silencedAt = at.now
    guard !wasTold else { return nil }
    var line = Line(.outage, cafe)
    line.set("reason", "cafe")
    return line
  }
}
