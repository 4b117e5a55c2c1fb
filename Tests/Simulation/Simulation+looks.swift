import Audit
import Domain
import RedisClient
import RedisStore
import Support

/// What the simulation sees of Redis past the instances.
extension Simulation {
  /// More lines than nearly every call writes; reading them costs no round trip of its own.
  private static let linesOfCall = 50

  /// The lines that were added to a partition's ledger; also sees to the worker's next look.
  mutating func readLedger(_ partition: Partition) async throws -> [LedgerLine] {
    var place = ledgers[partition] ?? LedgerPlace()
    let start = place.lastID.map { "(" + $0 } ?? "-"
    let ledger = stage.key("ledger", partition)
    let replies = try await stage.read([
      PackedClock.reading(stage.key("clock", partition)),
      RedisCommand("ZRANGE", stage.key("due", partition), "0", "0", "WITHSCORES"),
      RedisCommand("XRANGE", ledger, start, "+", "COUNT", String(Self.linesOfCall)),
    ])
    // There is none before the partition's first change.
    let clock = PackedClock(replies[0])
    let (sequence, time) = (clock?.sequence ?? 0, clock?.highest ?? 0)
    guard sequence >= place.sequence, time >= place.time else {
      throw SupportError("partition \(partition.number) forgot: \(replies[0]) after \(place)")
    }
    var lines = try LedgerLine.lines(of: replies[2], in: partition)
    place.lastID = lines.last?.streamID ?? place.lastID
    if lines.count == Self.linesOfCall {
      lines += try await stage.observer.ledgerLines(in: partition, after: place.lastID)
      place.lastID = lines.last?.streamID ?? place.lastID
    }
    (place.sequence, place.time) = (sequence, time)
    ledgers[partition] = place
    if let due = replies[1].elements.last?.text.flatMap({ Double($0) }) {
      schedulePoll(of: partition, due: Int64(due) - Stage.epoch - skew)
    }
    if hasHolds, auditor.isOccupied(partition) {
      schedulePoll(of: partition, due: after(Self.presence))
    }
    return lines
  }

  /// After an unknown outcome: whether Redis shows the call's effect, and the answer as far as it
  /// is needed to go on.
  func look(
    _ call: Call,
    _ answer: Answer,
    _ lines: [LedgerLine],
    _ at: Moment
  ) async throws -> (Bool, Answer) {
    switch call {
    case .startLauncher(let cafe, let pc, _):
      let place = Place(cafe: cafe, pc: pc)
      let key = stage.key("pc:\(cafe):\(pc)", partition(of: call))
      let text = try await stage.read([RedisCommand("GET", key)])[0].text?.split(separator: " ")
      guard let text = text?.first.map(String.init),
        let id = LauncherSessionID(text, partitionCount: stage.keys.partitionCount),
        id != auditor.places[place]?.launcher
      else { return (false, answer) }
      return (true, .launcher(.started(id)))
    case .beat(let session, _, _):
      let key = stage.key("meter:\(session)", partition(of: call))
      let meter = PackedMeter(try await stage.read([PackedMeter.reading(key)])[0])
      return (!lines.isEmpty || meter?["beat"] == String(at.now), answer)
    case .launcherBeat(let launcher):
      let key = stage.key("launcher:\(launcher)", partition(of: call))
      let expiry = try await stage.read([RedisCommand("PEXPIRETIME", key)])[0].text
      return (expiry == String(at.server + auditor.terms.launcherTTL), answer)
    case .launcherEnd(let launcher, _):
      let key = stage.key("launcher:\(launcher)", partition(of: call))
      let exists = try await stage.read([RedisCommand("EXISTS", key)])[0]
      return (exists == .integer(0), answer)
    case .token, .bill:
      let key = stage.key("clock", partition(of: call))
      let clock = PackedClock(try await stage.read([PackedClock.reading(key)])[0])
      return (!lines.isEmpty || clock?.served == at.now, answer)
    case .verify, .end, .book, .suspend, .resume, .operatorEnd, .hold:
      return (!lines.isEmpty, answer)
    }
  }
}
