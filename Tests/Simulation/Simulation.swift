import Audit
import Domain
import RedisClient
import RedisStore
import Support

/// A seeded run of cafes, PCs, games and operators against several instances of the service on a
/// real Redis, with faults, where an auditor judges every answer and every ledger line.
///
/// Time moves from one event to the next and never by waiting: the server's clock is held at what
/// the simulation says. With the same seed everybody does the same; only what a crash or a dropped
/// instance catches under way depends on the machine.
public struct Simulation {
  /// What is played.
  public struct Options: Sendable {
    public var seed: UInt64
    /// Calls until the players go home.
    public var steps: Int
    /// Calls in a hundred around which something goes wrong.
    public var faultPercent: Double = 1.5
    public var cafes = 3
    public var pcsPerCafe = 5
    public var instances = 3
    /// As the service is set. With ``Stage/timingsWithHolds`` there are outages, holds by hand and
    /// low balances, too.
    public var timings = Stage.timings
    /// Scripts other than the service's, to see that a broken rule is found.
    public var scripts: Scripts?

    public init(seed: UInt64, steps: Int) {
      self.seed = seed
      self.steps = steps
    }
  }

  let stage: Stage
  let options: Options
  var instances: [Instance] = []
  var auditor: Auditor
  var tally = Tally()
  var chronicle = Chronicle()
  var random: Randomness
  /// Where operators and faults draw from; players have streams of their own.
  var faultRandom: Randomness
  var areFaultsOver = false
  /// Until when all instances are away.
  var awayUntil: Int64 = 0

  /// Milliseconds since the simulation began.
  var now: Int64 = 0
  /// By how much the server's clock is ahead of that.
  var skew: Int64 = 0
  var agenda = Agenda<Action>()
  var seats: [Seat] = []
  var plays: [GameSessionID: Play] = [:]
  var games: [Game] = []
  var cafes: [CafeID] = []
  var ledgers: [Partition: LedgerPlace] = [:]
  /// When the worker will look at a partition next.
  var polls: [Partition: Int64] = [:]

  /// How far a partition's ledger was read.
  struct LedgerPlace {
    var sequence: Int64 = 0
    var lastID: String?
    /// The highest time that the partition has seen.
    var time: Int64 = 0
  }

  /// Runs a simulation and returns what it did.
  ///
  /// - Throws: ``SupportError`` that names the first finding, the seed and the latest events of the
  ///   session concerned.
  public static func run(_ options: Options) async throws -> Tally {
    let begin = ContinuousClock.now
    let (timings, scripts) = (options.timings, options.scripts)
    return try await Stage.open(timings: timings, scripts: scripts) { stage in
      var simulation = Simulation(stage, options)
      do {
        try await simulation.play()
      } catch {
        throw SupportError(simulation.report(on: error))
      }
      simulation.tally.wallTime = ContinuousClock.now - begin
      simulation.tally.simulatedMilliseconds = simulation.now
      return simulation.tally
    }
  }

  private init(_ stage: Stage, _ options: Options) {
    self.stage = stage
    self.options = options
    auditor = Auditor(timings: stage.timings, partitionCount: stage.keys.partitionCount)
    random = Randomness(seed: options.seed)
    faultRandom = random.fork()
  }

  private mutating func play() async throws {
    for number in 1...options.instances {
      instances.append(try await stage.startInstance("instance-\(number)"))
    }
    try await furnish()
    if hasHolds { agenda.add(.goAway, at: 7_200_000) }
    var nextAudit = Self.stepsPerAudit
    while tally.steps < options.steps, let (time, action) = agenda.next() {
      now = max(now, time)
      if mustWait(action) {
        postpone(action)
        continue
      }
      try await act(action)
      if tally.steps >= nextAudit {
        try await audit()
        nextAudit += Self.stepsPerAudit
      }
    }
    try await goHome()
  }

  /// Reading a whole ledger takes some time.
  private static let stepsPerAudit = 2_000

  /// Faults stop, nobody beats any more: within a session's TTL and one tick all must be closed.
  private mutating func goHome() async throws {
    areFaultsOver = true
    if hasHolds { for cafe in cafes { try await endHold(cafe) } }
    try await audit()
    // The clock comes back to the highest time that it has shown, at least.
    skew = max(skew, 0)
    let highest = ledgers.values.map(\.time).max() ?? 0
    let terms = auditor.terms
    let back = max(now, awayUntil, highest - Stage.epoch - skew)
    let look = hasHolds ? 2 * Self.presence : Self.poll
    let end = back + terms.sessionTTL + terms.tick + look
    while let (time, action) = agenda.next(), time <= end {
      now = max(now, time)
      if case .bill = action, !mustWait(action) { try await act(action) }
    }
    now = end
    try await expectNothingOpen()
    try await audit()
    try await compareReports()
  }

  /// The longest time between two looks of the worker.
  static let poll: Int64 = 1_000

  private mutating func audit() async throws {
    // Redis may have been started anew just now.
    try await stage.settle()
    let findings = try await Audit.findings(stage.observer)
    tally.audits += 1
    if let finding = findings.first { throw SupportError("audit: \(finding)") }
  }

  private mutating func expectNothingOpen() async throws {
    guard auditor.live.isEmpty else { throw SupportError("I9: \(auditor.live) are still open") }
    for partition in stage.keys.partitions {
      let names = ["due", "aside"]
      let keys = try await stage.read([
        RedisCommand(arguments: ["EXISTS"] + names.map { stage.key($0, partition) }),
        RedisCommand("KEYS", stage.key("pc:*", partition)),
        RedisCommand("KEYS", stage.key("meter:*", partition)),
        RedisCommand("KEYS", stage.key("live:*", partition)),
      ])
      guard keys[0] == .integer(0), keys[1...].allSatisfy(\.elements.isEmpty) else {
        throw SupportError("I9: left in partition \(partition.number): \(keys)")
      }
    }
  }

  /// Every session and every balance, as an operator sees them, is what the auditor reckoned.
  private mutating func compareReports() async throws {
    // Redis may have been started anew just now.
    _ = try await instances[0].link.read([RedisCommand("PING")])
    let administration = instances[0].administration
    for cafe in cafes {
      let balance = try await administration.cafe(cafe).balance.milliGCoin
      guard balance == auditor.balance(cafe) else {
        throw SupportError("\(cafe) has \(balance), not \(auditor.balance(cafe))")
      }
      var cursor: String?
      repeat {
        let request = PageRequest(cursor: cursor, limit: 200)
        let page = try await administration.listSessions(SessionFilter(cafe: cafe), request)
        for report in page.rows {
          if let finding = auditor.finding(in: report) { throw SupportError(finding) }
          tally.compared += 1
        }
        cursor = page.nextCursor
      } while cursor != nil
    }
  }

  private func report(on error: any Error) -> String {
    let events = chronicle.latest(about: "\(error)").map { "  " + $0 }.joined(separator: "\n")
    return """
      \(error)
      after \(tally.steps) steps; replay it with: make simulate SEED=\(options.seed) \
      STEPS=\(options.steps)\(hasHolds ? " HOLD=1" : "")
      \(events)
      """
  }
}
