import Domain
import HTTPAPI
import JSON

/// One PC of the evening: its launcher, and the game servers of the sessions on it. It does what
/// the script says at its time, and between that it beats.
struct PCPerformance: Sendable {
  let seat: Board.SeatIndex
  let launcher: DemoLauncher
  /// The servers of the two games.
  let servers: [DemoGameServer]
  let desk: DemoOperator
  let stage: Stage
  let timeline: Timeline
  /// What is still to happen.
  var cues: ArraySlice<Evening.Cue>
  /// The launcher's session; nil while the launcher is off or silent.
  var launcherBeats: LauncherBeats?
  /// The sessions whose game servers beat; a replaced one beats until it is told.
  private var games: [GameBeats] = []

  /// A launcher session and its next heartbeat.
  struct LauncherBeats: Sendable {
    let token: String
    var next: ContinuousClock.Instant
  }

  /// A game session and its next heartbeat.
  struct GameBeats: Sendable {
    let server: DemoGameServer
    let session: DemoGameServer.Session
    var next: ContinuousClock.Instant
    /// What the server was told last.
    var result = "OK"
  }

  private enum Duty {
    case cue, launcherBeat
    case gameBeat(Int)
  }

  /// A PC whose launcher has been started.
  init(
    seat: Board.SeatIndex,
    cues: [Evening.Cue],
    launcher: DemoLauncher,
    beats: LauncherBeats,
    servers: [DemoGameServer],
    desk: DemoOperator,
    stage: Stage,
    timeline: Timeline
  ) {
    self.seat = seat
    self.cues = cues[...]
    self.launcher = launcher
    launcherBeats = beats
    self.servers = servers
    self.desk = desk
    self.stage = stage
    self.timeline = timeline
  }

  /// Performs until nothing is left to do and nobody beats.
  mutating func perform() async throws {
    while let (duty, instant) = nextDuty() {
      try await Task.sleep(until: instant, clock: .continuous)
      switch duty {
      case .cue: try await act(cues.removeFirst().action)
      case .launcherBeat: try await beatLauncher()
      case .gameBeat(let index): try await beatGame(index)
      }
    }
  }

  private func nextDuty() -> (Duty, ContinuousClock.Instant)? {
    let cue = cues.first.map { (Duty.cue, timeline.instant(of: $0.beat)) }
    let beat = launcherBeats.map { (Duty.launcherBeat, $0.next) }
    let game = games.indices.map { (Duty.gameBeat($0), games[$0].next) }
    return ([cue, beat].compactMap(\.self) + game).min { $0.1 < $1.1 }
  }

  // MARK: What the script says

  private mutating func act(_ action: Evening.Action) async throws(DemoError) {
    switch action {
    case .play(let game, let user, let reason):
      try await play(servers[game.rawValue], user: user, endsAs: reason)
    case .leaveGame:
      guard let game = games.popLast() else { return }
      await note("\(game.session.user) leaves the game")
      try await game.server.end(game.session)
    case .loseGameServer:
      games = []
      await note("the game server falls silent; the launcher goes on")
    case .crashLauncher:
      launcherBeats = nil
      await note("the launcher crashes; the game server goes on")
    case .restartPC:
      await note("the PC restarts, and its launcher with it")
      games = []
      try await startLauncher()
    case .exitLauncher:
      guard let token = launcherBeats?.token else { return }
      launcherBeats = nil
      await note("the launcher is closed")
      try await launcher.end(token: token)
    case .endByOperator:
      guard let game = games.last else { return }
      await note("the operator ends \(game.session.user)'s session")
      try await desk.end(game.session.id)
    }
  }

  private mutating func play(
    _ server: DemoGameServer,
    user: String,
    endsAs reason: EndReason
  ) async throws(DemoError) {
    guard let token = launcherBeats?.token else { return }
    let oneTimeToken = try await launcher.oneTimeToken(for: server.game, token: token)
    let session = try await server.verify(oneTimeToken, user: user)
    let next = ContinuousClock.now + session.nextHeartbeat
    let part = Stage.Part(session: session.id, seat: seat, expectedReason: reason)
    await stage.enter(part, game: server.game.id.text, user: user)
    let takesOver = games.isEmpty ? "" : "takes over and "
    await note("\(user) \(takesOver)plays \(server.game.id)")
    games.append(GameBeats(server: server, session: session, next: next))
  }

  private mutating func startLauncher() async throws(DemoError) {
    let started = try await launcher.start()
    launcherBeats = LauncherBeats(token: started.token, next: .now + started.nextHeartbeat)
  }

  // MARK: Heartbeats

  private mutating func beatLauncher() async throws(DemoError) {
    guard let beats = launcherBeats else { return }
    let answer = try await patiently { () async throws(DemoError) in
      try await launcher.heartbeat(token: beats.token)
    }
    // 401: the service has given this launcher up.
    guard answer?.status != 401 else {
      launcherBeats = nil
      await note("the launcher is told: \(answer?.code ?? "")")
      return
    }
    let pause = try answer?.integer("next_heartbeat_in").seconds ?? timeline.beat
    launcherBeats = LauncherBeats(token: beats.token, next: beats.next + pause)
  }

  private mutating func beatGame(_ index: Int) async throws(DemoError) {
    let game = games[index]
    let answer = try await patiently { () async throws(DemoError) in
      try await game.server.heartbeat(game.session)
    }
    guard let answer else {
      games[index].next += timeline.beat
      return
    }
    // 404 and 410: game servers stop for good.
    guard answer.status != 404, answer.status != 410 else {
      games.remove(at: index)
      return await hear("\(answer.status) \(answer.code)", from: game, graceSeconds: nil)
    }
    let result = try answer.string("result")
    guard result != "SESSION_REPLACED" else {
      games.remove(at: index)
      return await hear(result, from: game, graceSeconds: nil)
    }
    games[index].next += try answer.integer("next_heartbeat_in").seconds
    games[index].result = result
    let grace = try answer.data()["grace_remaining_sec"]?.integer
    await hear(result, from: game, graceSeconds: grace)
  }

  /// Shows what a game server was told, and notes it when it is something else than before.
  private func hear(_ result: String, from game: GameBeats, graceSeconds: Int64?) async {
    let answer = graceSeconds.map { "\(result), \($0) s left" } ?? result
    await stage.tell(answer, graceSeconds: graceSeconds, session: game.session.id, at: seat)
    guard result != game.result else { return }
    let suffix = result == "OK" ? " again" : ""
    await note("\(game.session.user)'s game server is told: \(answer)\(suffix)")
  }

  /// Does what clients do when the service is out of order: they try again at the next heartbeat.
  private func patiently(
    _ request: () async throws(DemoError) -> DemoAnswer
  ) async throws(DemoError) -> DemoAnswer? {
    do throws(DemoError) {
      let answer = try await request()
      guard answer.isPassingFault else { return answer }
      await note("a heartbeat was answered with \(answer.status) \(answer.code)")
      return nil
    } catch .noAnswer(let request, _) where !Task.isCancelled {
      await note("\(request) was not answered")
      return nil
    }
  }

  private func note(_ text: String) async { await stage.note(text, at: seat) }
}

extension Int64 {
  /// So many seconds.
  fileprivate var seconds: Duration { .seconds(self) }
}
