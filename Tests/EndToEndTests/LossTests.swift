import Archive
import Audit
import Domain
import Foundation
import RedisStore
import Support
import Testing

/// A power failure takes lines from Redis that it had acknowledged and that were not archived yet.
/// With `appendfsync everysec` that is up to a second of them.
///
/// `kill -9` alone loses none, because the kernel keeps what was written; so the tests cut the
/// append-only file where a failing disk would have ended it.
@Suite(.timeLimit(.minutes(15)))
struct LossTests {
  private static let everySecond = RedisServer.Options(settings: ["appendfsync": "everysec"])
  /// Of each cafe, in the moment before the failure.
  private static let topUps = 12

  @Test("What everysec lost is named and nothing is billed; accepted by name, the ledger goes on")
  func powerFailure() async throws {
    try await Installation.open(redis: Self.everySecond) { first in
      var stage = first
      var cafes = try await stage.cafesInEveryPartition()
      let play = try await cafes[0].play(stage.tower)
      let lost = try await stage.losePower(topUpsAtOnce: Self.topUps, cafes)
      #expect(lost.count > 1)
      try await stage.expectRefusal(naming: lost, cafes)

      // A restart forgets what only the process knew, but not what it has noted.
      #expect(try await stage.service.terminate() == 0)
      let again = try await ServiceProcess.start(
        environment: stage.environment,
        awaitsReadiness: false
      )
      stage = stage.through(again)
      cafes = cafes.map { [stage] in Cafe(stage: stage, id: $0.id, secret: $0.secret) }
      try await stage.expectRefusal(naming: lost, cafes)
      try await stage.expectWrongNamesRefused(lost)

      let accept = ["ledger", "accept-loss"] + lost.map(\.description)
      let accepted = try await stage.command(accept)
      #expect(accepted.status == 0, "\(accepted.standardError)")
      #expect(try await stage.command(accept).status == 1)
      try await stage.service.waitUntilReady()
      // The references of lost top-ups are free again, the others taken.
      for cafe in cafes {
        for number in 0..<Self.topUps {
          _ = try await cafe.topUp(1_000, ref: "in the failure \(number)")
        }
        #expect(try await cafe.balance() == 1_012_000)
      }
      stage.pass(seconds: 100)
      #expect(try await stage.beat(play.id, stage.tower).success().string("result") == "OK")
      let end = try await stage.end(play.id, stage.tower).success()
      #expect(try end.integer("play_duration_sec") == 100)
      #expect(try await cafes[0].balance() == 1_011_000)
      try await stage.archiveAgain()
      try await stage.waitUntilArchived()
      try await stage.expectLedger(with: lost)

      // The archive brings back what there is, the loss included.
      #expect(try await stage.service.terminate() == 0)
      _ = try await stage.redis.raw("FLUSHALL")
      let restored = try await stage.command(["ledger", "restore", "--json"])
      #expect(restored.status == 0, "\(restored.standardError)")
      #expect(try restored.json.array("lost").isEmpty)
      try await stage.expectLedger(with: lost)
    }
  }

  @Test("Under strict everysec is no fault, but check warns of it where it may ask")
  func warning() async throws {
    try await Installation.open(redis: Self.everySecond) { stage in
      let check = try await stage.command(["check"])
      #expect(check.status == 0)
      #expect(check.standardOutput.hasPrefix("ok\nwarning: "))
      #expect(check.standardOutput.contains("appendfsync everysec"))
      _ = try await stage.redis.raw("ACL SETUSER default -config")
      #expect(try await stage.command(["check"]).standardOutput == "ok\n")
      _ = try await stage.redis.raw("ACL SETUSER default +config")
      _ = try await stage.redis.raw("CONFIG SET appendfsync always")
      #expect(try await stage.command(["check"]).standardOutput == "ok\n")
    }
  }

  @Test("What the archive has is never accepted as lost")
  func restorable() async throws {
    try await Installation.open { stage in
      let cafe = try await stage.cafe()
      try await stage.waitUntilArchived()
      let partition = try #require(CafeID(cafe.id).map { Partition(of: $0, count: 4) })
      let end = try #require(try await stage.ledgerLines(in: partition).last?.sequence)
      #expect(try await stage.service.terminate() == 0)
      _ = try await stage.redis.raw("FLUSHALL")
      let accept = ["ledger", "accept-loss", "p\(partition.number)#1-\(end)"]
      let refused = try await stage.command(accept)
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("ledger restore"))
      // Only how this Redis was first used.
      #expect(try await stage.redis.raw("DBSIZE") == ":1\r\n")
      #expect(try await stage.command(["ledger", "restore"]).status == 0)
      let nothing = try await stage.command(accept)
      #expect(nothing.status == 1)
      #expect(nothing.standardError.contains("is not lost"))
    }
  }
}

extension Installation {
  /// A cafe in each partition.
  fileprivate func cafesInEveryPartition() async throws -> [Cafe] {
    var cafes: [Cafe] = []
    for number in 0..<Self.partitionCount {
      let name = (0...).lazy.map { "cafe-\($0)" }
        .first { CafeID($0).map { Partition(of: $0, count: Self.partitionCount).number } == number }
      cafes.append(try await cafe(name))
    }
    return cafes
  }

  /// Has every cafe topped up many times at once while nothing is archived, and takes half of that
  /// from Redis: whole scripts and the beginning of one. Returns what nobody has then.
  fileprivate func losePower(topUpsAtOnce count: Int, _ cafes: [Cafe]) async throws -> [LedgerLoss]
  {
    try await waitUntilArchived()
    try await stopArchiving()
    let before = try redis.appendOnlyFileSize()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for cafe in cafes {
        for number in 0..<count {
          group.addTask { _ = try await cafe.topUp(1_000, ref: "in the failure \(number)") }
        }
      }
      try await group.waitForAll()
    }
    var known: [Partition: Int64] = [:]
    for partition in link.keys.partitions { known[partition] = try await sequence(in: partition) }
    try await redis.kill()
    try redis.cutAppendOnlyFile(by: (try redis.appendOnlyFileSize() - before) / 2 + 7)
    try await redis.restart()
    var lost: [LedgerLoss] = []
    for (partition, end) in known.sorted(by: { $0.key.number < $1.key.number }) {
      let present = try await sequence(in: partition)
      guard present < end else { continue }
      lost.append(LedgerLoss(partition: partition, numbers: (present + 1)...end))
    }
    return lost
  }

  /// The number of a partition's last line, as Redis tells it.
  private func sequence(in partition: Partition) async throws -> Int64 {
    let clock = "pm:{p\(partition.number)}:clock"
    let reply = try await redis.raw("EVAL \"\(PackedClock.script)\" 1 \(clock)")
    let values = reply.split(separator: "\r\n")
    return values.count > 2 ? Int64(values[2].dropFirst()) ?? 0 : 0
  }

  /// Takes the right to archive from the service, as another instance that does nothing would, and
  /// returns when the service has given its files back.
  private func stopArchiving() async throws {
    _ = try await redis.raw("SET pm:{p0}:lease:archive nobody")
    let group = ArchiveGroup.all(partitionCount: Self.partitionCount)[0]
    try await Waiting.until("the archive's lock", within: .seconds(10)) {
      do {
        _ = try ArchiveWriter(ArchiveDirectory(path: redis.archivePath), group)
        return true
      } catch {
        return false
      }
    }
  }

  fileprivate func archiveAgain() async throws {
    _ = try await redis.raw("DEL pm:{p0}:lease:archive")
  }

  /// The service says what is lost, and nobody writes to this Redis.
  fileprivate func expectRefusal(naming lost: [LedgerLoss], _ cafes: [Cafe]) async throws {
    try await Waiting.until("the reason why it is not ready", within: .seconds(10)) {
      let readiness = try await service.http.send("GET", "/readyz")
      return readiness.status == 503 && readiness.text.contains("went back in time")
        && lost.prefix(3).allSatisfy { readiness.text.contains("\($0)") }
        && readiness.text.contains("playmeter ledger accept-loss")
    }
    let before = try await sequences()
    for cafe in cafes {
      let money = #"{"amount_mgcoin":1,"ref":"while refused"}"#
      let refused = try await admin("POST", "/cafes/\(cafe.id)/topups", money)
      #expect(refused.status == 503)
    }
    let topUp = ["cafe", "topup", "--id", cafes[0].id, "--amount", "1", "--ref", "while refused"]
    let refused = try await command(topUp)
    #expect(refused.status == 1)
    #expect(refused.standardError.contains("went back in time"))
    #expect(try await sequences() == before)
    // The archive has nothing to add, and says what it lacks.
    let rehearsal = try await command(["ledger", "restore", "--dry-run", "--json"])
    #expect(try rehearsal.json.integer("lines") == 0)
    #expect(try rehearsal.json.array("lost").map { try $0.string("name") } == lost.names)
  }

  private func sequences() async throws -> [Int64] {
    var sequences: [Int64] = []
    for partition in link.keys.partitions { sequences.append(try await sequence(in: partition)) }
    return sequences
  }

  /// Every other name is refused with the right ones; one wrong name refuses all.
  fileprivate func expectWrongNamesRefused(_ lost: [LedgerLoss]) async throws {
    let before = try await sequences()
    let (partition, numbers) = (lost[0].partition, lost[0].numbers)
    let (from, to) = (numbers.lowerBound, numbers.upperBound)
    let wrong = [from...(to + 1), (from + 1)...(to + 1), (from - 1)...to]
    for range in wrong {
      let name = LedgerLoss(partition: partition, numbers: range).description
      let refused = try await command(["ledger", "accept-loss", name] + lost.dropFirst().names)
      #expect(refused.status == 1)
      #expect(refused.standardError.contains(lost.names.joined(separator: " ")))
    }
    for arguments in [[], ["--yes"], ["everything"], ["p0#2-1"], ["p0"]] {
      #expect(try await command(["ledger", "accept-loss"] + arguments).status == 2)
    }
    #expect(try await sequences() == before)
  }

  /// Export, verification and reconciliation agree, and show what is lost.
  fileprivate func expectLedger(with lost: [LedgerLoss]) async throws {
    let export = try await command(["ledger", "export"])
    #expect(export.status == 0, "\(export.standardError)")
    let lines = export.standardOutput.split(separator: "\n")
    #expect(lines.count { $0.contains(#""kind":"loss""#) } == lost.count)
    let directory = try TemporaryDirectory()
    try Data(export.standardOutput.utf8).write(to: URL(filePath: directory.path + "/all"))
    let verify = ["ledger", "verify", directory.path + "/all", "--json"]
    let verified = try await ServiceProcess.runCommand(verify, environment: [:])
    #expect(verified.status == 0, "\(verified.standardError)")
    #expect(try verified.json.integer("gaps") == 0)
    #expect(try verified.json.array("losses").map { try $0.string("name") } == lost.names)
    let reconciled = try await command(["reconcile", "--json"])
    #expect(reconciled.status == 0, "\(reconciled.standardOutput)")
    let total = lost.map(\.numbers.count).reduce(0, +)
    #expect(try reconciled.json.integer("lines_lost") == total)
  }
}

extension Sequence<LedgerLoss> {
  fileprivate var names: [String] { map(\.description) }
}
