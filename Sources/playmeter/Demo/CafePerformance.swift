import Domain

/// The operator's part in one cafe: money is taken back, and paid in once the players are in grace.
struct CafePerformance: Sendable {
  /// How often it looks whether the players are in grace, in beats.
  private static let lookBeats = 0.1

  let index: Int
  let cafe: CafeID
  let script: Evening.Cafe
  let desk: DemoOperator
  let stage: Stage
  let timeline: Timeline

  private var allowance: Allowance { Allowance(beat: timeline.beat) }

  /// Performs the operator's part.
  func perform() async throws {
    try await timeline.wait(for: script.correctionBeat)
    try await correct()
    try await waitInGrace()
    try await rescue()
  }

  /// Pays in what the cafe lacks for the evening, and returns what it had.
  func open(milliGCoinPerHour rate: Int64) async throws(DemoError) -> Money {
    let account = try await desk.account(of: cafe)
    guard account.milliGCoinPerHour == 0 else {
      throw .unusable("somebody plays in \(cafe): the demonstration needs cafes of its own")
    }
    let pcs = "\(script.pcs.count) PCs are switched on"
    await stage.note("\(pcs); the balance is \(account.balance.gCoinText)", atCafe: index)
    let lack = allowance.opening(milliGCoinPerHour: rate) - account.balance
    if lack > .zero {
      try await desk.topUp(cafe, by: lack, step: "opening")
      await stage.book(lack, forCafe: index, "the cafe pays in \(lack.gCoinText) G-coin")
    }
    return account.balance
  }

  private func correct() async throws(DemoError) {
    let account = try await desk.account(of: cafe)
    let amount = allowance.correction(
      of: account.balance,
      milliGCoinPerHour: account.milliGCoinPerHour
    )
    guard amount > .zero else { return }
    let negative = Money.zero - amount
    let reason = "the bank returned a payment"
    try await desk.adjust(cafe, by: negative, reason: reason, step: "correction")
    let text = "\(reason): the operator takes back \(amount.gCoinText) G-coin"
    await stage.book(negative, forCafe: index, text)
  }

  /// Waits until the players have been told that the money is spent, and then half of their grace,
  /// but no longer than a beat.
  private func waitInGrace() async throws {
    while true {
      if let seconds = await stage.graceSeconds(ofCafe: index) {
        return try await Task.sleep(for: min(.seconds(seconds) / 2, timeline.beat))
      }
      try await Task.sleep(for: timeline.beat * Self.lookBeats)
    }
  }

  private func rescue() async throws(DemoError) {
    let account = try await desk.account(of: cafe)
    let amount = allowance.rescue(script.rescue, milliGCoinPerHour: account.milliGCoinPerHour)
    guard amount > .zero else { return }
    try await desk.topUp(cafe, by: amount, step: "rescue")
    let text = "the cafe pays in \(amount.gCoinText) G-coin"
    switch script.rescue {
    case .enough: await stage.book(amount, forCafe: index, text)
    case .tooLittle:
      await stage.book(amount, forCafe: index, text + ", which is less than a minute's play")
    }
  }
}
