import Domain
import RedisClient
import RedisStore
import Support

/// How a call is made, with or without a fault around it, and judged.
extension Simulation {
  /// A call as it may have gone: judged in this order.
  private struct Hypothesis {
    let call: Call
    let answer: Answer
    let lines: ArraySlice<LedgerLine>
    let wasDone: Bool
  }

  /// Makes a call through one of the instances and has it judged.
  mutating func make(_ call: Call) async throws -> Answer {
    tally.steps += 1
    let fault = drawFault()
    if case .jump(let distance) = fault { skew += distance }
    holdClock()
    let partition = partition(of: call)
    let at = moment(in: partition)
    var answer = try await perform(call, fault)
    let isNoted = auditor.awaySince(partition, at) != nil
    let lines = !isNoted && isSilent(answer, partition, at) ? [] : try await readLedger(partition)
    var wasDone = true
    if answer.isUnknown {
      tally.unknown += 1
      (wasDone, answer) = try await look(call, answer, lines, at)
    }
    note(call, answer, fault?.name ?? "", lines, at)
    tally.count(answer, lines)
    if case .verify = call, at.now - at.server > Auditor.clockTolerance {
      guard answer.isUnknown, lines.isEmpty else {
        throw SupportError("\(call): \(answer) while the clock lags by \(at.now - at.server) ms")
      }
      return answer
    }
    let whole = Hypothesis(call: call, answer: answer, lines: lines[...], wasDone: wasDone)
    guard fault != nil, !answer.isUnknown else {
      try judge([[whole]], at)
      return answer
    }
    // The client may have repeated the call by itself after it was done.
    let first = Hypothesis(
      call: call,
      answer: .unknown(.unavailable("")),
      lines: lines[...],
      wasDone: true
    )
    let second = Hypothesis(call: call, answer: answer, lines: [], wasDone: true)
    try judge([[whole], [first, second]], at)
    return answer
  }

  /// Whether a call writes no line and makes nothing due earlier, so that no look is needed. A line
  /// that it writes all the same is found at the next look.
  private mutating func isSilent(
    _ answer: Answer,
    _ partition: Partition,
    _ at: Moment
  ) -> Bool {
    switch answer {
    case .launcherBeat(.some), .token(.issued):
      ledgers[partition, default: LedgerPlace()].time = at.now
      return true
    case .launcherBeat(nil), .token(.notChargeable), .token(.launcherGone):
      return true
    case .launcher, .verified, .beat, .end, .launcherEnd, .booked, .done, .held, .refused,
      .billed, .unknown:
      return false
    }
  }

  /// Makes two calls at once, through two instances; they are judged in every order.
  mutating func makeBoth(_ one: Call, _ other: Call) async throws -> (Answer, Answer) {
    tally.steps += 2
    holdClock()
    let partition = partition(of: one)
    let at = moment(in: partition)
    let first = instances[0]
    let second = instances[instances.count - 1]
    async let answerToOne = first.perform(one)
    async let answerToOther = second.perform(other)
    let answers = (await answerToOne, await answerToOther)
    let lines = try await readLedger(partition)
    note(one, answers.0, "at once with", [], at)
    note(other, answers.1, "", lines, at)
    guard !answers.0.isUnknown, !answers.1.isUnknown else {
      throw SupportError("without a fault \(one) and \(other) are answered \(answers)")
    }
    tally.count(answers.0, lines)
    tally.count(answers.1, [])
    let pairs = [(one, answers.0), (other, answers.1)]
    let orders = (0...lines.count)
      .flatMap { split in
        [pairs, pairs.reversed()]
          .map { pair in
            [
              Hypothesis(call: pair[0].0, answer: pair[0].1, lines: lines[..<split], wasDone: true),
              Hypothesis(call: pair[1].0, answer: pair[1].1, lines: lines[split...], wasDone: true),
            ]
          }
      }
    try judge(orders, at)
    return answers
  }

  /// Accepts the first way in which nothing is wrong.
  private mutating func judge(_ ways: [[Hypothesis]], _ at: Moment) throws {
    var finding: String?
    for (index, way) in ways.enumerated() {
      let before = ways.count == 1 ? nil : auditor
      for step in way {
        auditor.take(step.call, step.answer, Array(step.lines), at, wasDone: step.wasDone)
      }
      guard let found = auditor.findings.first else { return }
      if index == 0 { finding = "\(way[0].call): \(found)" }
      if let before { auditor = before }
    }
    throw SupportError(finding ?? "nothing was judged")
  }

  private mutating func note(
    _ call: Call,
    _ answer: Answer,
    _ circumstance: String,
    _ lines: [LedgerLine],
    _ at: Moment
  ) {
    chronicle.note(
      .init(at: at, call: call, answer: answer, circumstance: circumstance, lines: lines)
    )
  }

  private mutating func drawFault() -> Fault? {
    guard !areFaultsOver, faultRandom.isLikely(options.faultPercent) else { return nil }
    let fault = Fault.random(&faultRandom, allowsStepsBack: !hasHolds)
    tally.faults[fault.name, default: 0] += 1
    return fault
  }

  func holdClock() {
    stage.server.clock.hold(atMilliseconds: Stage.epoch + now + skew)
  }

  func moment(in partition: Partition) -> Moment {
    let server = Stage.epoch + now + skew
    return Moment(server: server, now: max(server, ledgers[partition]?.time ?? 0))
  }

  func partition(of call: Call) -> Partition {
    switch call {
    case .startLauncher(let cafe, _, _), .book(let cafe, _), .suspend(let cafe, _),
      .resume(let cafe), .hold(_, let cafe):
      Partition(of: cafe, count: stage.keys.partitionCount)
    case .token(let launcher, _), .launcherBeat(let launcher), .launcherEnd(let launcher, _):
      launcher.partition
    case .verify(let request): request.token.partition
    case .beat(let session, _, _), .end(let session, _, _), .operatorEnd(let session):
      session.partition
    case .bill(let partition): partition
    }
  }

  // MARK: Faults

  /// Calls in a hundred without a fault that go through a proxy: connections of which some were cut
  /// before must do their work, too.
  private static let proxiedPercent: Double = 20

  private mutating func perform(_ call: Call, _ fault: Fault?) async throws -> Answer {
    let index = Int(faultRandom.number(0...Int64(instances.count - 1)))
    let instance = instances[index]
    let answer: Answer
    switch fault {
    case nil, .jump:
      // The way through a proxy takes as long again, so most calls leave it out.
      let isProxied = faultRandom.isLikely(Self.proxiedPercent)
      answer = await (isProxied ? instance.ports : stage.ports).perform(call)
    case .flush:
      _ = try await stage.read([RedisCommand("FUNCTION", "FLUSH")])
      answer = await instance.perform(call)
    case .cut(let cuts):
      instance.proxy.cut(cuts)
      answer = await instance.perform(call)
      instance.proxy.cut([])
    case .drop:
      answer = await withTaskGroup(of: Answer.self) { group in
        group.addTask { await instance.perform(call) }
        await instance.drop()
        group.cancelAll()
        return await group.next() ?? .unknown(.unavailable("dropped"))
      }
      instances[index] = try await stage.startInstance(instance.name + "'")
    case .stop:
      async let underway = instance.perform(call)
      try await stage.server.restart()
      answer = await underway
    case .kill:
      async let underway = instance.perform(call)
      try await stage.server.kill()
      try await stage.server.restart()
      answer = await underway
    }
    if answer.isUnknown {
      await instance.proxy.sever()
      try await stage.settle()
    }
    return answer
  }
}
