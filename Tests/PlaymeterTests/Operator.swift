import Domain
import Synchronization

/// The operator's port with one game, three cafes and one session, that remembers what it was
/// asked.
final class Operator: Administration {
  private let asked = Mutex<[String]>([])
  private let refusal: AdministrationError?

  /// What was asked, in order.
  var calls: [String] { asked.withLock { $0 } }

  /// A port that refuses everything when told so.
  init(refusing refusal: AdministrationError? = nil) {
    self.refusal = refusal
  }

  private func note(_ call: String) throws(AdministrationError) {
    asked.withLock { $0.append(call) }
    if let refusal { throw refusal }
  }
}

extension Operator {
  func createGame(_ game: Game) async throws(AdministrationError) -> IssuedKey {
    try note("create \(game.id) \(game.name) \(game.tariff.milliGCoinPerHour)")
    return IssuedKey(game: game.id, keyID: "k2", apiKey: "pmk_abc")
  }

  func listGames() async throws(AdministrationError) -> [GameReport] {
    try note("games")
    return [Sample.game]
  }

  func updateGame(
    _ id: GameID,
    _ change: GameChange
  ) async throws(AdministrationError) -> GameReport {
    try note("update \(id) \(change.tariff?.milliGCoinPerHour ?? 0) \(change.isEnabled ?? true)")
    return Sample.game
  }

  func rotateKey(of id: GameID) async throws(AdministrationError) -> IssuedKey {
    try note("rotate \(id)")
    return IssuedKey(game: id, keyID: "k2", apiKey: "pmk_abc")
  }

  func revokeKey(_ keyID: String, of id: GameID) async throws(AdministrationError) {
    try note("revoke \(keyID) of \(id)")
  }
}

extension Operator {
  func createCafe(_ cafe: NewCafe) async throws(AdministrationError) -> IssuedSecret {
    try note("create \(cafe.id) \(cafe.networks.map(\.description))")
    return IssuedSecret(cafe: cafe.id, launcherSecret: Array(0..<32))
  }

  /// One cafe a page.
  func listCafes(_ page: PageRequest) async throws(AdministrationError) -> Page<CafeReport> {
    try note("cafes \(page.cursor ?? "-")")
    let index = page.cursor.flatMap(Int.init) ?? 0
    let next = index + 1
    return Page(
      rows: [Sample.cafes[index]],
      nextCursor: next < Sample.cafes.count ? String(next) : nil
    )
  }

  func cafe(_ id: CafeID) async throws(AdministrationError) -> CafeReport {
    try note("cafe \(id)")
    return Sample.cafes[0]
  }

  func book(_ entry: BalanceEntry, for id: CafeID) async throws(AdministrationError) -> Booking {
    try note("book \(entry.amount.milliGCoin) as \(entry.reference) for \(id)")
    return Booking(balance: Money(milliGCoin: 12_500), isApplied: entry.amount > .zero)
  }

  func suspend(_ id: CafeID, endSessions: Bool) async throws(AdministrationError) -> CafeReport {
    try note("suspend \(id) \(endSessions)")
    return Sample.cafes[0]
  }

  func resume(_ id: CafeID) async throws(AdministrationError) -> CafeReport {
    try note("resume \(id)")
    return Sample.cafes[0]
  }

  func rotateSecret(
    of id: CafeID,
    revokePrevious: Bool
  ) async throws(AdministrationError) -> IssuedSecret {
    try note("rotate \(id) \(revokePrevious)")
    return IssuedSecret(cafe: id, launcherSecret: Array(0..<32))
  }
}

extension Operator {
  func listSessions(
    _ filter: SessionFilter,
    _ page: PageRequest
  ) async throws(AdministrationError) -> Page<SessionReport> {
    try note("sessions of \(filter.cafe?.text ?? "-") from \(filter.from?.milliseconds ?? -1)")
    return Page(rows: [Sample.session], nextCursor: nil)
  }

  func session(_ id: String) async throws(AdministrationError) -> SessionReport {
    try note("session \(id)")
    return Sample.session
  }

  func endSession(_ id: String) async throws(AdministrationError) -> SessionReport {
    try note("end \(id)")
    return Sample.session
  }
}

extension Operator {
  func compensate(
    _ compensation: Compensation,
    for id: CafeID
  ) async throws(AdministrationError) -> CompensationReport {
    let (from, to) = (compensation.from.milliseconds, compensation.to.milliseconds)
    try note("compensate \(from) to \(to) \(compensation.percent)% for \(id)")
    return CompensationReport(
      balance: Money(milliGCoin: 12_500),
      isApplied: compensation.percent < 100,
      sessions: 3,
      credited: Money(milliGCoin: 2_500)
    )
  }

  func switchHold(_ isOn: Bool, for scope: HoldScope) async throws(AdministrationError) -> Bool {
    try note("hold \(isOn) \(scope.cafe?.text ?? "-") \(scope.game?.text ?? "-")")
    return isOn
  }

  func listHolds() async throws(AdministrationError) -> [HoldReport] {
    try note("holds")
    let since = Instant(milliseconds: 0)
    return [HoldReport(scope: HoldScope(cafe: Sample.cafes[0].id), since: since, partitions: 1)]
  }
}
