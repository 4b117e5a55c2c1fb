import Domain
import Synchronization

/// One game and one cafe, and a record of every command in words.
final class AdministrationDouble: Administration {
  private let record = Mutex<[String]>([])
  private let refusal: AdministrationError?

  /// With a refusal every command is refused with it.
  init(refusal: AdministrationError? = nil) { self.refusal = refusal }

  var commands: [String] { record.withLock { $0 } }

  private func note(_ command: String) throws(AdministrationError) {
    record.withLock { $0.append(command) }
    if let refusal { throw refusal }
  }

  func createGame(_ game: Game) async throws(AdministrationError) -> IssuedKey {
    try note("createGame \(game.id) \(game.name) \(game.tariff.milliGCoinPerHour)")
    return IssuedKey(game: game.id, keyID: "key-1", apiKey: "shown once")
  }

  func listGames() async throws(AdministrationError) -> [GameReport] {
    try note("listGames")
    let key = KeyReport(id: "key-1", createdAt: Instant(milliseconds: 1000))
    return [GameReport(game: Sample.game, keys: [key])]
  }

  func updateGame(
    _ id: GameID,
    _ change: GameChange
  ) async throws(AdministrationError) -> GameReport {
    try note("updateGame \(id) \(change.isEnabled.map { "\($0)" } ?? "-")")
    return GameReport(game: Sample.game, keys: [])
  }

  func rotateKey(of id: GameID) async throws(AdministrationError) -> IssuedKey {
    try note("rotateKey \(id)")
    return IssuedKey(game: id, keyID: "key-2", apiKey: "shown once")
  }

  func revokeKey(_ keyID: String, of id: GameID) async throws(AdministrationError) {
    try note("revokeKey \(keyID) \(id)")
  }

  func createCafe(_ cafe: NewCafe) async throws(AdministrationError) -> IssuedSecret {
    try note("createCafe \(cafe.id) \(cafe.networks.map(\.description))")
    return IssuedSecret(cafe: cafe.id, launcherSecret: Array(0..<32))
  }

  func listCafes(_ page: PageRequest) async throws(AdministrationError) -> Page<CafeReport> {
    try note("listCafes \(page.cursor ?? "-") \(page.limit)")
    return Page(rows: [Sample.cafeReport], nextCursor: "next")
  }

  func cafe(_ id: CafeID) async throws(AdministrationError) -> CafeReport {
    try note("cafe \(id)")
    return Sample.cafeReport
  }

  func book(_ entry: BalanceEntry, for id: CafeID) async throws(AdministrationError) -> Booking {
    try note("book \(entry.amount.milliGCoin) \(entry.reference) \(id)")
    return Booking(balance: Money(milliGCoin: 700), isApplied: true)
  }

  func suspend(_ id: CafeID, endSessions: Bool) async throws(AdministrationError) -> CafeReport {
    try note("suspend \(id) \(endSessions)")
    return Sample.cafeReport
  }

  func resume(_ id: CafeID) async throws(AdministrationError) -> CafeReport {
    try note("resume \(id)")
    return Sample.cafeReport
  }

  func rotateSecret(
    of id: CafeID,
    revokePrevious: Bool
  ) async throws(AdministrationError) -> IssuedSecret {
    try note("rotateSecret \(id) \(revokePrevious)")
    return IssuedSecret(cafe: id, launcherSecret: Array(0..<32))
  }

  func listSessions(
    _ filter: SessionFilter,
    _ page: PageRequest
  ) async throws(AdministrationError) -> Page<SessionReport> {
    let from = filter.from.map { "\($0.milliseconds)" } ?? "-"
    let to = filter.to.map { "\($0.milliseconds)" } ?? "-"
    try note("listSessions \(filter.cafe?.text ?? "-") \(from) \(to) \(page.limit)")
    return Page(rows: [Sample.sessionReport], nextCursor: nil)
  }

  func session(_ id: String) async throws(AdministrationError) -> SessionReport {
    try note("session \(id)")
    return Sample.sessionReport
  }

  func endSession(_ id: String) async throws(AdministrationError) -> SessionReport {
    try note("endSession \(id)")
    return Sample.sessionReport
  }

  func compensate(
    _ compensation: Compensation,
    for id: CafeID
  ) async throws(AdministrationError) -> CompensationReport {
    let (from, to) = (compensation.from.milliseconds, compensation.to.milliseconds)
    try note("compensate \(from) \(to) \(compensation.percent) \(compensation.reference) \(id)")
    let credited = Money(milliGCoin: 30)
    return CompensationReport(
      balance: Money(milliGCoin: 730),
      isApplied: true,
      sessions: 2,
      credited: credited
    )
  }

  func switchHold(_ isOn: Bool, for scope: HoldScope) async throws(AdministrationError) -> Bool {
    try note("hold \(isOn) \(scope.cafe?.text ?? "-") \(scope.game?.text ?? "-")")
    return true
  }

  func listHolds() async throws(AdministrationError) -> [HoldReport] {
    try note("listHolds")
    let since = Instant(milliseconds: 1000)
    return [HoldReport(scope: HoldScope(game: Sample.game.id), since: since, partitions: 64)]
  }
}
