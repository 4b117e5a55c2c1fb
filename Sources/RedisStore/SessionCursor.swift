import Domain

/// A session's place in the list of its cafe: live ones by identifier, then ended ones by their
/// end.
struct SessionPlace {
  let id: GameSessionID
  /// Unix milliseconds; nil for a live session.
  let endedAt: Int64?

  init?(_ text: String, endedAt: Int64?, _ link: RedisLink) {
    guard let id = link.gameSessionID(text) else { return nil }
    self.id = id
    self.endedAt = endedAt
  }

  func cursor(_ cafe: CafeID) -> SessionCursor {
    SessionCursor(cafe: cafe.text, endedAt: endedAt, session: id.description)
  }
}

/// Where a page of sessions ended: `<cafe>,<end in ms or live>,<session>`.
struct SessionCursor {
  let cafe: String
  let endedAt: Int64?
  let session: String

  init(cafe: String, endedAt: Int64?, session: String) {
    self.cafe = cafe
    self.endedAt = endedAt
    self.session = session
  }

  /// Reads the text form; nil, which is the first page, for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { return nil }
    self.init(cafe: parts[0], endedAt: Int64(parts[1]), session: parts[2])
  }

  var text: String {
    "\(cafe),\(endedAt.map(String.init) ?? "live"),\(session)"
  }
}

/// A page of sessions while it is collected.
struct SessionListing {
  /// Sessions looked at for one page. A rare match gives a page that is not full but goes on,
  /// rather than a request that takes long.
  private static let mostExamined = 5_000

  let filter: SessionFilter
  /// The last place that was looked at.
  private(set) var position: SessionCursor?
  /// Whether the page ends here although more sessions may follow.
  private(set) var isDone = false
  private let limit: Int
  private var rows: [SessionReport] = []
  private var examined = 0

  init(filter: SessionFilter, page: PageRequest) {
    self.filter = filter
    limit = page.limit
    position = page.cursor.flatMap(SessionCursor.init)
  }

  var result: Page<SessionReport> {
    Page(rows: rows, nextCursor: isDone ? position?.text : nil)
  }

  /// Whether the cafe was not passed by an earlier page.
  func wants(_ cafe: CafeID) -> Bool {
    position.map { cafe.text >= $0.cafe } ?? true
  }

  /// Adds what matches of the sessions at these places. One whose record has just expired has no
  /// report and is passed over.
  mutating func add(_ reports: [SessionReport], from places: [SessionPlace], of cafe: CafeID) {
    let found = Dictionary(reports.map { ($0.id, $0) }) { first, _ in first }
    for place in places where !isDone {
      position = place.cursor(cafe)
      examined += 1
      if let report = found[place.id], filter.accepts(report) { rows.append(report) }
      isDone = rows.count == limit
    }
    isDone = isDone || examined >= Self.mostExamined
  }
}
