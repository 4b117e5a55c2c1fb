import Domain
import RedisStore
import Simulation
import Support
import Testing

/// An instance dies before a call is sent, after that, or after Redis has answered; then the caller
/// repeats the call with another instance.
@Suite("Crash at every instruction", .serialized, .timeLimit(.minutes(15)))
struct CrashPointTests {
  /// Each path that calls a script.
  enum Path: String, CaseIterable, Sendable {
    case verify, heartbeat, end
    case launcherStart, launcherToken, launcherHeartbeat, launcherEnd
    case topUp, adjustment, suspend, suspendAndEnd, resume, operatorEnd
    case gameCreate, gameUpdate, gameKeyAdd, gameKeyRevoke, cafeCreate, cafeSecret
    case billing

    /// Whether a caller asks for something new when it repeats the call: another token, key or
    /// secret, and a start that is signed anew. What was lost is then there besides.
    var makesNew: Bool {
      switch self {
      case .launcherStart, .launcherToken, .gameKeyAdd, .cafeSecret: true
      case .verify, .heartbeat, .end, .launcherHeartbeat, .launcherEnd, .topUp, .adjustment,
        .suspend, .suspendAndEnd, .resume, .operatorEnd, .gameCreate, .gameUpdate,
        .gameKeyRevoke, .cafeCreate, .billing:
        false
      }
    }

    /// Whether the repeat is answered as the first call would have been.
    var answersTheSame: Bool {
      switch self {
      case .verify, .heartbeat, .end, .launcherHeartbeat, .launcherEnd, .suspend, .suspendAndEnd,
        .resume, .gameUpdate:
        true
      case .launcherStart, .launcherToken, .topUp, .adjustment, .operatorEnd, .gameCreate,
        .gameKeyAdd, .gameKeyRevoke, .cafeCreate, .cafeSecret, .billing:
        false
      }
    }
  }

  @Test("The repeated call leaves what an undisturbed one leaves", arguments: Path.allCases)
  func repeated(path: Path) async throws {
    try await Stage.open { stage in
      let survivor = try await stage.startInstance("survivor")
      for cut in CuttingProxy.Cut.allCases {
        let wasDone = cut != .beforeWrite
        let undisturbed = try await run(path, stage, survivor) { scene in
          if path.makesNew, wasDone { _ = await call(path, 0, scene, survivor) }
          return await call(path, 1, scene, survivor)
        }
        let victim = try await stage.startInstance("victim of \(cut)")
        let disturbed = try await run(path, stage, survivor) { scene in
          // The second cut is for the client's own repeat: the instance is dead by then.
          victim.proxy.cut([cut, .beforeWrite])
          let lost = await call(path, 0, scene, victim)
          #expect(lost == Self.lost, "\(cut)")
          await victim.drop()
          try await stage.settle()
          return await call(path, 1, scene, survivor)
        }
        #expect(undisturbed.state == disturbed.state, "\(cut)")
        if path.answersTheSame { #expect(undisturbed.answer == disturbed.answer, "\(cut)") }
      }
    }
  }

  private static let lost = "lost"

  /// Plays to the same point, does something, and looks at what Redis holds then.
  private func run(
    _ path: Path,
    _ stage: Stage,
    _ instance: Instance,
    _ body: (CrashScene) async throws -> String
  ) async throws -> (answer: String, state: [String]) {
    let scene = try await CrashScene.play(stage, instance)
    if path == .resume { _ = await instance.perform(.suspend(scene.cafe, endSessions: false)) }
    let answer = try await body(scene)
    let state = try await scene.state()
    let ids = [scene.session.description, scene.launcher.description, scene.token.description]
    return (ids.reduce(answer) { $0.replacing($1, with: "*") }, state)
  }

  /// Makes the call for the first or second time and tells the answer in words.
  private func call(
    _ path: Path,
    _ attempt: Int,
    _ scene: CrashScene,
    _ instance: Instance
  ) async -> String {
    guard let call = Self.call(path, attempt, scene) else {
      return await administer(path, scene, instance.administration)
    }
    let answer = await instance.perform(call)
    if case .unknown = answer { return Self.lost }
    if case .verified(.started) = answer { return "started" }
    return "\(answer)"
  }

  private static func call(_ path: Path, _ attempt: Int, _ scene: CrashScene) -> Call? {
    let amount = Money(milliGCoin: 777)
    let reference = BookingReference("invoice")!
    return switch path {
    case .verify: .verify(scene.request(scene.token, key: "key"))
    case .heartbeat: .beat(scene.session, scene.user, scene.game.id)
    case .end: .end(scene.session, scene.game.id, request: "request")
    case .launcherStart: .startLauncher(scene.cafe, scene.pc, nonce: "nonce-\(attempt)")
    case .launcherToken: .token(scene.launcher, scene.game)
    case .launcherHeartbeat: .launcherBeat(scene.launcher)
    case .launcherEnd: .launcherEnd(scene.launcher, request: "request")
    case .topUp: .book(scene.cafe, .topup(amount, ref: reference))
    case .adjustment: .book(scene.cafe, .adjustment(amount, ref: reference, reason: "gift"))
    case .suspend: .suspend(scene.cafe, endSessions: false)
    case .suspendAndEnd: .suspend(scene.cafe, endSessions: true)
    case .resume: .resume(scene.cafe)
    case .operatorEnd: .operatorEnd(scene.session)
    case .billing: .bill(scene.partition)
    case .gameCreate, .gameUpdate, .gameKeyAdd, .gameKeyRevoke, .cafeCreate, .cafeSecret: nil
    }
  }

  private func administer(
    _ path: Path,
    _ scene: CrashScene,
    _ administration: RedisAdministration
  ) async -> String {
    do throws(AdministrationError) {
      switch path {
      case .gameCreate:
        let game = scene.game
        let other = Game(
          id: GameID("other")!,
          name: game.name,
          tariff: game.tariff,
          launchURL: nil,
          isEnabled: true
        )
        _ = try await administration.createGame(other)
      case .gameUpdate:
        let change = GameChange(name: "New", tariff: Tariff(milliGCoinPerHour: 60))
        _ = try await administration.updateGame(scene.game.id, change)
      case .gameKeyAdd: _ = try await administration.rotateKey(of: scene.game.id)
      case .gameKeyRevoke: try await administration.revokeKey(scene.keyID, of: scene.game.id)
      case .cafeCreate:
        let network = Network("203.0.113.0/24")!
        _ = try await administration.createCafe(
          NewCafe(id: CafeID("south")!, name: "South", networks: [network])
        )
      case .cafeSecret:
        _ = try await administration.rotateSecret(of: scene.cafe, revokePrevious: false)
      default: preconditionFailure("Only the commands without a call come here.")
      }
      return "done"
    } catch {
      if case .fault = error { return Self.lost }
      return "refused"
    }
  }
}
