/// What an operator may do, from the command line and over `/v1/admin` alike.
public protocol Administration: GameAdministration, CafeAdministration, SessionAdministration,
  HoldAdministration
{}

/// Why an operator's command was refused.
public enum AdministrationError: Error, Sendable, Equatable {
  /// Redis or this program is at fault, not the command.
  case fault(ServiceFault)
  /// There is no such cafe.
  case cafeNotFound(CafeID)
  /// There is no such game.
  case gameNotFound(GameID)
  /// There is no such game session.
  case sessionNotFound(String)
  /// It would contradict what is there already; the text says what.
  case conflict(String)
}

/// Games and their API keys. A change is seen by every instance within two seconds.
public protocol GameAdministration: Sendable {
  /// Creates a game with its first API key.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when the identifier is taken.
  func createGame(_ game: Game) async throws(AdministrationError) -> IssuedKey

  /// Every game with its keys, by identifier.
  func listGames() async throws(AdministrationError) -> [GameReport]

  /// Changes what is given; a new rate holds for sessions that start after it.
  func updateGame(
    _ id: GameID,
    _ change: GameChange
  ) async throws(AdministrationError) -> GameReport

  /// Adds an API key; the ones before it stay valid until they are revoked.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` at ``GameReport/maximumKeys``.
  func rotateKey(of id: GameID) async throws(AdministrationError) -> IssuedKey

  /// Revokes an API key. Revoking it again is harmless.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when the game has no such key.
  func revokeKey(_ keyID: String, of id: GameID) async throws(AdministrationError)
}

/// Cafes and their money.
public protocol CafeAdministration: Sendable {
  /// Creates a cafe with a balance of zero.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when the identifier is taken.
  func createCafe(_ cafe: NewCafe) async throws(AdministrationError) -> IssuedSecret

  /// A page of cafes, by identifier.
  func listCafes(_ page: PageRequest) async throws(AdministrationError) -> Page<CafeReport>

  /// One cafe.
  func cafe(_ id: CafeID) async throws(AdministrationError) -> CafeReport

  /// Puts money on a balance or takes it away, once per reference.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when the reference was used for something else,
  ///   or the balance would leave 0 to ``Money/maximumBalance``.
  func book(_ entry: BalanceEntry, for id: CafeID) async throws(AdministrationError) -> Booking

  /// Credits a share of what the cafe's sessions were billed in a period, once per reference. A
  /// repeat of one that was interrupted finishes it.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when the reference was used for something else,
  ///   or the balance would pass ``Money/maximumBalance``; what was credited by then stands.
  func compensate(
    _ compensation: Compensation,
    for id: CafeID
  ) async throws(AdministrationError) -> CompensationReport

  /// Admits nobody new; live sessions go on unless they are to be ended.
  func suspend(_ id: CafeID, endSessions: Bool) async throws(AdministrationError) -> CafeReport

  /// Admits players again.
  func resume(_ id: CafeID) async throws(AdministrationError) -> CafeReport

  /// Makes a new launcher secret; the previous one stays valid until the next rotation, unless it
  /// is revoked at once.
  func rotateSecret(
    of id: CafeID,
    revokePrevious: Bool
  ) async throws(AdministrationError) -> IssuedSecret
}

/// Holds by hand: while one is on, the sessions in its scope do not end by themselves and are not
/// billed. They still end when somebody ends them.
public protocol HoldAdministration: Sendable {
  /// Switches a hold on or off.
  ///
  /// - Returns: False when it was so already, in every partition concerned.
  /// - Throws: ``AdministrationError/conflict(_:)`` when too many holds are on.
  func switchHold(_ isOn: Bool, for scope: HoldScope) async throws(AdministrationError) -> Bool

  /// The holds that are on, the oldest first.
  func listHolds() async throws(AdministrationError) -> [HoldReport]
}

/// Game sessions as evidence.
public protocol SessionAdministration: Sendable {
  /// A page of live and ended sessions that match, the latest end first within each cafe. Sessions
  /// whose records have expired are only among them when the filter names a cafe and a time that
  /// long ago; they come from the ledger.
  func listSessions(
    _ filter: SessionFilter,
    _ page: PageRequest
  ) async throws(AdministrationError) -> Page<SessionReport>

  /// One session, live or ended, with its ledger lines, from which it is told when its record has
  /// expired.
  func session(_ id: String) async throws(AdministrationError) -> SessionReport

  /// Ends a live session now with reason `operator`.
  ///
  /// - Throws: ``AdministrationError/conflict(_:)`` when it has ended already.
  func endSession(_ id: String) async throws(AdministrationError) -> SessionReport
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Equatable {
  /// Rows of a page that may be asked for.
  public static let limits: ClosedRange<Int> = 1...1000

  /// Where the last page ended; nil for the first.
  public let cursor: String?
  /// The most rows.
  public let limit: Int

  /// A page by its cursor; the limit is held within ``limits``.
  public init(cursor: String? = nil, limit: Int = 100) {
    self.cursor = cursor
    self.limit = min(max(limit, PageRequest.limits.lowerBound), PageRequest.limits.upperBound)
  }
}

/// A part of a list.
public struct Page<Row: Sendable>: Sendable {
  /// The rows in order.
  public let rows: [Row]
  /// Where the next page starts; nil at the end.
  public let nextCursor: String?

  /// A page from its rows.
  public init(rows: [Row], nextCursor: String?) {
    self.rows = rows
    self.nextCursor = nextCursor
  }
}
