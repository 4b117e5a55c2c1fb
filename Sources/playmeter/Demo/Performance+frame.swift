import Domain

/// What comes before and after the evening.
extension Performance {
  // MARK: Before

  func tariffs() async throws(DemoError) -> [Tariff] {
    let all = try await desk.tariffs()
    var tariffs: [Tariff] = []
    for game in credentials.games {
      guard let tariff = all[game.id.text] else { throw .unusable("there is no game \(game.id)") }
      tariffs.append(tariff)
    }
    return tariffs
  }

  typealias StartedLauncher = (
    launcher: DemoLauncher, started: DemoLauncher.Started, at: ContinuousClock.Instant
  )

  /// Switches all PCs on; what they are told gives the evening its beat.
  func startLaunchers() async throws(DemoError) -> [[StartedLauncher]] {
    var all: [[StartedLauncher]] = []
    for (cafe, script) in zip(credentials.cafes, evening.cafes) {
      var started: [StartedLauncher] = []
      for pc in script.pcs {
        let launcher = DemoLauncher(http: http, cafe: cafe, pc: pc.name)
        started.append((launcher, try await launcher.start(), .now))
      }
      all.append(started)
    }
    return all
  }

  func cafePerformance(_ index: Int, _ timeline: Timeline) -> CafePerformance {
    CafePerformance(
      index: index,
      cafe: credentials.cafes[index].id,
      script: evening.cafes[index],
      desk: desk,
      stage: stage,
      timeline: timeline
    )
  }

  /// Returns what the cafes had before they paid in what they lack.
  func open(
    _ cafes: [CafePerformance],
    _ tariffs: [Tariff]
  ) async throws(DemoError) -> [Money] {
    var openings: [Money] = []
    for cafe in cafes {
      let rate = cafe.script.milliGCoinPerHour { tariffs[$0.rawValue] }
      openings.append(try await cafe.open(milliGCoinPerHour: rate))
    }
    return openings
  }

  func pcs(_ launchers: [[StartedLauncher]], _ timeline: Timeline) -> [PCPerformance] {
    launchers.indices.flatMap { cafe in
      launchers[cafe].indices
        .map { seat in
          let (launcher, started, at) = launchers[cafe][seat]
          return PCPerformance(
            seat: Board.SeatIndex(cafe: cafe, seat: seat),
            cues: evening.cafes[cafe].pcs[seat].cues,
            launcher: launcher,
            beats: .init(token: started.token, next: at + started.nextHeartbeat),
            servers: credentials.games.map { DemoGameServer(http: http, game: $0) },
            desk: desk,
            stage: stage,
            timeline: timeline
          )
        }
    }
  }

  // MARK: Hosts

  /// A search of the demonstration must not take a slot that somebody else waits for.
  func requireNoHosts() async throws(DemoError) {
    guard let hosts, try await !hosts.list().isEmpty else { return }
    throw .unusable("hosts are registered: the demonstration needs a service of its own for hosts")
  }

  func hostPerformances(_ timeline: Timeline) -> [HostPerformance] {
    guard let hosts else { return [] }
    return Evening.hosts.map {
      HostPerformance(script: $0, hosts: hosts, stage: stage, timeline: timeline)
    }
  }

  func clientPerformances(_ timeline: Timeline) -> [ClientPerformance] {
    guard let hosts else { return [] }
    return Evening.clients.map {
      ClientPerformance(script: $0, hosts: hosts, stage: stage, timeline: timeline)
    }
  }

  /// Looks which hosts are listed. When the service is out of order for the moment, the next look
  /// will do.
  func lookAtHosts() async throws(DemoError) {
    guard let hosts else { return }
    do throws(DemoError) {
      await stage.observe(hosts: try await hosts.list())
    } catch {
      guard error.isPassing else { throw error }
    }
  }

  // MARK: After

  func verdict(_ openings: [Money], _ tariffs: [Tariff]) async throws -> Verdict {
    let rates = Dictionary(uniqueKeysWithValues: zip(credentials.games.map(\.id.text), tariffs))
    var sessions: [SessionVerdict] = []
    for part in await stage.parts {
      let evidence = try await desk.session(part.session)
      let tariff = rates[evidence.game]
      sessions.append(SessionVerdict(evidence, expected: part.expectedReason, tariff: tariff))
    }
    var cafes: [CafeVerdict] = []
    for (index, cafe) in credentials.cafes.enumerated() {
      let own = sessions.filter { $0.evidence.cafe == cafe.id.text }.map(\.evidence.charged)
      cafes.append(
        CafeVerdict(
          id: cafe.id.text,
          opening: openings[index],
          booked: await stage.booked[index],
          charged: own.reduce(.zero, +),
          balance: try await desk.account(of: cafe.id).balance
        )
      )
    }
    let hosts = await stage.board.hosts.map { HostVerdict($0.evidence) }
    return Verdict(sessions: sessions, cafes: cafes, hosts: hosts)
  }
}
