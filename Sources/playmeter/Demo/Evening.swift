import Domain

/// The script of the demonstration: what happens on which PC, and when.
///
/// Times are in beats. One beat is the time between two heartbeats as the service asks for it, so
/// the same evening takes 40 seconds at 2 s and 40 minutes at the published 120 s. Between
/// them the sessions end for every reason that there is, each once.
struct Evening: Sendable {
  /// The cafes with their PCs.
  let cafes: [Cafe]

  /// A cafe's part.
  struct Cafe: Sendable {
    /// Its PCs.
    let pcs: [PC]
    /// When the operator takes money back, so that the balance runs out while we watch. Without
    /// it nothing would run out within a minute: nobody is admitted on less than a minute's money.
    let correctionBeat: Double
    /// What is paid in once the players are in grace.
    let rescue: Rescue
  }

  /// A top-up in grace.
  enum Rescue: Sendable {
    /// It pays what was played and a good while more: the sessions go on.
    case enough
    /// It pays less than a minute more: it is debited, and the grace runs out all the same.
    case tooLittle
  }

  /// A PC's part. Its launcher is on from the beginning.
  struct PC: Sendable {
    /// Its name, unique in the evening.
    let name: String
    /// What happens there, in order.
    let cues: [Cue]
  }

  /// Something that happens at a time.
  struct Cue: Sendable {
    /// Beats from the start of the evening.
    let beat: Double
    /// What happens.
    let action: Action
  }

  /// What can happen on a PC.
  enum Action: Sendable, Equatable {
    /// The launcher fetches a token and the game server trades it for a session.
    case play(GameChoice, user: String, endsAs: EndReason)
    /// The player leaves; the game server ends the session.
    case leaveGame
    /// The game server says nothing more.
    case loseGameServer
    /// The launcher says nothing more.
    case crashLauncher
    /// The PC starts anew, and with it its launcher.
    case restartPC
    /// The launcher ends its session.
    case exitLauncher
    /// The operator ends the session of the PC.
    case endByOperator
  }

  /// One of the two games.
  enum GameChoice: Int, Sendable, CaseIterable {
    case first, second
  }
}

extension Evening {
  /// The evening that `playmeter demo` performs.
  ///
  /// The fractions put heartbeats, ticks and time-outs apart: where a session ends at its last
  /// heartbeat, a tick has billed beyond it by then, and the money comes back.
  static let standard = Evening(cafes: [
    Cafe(pcs: [finisher, changer, crasher], correctionBeat: 9, rescue: .enough),
    Cafe(pcs: [loser, staying, restarter], correctionBeat: 12.5, rescue: .tooLittle),
  ])

  /// Plays through the exhaustion and the rescue and leaves in the usual way.
  private static let finisher = PC("PC-1") {
    Cue(1, .play(.first, user: "1001", endsAs: .normal))
    Cue(19, .leaveGame)
    Cue(19.5, .exitLauncher)
  }

  /// The second player takes over, is rescued, and switches the launcher off.
  private static let changer = PC("PC-2") {
    Cue(1.6, .play(.second, user: "1002", endsAs: .replaced))
    Cue(6.4, .play(.first, user: "1003", endsAs: .launcherExit))
    Cue(18, .exitLauncher)
  }

  /// Power cut at the PC; the game server does not notice.
  private static let crasher = PC("PC-3") {
    Cue(2.1, .play(.second, user: "1004", endsAs: .launcherTimeout))
    Cue(5.3, .crashLauncher)
  }

  /// The game server dies; the PC stays on.
  private static let loser = PC("PC-4") {
    Cue(2.8, .play(.first, user: "1005", endsAs: .heartbeatTimeout))
    Cue(6, .loseGameServer)
    Cue(14, .exitLauncher)
  }

  /// Plays on until the money is gone for good.
  private static let staying = PC("PC-5") {
    Cue(3.4, .play(.second, user: "1006", endsAs: .chargeExhausted))
    Cue(20, .exitLauncher)
  }

  /// The PC restarts; later the operator ends the player's second session.
  private static let restarter = PC("PC-6") {
    Cue(4, .play(.first, user: "1007", endsAs: .launcherRestart))
    Cue(8.8, .restartPC)
    Cue(9.6, .play(.second, user: "1007", endsAs: .operatorEnded))
    Cue(11.8, .endByOperator)
    Cue(15, .exitLauncher)
  }
}

extension Evening {
  /// The beat of the last thing that happens at its time.
  var lastBeat: Double {
    let corrections = cafes.map(\.correctionBeat)
    let cues = cafes.flatMap(\.pcs).flatMap(\.cues).map(\.beat)
    return (corrections + cues).max() ?? 0
  }
}

extension Evening.Cafe {
  /// What an hour costs when everybody plays who may play at once; a session that replaces
  /// another one on its PC does not add to it.
  func milliGCoinPerHour(_ rate: (Evening.GameChoice) -> Tariff) -> Int64 {
    pcs.map { pc in
      pc.cues
        .compactMap { cue in
          guard case .play(let game, _, _) = cue.action else { return nil }
          return rate(game).milliGCoinPerHour
        }
        .max() ?? 0
    }
    .reduce(0, +)
  }
}

extension Evening.PC {
  /// Lets a PC's cues stand below each other without commas and brackets.
  @resultBuilder
  enum CueList {
    static func buildBlock(_ cues: Evening.Cue...) -> [Evening.Cue] { cues }
  }

  init(_ name: String, @CueList cues: () -> [Evening.Cue]) {
    self.init(name: name, cues: cues())
  }
}

extension Evening.Cue {
  init(_ beat: Double, _ action: Evening.Action) {
    self.init(beat: beat, action: action)
  }
}
