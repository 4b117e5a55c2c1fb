public import Domain

/// Finds ended sessions in the lines of a partition, fed in order: those that match and ended last.
/// It holds one entry for each living session that matches, and as many ended ones as are wanted.
public struct PastSessions: Sendable {
  /// Where in the list, which goes from later to earlier ends, a session stands.
  public struct Place: Sendable, Comparable {
    /// When it ended, in Unix milliseconds.
    public let endedAt: Int64
    /// Its identifier, which decides between those that ended at once.
    public let id: String

    /// A place from its parts.
    public init(endedAt: Int64, id: String) {
      self.endedAt = endedAt
      self.id = id
    }

    public static func < (left: Place, right: Place) -> Bool {
      (left.endedAt, left.id) < (right.endedAt, right.id)
    }
  }

  private let filter: SessionFilter
  private let bound: Place
  private let limit: Int
  private let partitionCount: Int
  private var open: [String: SessionTrail] = [:]
  /// From the earliest end to the latest, so that the one to be dropped stands first.
  private var found: [(place: Place, report: SessionReport)] = []

  /// A search for at most `limit` sessions that stand before `bound`.
  public init(filter: SessionFilter, before bound: Place, limit: Int, partitionCount: Int) {
    self.filter = filter
    self.bound = bound
    self.limit = limit
    self.partitionCount = partitionCount
  }

  /// What was found, from later to earlier ends.
  public var reports: [SessionReport] { found.reversed().map(\.report) }

  /// Takes in a line.
  public mutating func add(_ line: LedgerLine) {
    guard let id = line.text("game_session_id") else { return }
    if let trail = SessionTrail(start: line) {
      if mayMatch(line) { open[id] = trail }
      return
    }
    guard var trail = open.removeValue(forKey: id) else { return }
    trail.add(line)
    guard let endedAt = trail.endedAt else {
      open[id] = trail
      return
    }
    keep(trail, Place(endedAt: endedAt.milliseconds, id: id))
  }

  /// What the start line tells already, so that the sessions of other cafes cost nothing more.
  private func mayMatch(_ start: LedgerLine) -> Bool {
    if let cafe = filter.cafe, start.text("cafe_id") != cafe.text { return false }
    if let pc = filter.pc, start.text("pc_id") != pc.text { return false }
    if let game = filter.game, start.text("game_id") != game.text { return false }
    if let to = filter.to, start.instant >= to { return false }
    return true
  }

  private mutating func keep(_ trail: SessionTrail, _ place: Place) {
    guard place < bound, found.count < limit || found[0].place < place,
      let report = trail.report(partitionCount: partitionCount), filter.accepts(report)
    else { return }
    let index = found.firstIndex { $0.place > place } ?? found.endIndex
    found.insert((place, report), at: index)
    if found.count > limit { found.removeFirst() }
  }
}
