import HTTPAPI

/// A gaming PC of the evening: it joins, reports, and leaves or crashes.
struct HostPerformance: Sendable {
  let script: Evening.Host
  let hosts: DemoHosts
  let stage: Stage
  let timeline: Timeline

  /// Performs the host's part.
  func perform() async throws {
    try await timeline.wait(for: script.joinBeat)
    let lifetime = try await hosts.heartbeat(script)
    await stage.join(script.name, lifetime: lifetime)
    // 20 of 30 seconds, as host programs do: one lost heartbeat is harmless.
    try await live(until: timeline.instant(of: script.endBeat), pause: (lifetime * 2) / 3)
    switch script.end {
    case .crashes:
      await stage.crash(script.name)
    case .leaves:
      await stage.leave(script.name)
      try await hosts.leave(script)
    }
  }

  private func live(until end: ContinuousClock.Instant, pause: Duration) async throws {
    var next = ContinuousClock.now + pause
    while next < end {
      try await Task.sleep(until: next, clock: .continuous)
      try await beat()
      next += pause
    }
    try await Task.sleep(until: end, clock: .continuous)
  }

  /// A heartbeat. When the service is out of order for the moment, the next one will do.
  private func beat() async throws(DemoError) {
    do throws(DemoError) {
      _ = try await hosts.heartbeat(script)
    } catch {
      guard error.isPassing else { throw error }
      return
    }
    await stage.hear(script.name)
  }
}

/// A client of the evening: it looks for a host, plays there, and gives the slot back.
struct ClientPerformance: Sendable {
  /// How long it takes to connect to a host that was found.
  private static let connectTime = Duration.seconds(1)
  /// Redis' clock and ours may differ by a second, and ours is read in whole ones.
  private static let clockTolerance = Duration.seconds(2)

  let script: Evening.Client
  let hosts: DemoHosts
  let stage: Stage
  let timeline: Timeline

  /// Performs the client's part.
  func perform() async throws {
    try await timeline.wait(for: script.findBeat)
    guard let match = try await hosts.find() else {
      await stage.note("finds no host with a free slot", ofClient: script.name)
      return
    }
    await stage.match(script.name, with: match)
    guard let releaseBeat = script.releaseBeat else { return try await lapse(match) }
    try await Task.sleep(for: Self.connectTime)
    let isConfirmed = try await hosts.confirm(match)
    try await timeline.wait(for: releaseBeat)
    // Until here the slot is certainly the client's; a moment later it may be somebody else's.
    await stage.unmatch(match)
    let isReleased = try await hosts.release(match)
    await stage.note(
      isConfirmed && isReleased
        ? "leaves \(match.host)" : "leaves \(match.host), which has given the slot up before",
      ofClient: script.name
    )
  }

  private func lapse(_ match: DemoHosts.Match) async throws {
    let now: Duration = .seconds(WallClock.seconds())
    let end: Duration = .milliseconds(match.expiresAt)
    let left: Duration = end - now - Self.clockTolerance
    try await Task.sleep(for: max(Duration.zero, left))
    await stage.unmatch(match)
    await stage.note("never comes to \(match.host); the slot lapses", ofClient: script.name)
  }
}
