import Domain

/// What the contract allows, kept beside the service: it sees every call with its instant, its
/// answer and the ledger lines that came with it, and says what is wrong with them.
///
/// It predicts each answer and each line to the milli-G-coin. It shares no code with the scripts or
/// the readable rule. What it cannot know is when a session is stepped: it takes the steps that the
/// ledger shows, and asks only that none is missing. It is a value, so that the order of calls that
/// were made at once is found by trying.
public struct Auditor: Sendable {
  /// As the service is set; all in milliseconds.
  struct Terms {
    let interval: Int64
    let sessionTTL: Int64
    let launcherTTL: Int64
    let tokenTTL: Int64
    let grace: Int64
    let memory: Int64
    let tick: Int64
    /// A gap in service longer than that is held; nil when none is.
    let outage: Int64?
    /// In minutes, the highest first.
    let lowBalance: [Int64]

    init(_ timings: Timings) {
      interval = timings.heartbeatInterval.milliseconds
      sessionTTL = timings.sessionTTL.milliseconds
      launcherTTL = timings.launcherTTL.milliseconds
      tokenTTL = timings.tokenTTL.milliseconds
      grace = timings.grace.milliseconds
      memory = timings.endedMemory.milliseconds
      tick = timings.billingTick.milliseconds
      outage = timings.outageHold?.milliseconds
      lowBalance = timings.lowBalanceMinutes.map(Int64.init).sorted(by: >)
    }
  }

  /// How long a launcher's nonce is remembered; its signature is no good for longer anyway.
  static let nonceMemory: Int64 = 900_000
  /// How far the server's clock may lag before nobody new is admitted.
  static let clockTolerance: Int64 = 5_000

  let terms: Terms
  let partitionCount: Int
  /// What is wrong, in sentences; nothing else may be judged after the first.
  public private(set) var findings: [String] = []
  var cafes: [CafeID: AuditedCafe] = [:]
  var sessions: [GameSessionID: AuditedSession] = [:]
  var live: Set<GameSessionID> = []
  var launchers: [LauncherSessionID: AuditedLauncher] = [:]
  var tokens: [OneTimeToken: AuditedToken] = [:]
  /// Until when each is remembered, by the server's clock.
  var nonces: [String: Int64] = [:]
  var places: [Place: Occupants] = [:]
  /// The holds of each partition, in the order in which they were recorded.
  var holds: [Partition: [AuditedHold]] = [:]
  /// When the service was at work on a partition last, by its time.
  var served: [Partition: Int64] = [:]
  /// Partitions whose ledger has told that the clock went back, until it has caught up.
  var lagging: Set<Partition> = []

  /// An auditor that has seen nothing.
  public init(timings: Timings, partitionCount: Int) {
    terms = Terms(timings)
    self.partitionCount = partitionCount
  }

  /// Judges a call. After an unknown outcome `wasDone` says whether Redis shows its effect.
  mutating func take(
    _ call: Call,
    _ answer: Answer,
    _ lines: [LedgerLine],
    _ at: Moment,
    wasDone: Bool
  ) {
    for line in lines {
      expect(line.instant.milliseconds == at.now, "line \(line.sequence) is not of \(at.now)")
    }
    if answer.isUnknown, !wasDone {
      expect(lines.isEmpty, "a call that was not done wrote \(lines)")
      return
    }
    var pages = Pages(lines)
    if let partition = call.servedPartition(partitionCount) { notice(partition, &pages, at) }
    let predicted = predict(call, answer, &pages, at)
    if !answer.isUnknown, let predicted {
      expect(predicted == answer, "answered \(answer), not \(predicted)")
    }
    expect(pages.isAtEnd, "lines that nothing explains: \(pages.left)")
  }

  /// Plays the call and returns the answer that the contract gives; nil when any may be.
  private mutating func predict(
    _ call: Call,
    _ answer: Answer,
    _ pages: inout Pages,
    _ at: Moment
  ) -> Answer? {
    switch call {
    case .startLauncher(let cafe, let pc, let nonce):
      startLauncher(Place(cafe: cafe, pc: pc), nonce, answer, &pages, at)
    case .token(let launcher, let game):
      issueToken(launcher, game, answer, at)
    case .verify(let request):
      .verified(verify(request, &pages, at))
    case .beat(let session, let user, let game):
      .beat(beat(session, user, game, &pages, at))
    case .end(let session, let game, let request):
      .end(end(session, game, request, &pages, at))
    case .launcherBeat(let launcher):
      .launcherBeat(beat(launcher, at))
    case .launcherEnd(let launcher, let request):
      .launcherEnd(end(launcher, request, &pages, at))
    case .book(let cafe, let entry):
      book(entry, cafe, &pages)
    case .hold(let isOn, let cafe):
      switchHold(isOn, cafe, &pages, at)
    case .suspend(let cafe, let endSessions):
      suspend(cafe, endSessions, answer, &pages, at)
    case .resume(let cafe):
      setActive(cafe, true, &pages)
    case .operatorEnd(let session):
      endByOperator(session, &pages, at)
    case .bill(let partition):
      bill(partition, answer, &pages, at)
    }
  }

  mutating func expect(_ isTrue: Bool, _ finding: @autoclosure () -> String) {
    if !isTrue { findings.append(finding()) }
  }

  /// The next lines must be exactly these.
  mutating func expect(_ expected: [Line], _ pages: inout Pages) {
    for line in expected {
      let found = pages.next()
      expect(found == line, "wrote \(found.map { "\($0)" } ?? "nothing"), not \(line)")
    }
  }

  /// The same, with warnings among them that depend on what was told before.
  mutating func expect(_ expected: [Expected], _ pages: inout Pages) {
    for item in expected {
      switch item {
      case .line(let line): expect([line], &pages)
      case .warnings(let warnings): expect(warnings, &pages)
      }
    }
  }
}

extension Duration {
  /// In whole milliseconds.
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
