import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite(.timeLimit(.minutes(15)))
struct ClusterTests {
  @Test("Every script runs on a node of a cluster: its keys share one slot")
  func everyScript() async throws {
    try await Cafe.open(options: .init(isCluster: true)) { cafe in
      for (setting, value) in [("slowlog-log-slower-than", "0"), ("slowlog-max-len", "100000")] {
        _ = try await cafe.link.client.send(RedisCommand("CONFIG", "SET", setting, value))
      }
      let (launcher, session) = try await cafe.play()
      _ = try await cafe.beat(session)
      _ = try await cafe.launchers.heartbeat(launcher)
      _ = try await cafe.launchers.isAlive(launcher)
      cafe.pass(seconds: 70)
      try await cafe.bill()
      let second = try await cafe.play(on: launcher)
      _ = try await cafe.end(second)
      _ = try await cafe.launchers.end(launcher, requestID: "r")
      try await administer(cafe)
      try await look(cafe)
      try await stream(RedisHosts(link: cafe.link))
      try await archive(cafe)
      #expect(try await executedScripts(cafe) == Set(cafe.link.scripts.names))
    }
  }

  private func administer(_ cafe: Cafe) async throws {
    let east = try #require(CafeID("east"))
    let networks = [try #require(Network("198.51.100.0/24"))]
    _ = try await cafe.administration.createCafe(NewCafe(id: east, name: "E", networks: networks))
    _ = try await cafe.administration.createGame(try cafe.anotherGame())
    try await cafe.topUp(1, ref: "cluster")
    _ = try await cafe.administration.switchHold(true, for: HoldScope(cafe: east))
    let period = Compensation(
      from: Instant(milliseconds: 0),
      to: Instant(milliseconds: 1),
      percent: 1,
      reference: try #require(BookingReference("lag"))
    )
    _ = try await cafe.administration.compensate(period, for: Cafe.id)
    _ = try await cafe.administration.listSessions(SessionFilter(), PageRequest())
    _ = try await cafe.administration.rotateSecret(of: Cafe.id, revokePrevious: false)
    _ = try await cafe.administration.suspend(Cafe.id, endSessions: true)
    _ = try await cafe.administration.updateGame(cafe.game.id, GameChange(name: "New"))
    let key = try await cafe.administration.rotateKey(of: cafe.game.id)
    try await cafe.administration.revokeKey(key.keyID, of: cafe.game.id)
    _ = try await cafe.administration.listGames()
  }

  private func archive(_ cafe: Cafe) async throws {
    let ledger = RedisLedger(link: cafe.link)
    let number = try await ledger.lease(cafe.partition, holder: "a", duration: .seconds(1))
    _ = try await ledger.trim(cafe.partition, keeping: "0-1", number: try #require(number))
    let restore = RedisRestore(link: cafe.link)
    _ = try await restore.replay([], in: cafe.partition)
    // The first line is there.
    let isLost = try await restore.accept(LedgerLoss(partition: cafe.partition, numbers: 1...1))
    #expect(!isLost)
  }

  /// Every look at what lives.
  private func look(_ cafe: Cafe) async throws {
    let live = RedisLiveState(link: cafe.link)
    let gone = [RedisLiveState.Candidate(id: "gs_x", cafe: Cafe.id.text, pc: "PC-1")]
    #expect(try await live.sessions(gone, in: cafe.partition).rows.count == 1)
    #expect(try await live.cafes([Cafe.id.text], in: cafe.partition).rows.count == 1)
    #expect(try await RedisTurns(link: cafe.link).take("look", for: .seconds(1)))
  }

  /// Every call for hosts and their clients.
  private func stream(_ hosts: RedisHosts) async throws {
    let pc = try #require(HostID("pc"))
    let room = try #require(RoomID("room"))
    let region = try #require(Region("local"))
    let beat = HostBeat(
      id: pc,
      room: room,
      region: region,
      status: nil,
      capacity: 1,
      availableSlots: nil
    )
    try await hosts.heartbeat(beat)
    let request = MatchRequest(
      regions: [region],
      host: nil,
      address: "203.0.113.7",
      idempotencyKey: "0123456789abcdef"
    )
    guard case .found(let match) = try await hosts.find(request) else {
      Issue.record("no host")
      return
    }
    #expect(try await hosts.setStatus(.busy, of: pc))
    #expect(try await hosts.confirm(match.reservation))
    #expect(try await hosts.release(match.reservation))
    #expect(try await hosts.drain(pc, isDrained: true))
    #expect(try await hosts.hosts(HostFilter(selection: .all), PageRequest()).rows.count == 1)
    #expect(try await RedisCensus(link: hosts.link).take().hosts.map(\.count) == [1])
    #expect(try await hosts.leave(pc))
    _ = try await hosts.sweep()
  }

  /// The scripts that Redis has run, by its own log.
  private func executedScripts(_ cafe: Cafe) async throws -> Set<String> {
    // The log has meters, too, which are no text; so Redis itself picks the functions' names.
    let script = """
      local names = {}
      for _, entry in ipairs(redis.call('SLOWLOG', 'GET', '-1')) do
        if entry[4][1] == 'FCALL' then names[#names + 1] = entry[4][2] end
      end
      return names
      """
    let reply = try await cafe.link.client.send(RedisCommand("EVAL", script, "0"))
    guard case .array(let entries) = reply else { return [] }
    var names: Set<String> = []
    for case .string(let function) in entries {
      if let end = function.lastIndex(of: "_") { names.insert(String(function[..<end])) }
    }
    return names
  }
}
