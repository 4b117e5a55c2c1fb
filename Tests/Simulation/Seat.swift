import Domain

/// A PC of a cafe, with whoever sits at it.
struct Seat {
  let place: Place
  /// What its visitors draw from.
  var random: Randomness
  var launcher: LauncherSessionID?
  /// The nonce of its last start.
  var nonce = ""
  /// Whether its launcher beats no more, although nobody ended it.
  var isSilent = false
  /// How often a call was repeated without an answer.
  var attempts = 0
}

/// A game that is played, as its game server knows it.
struct Play {
  let seat: Int
  let user: ProviderUserID
  let game: GameID
  /// Whether its game server has stopped to beat.
  var isSilent = false
}

/// What somebody does next.
enum Action {
  case arrive(seat: Int)
  case launcherBeat(seat: Int, LauncherSessionID)
  case choose(seat: Int, LauncherSessionID)
  case verify(seat: Int, VerifyRequest, attempt: Int)
  case beat(GameSessionID)
  case fate(GameSessionID)
  case end(GameSessionID, request: String, attempt: Int)
  case endLauncher(seat: Int, LauncherSessionID, request: String, attempt: Int)
  case operate(CafeID)
  case book(CafeID, BalanceEntry, attempt: Int)
  case resume(CafeID)
  case enable(game: Int)
  case endByHand(GameSessionID)
  case beginHold(CafeID)
  case endHold(CafeID)
  case goAway
  case bill(Partition)
}

/// How a session comes to its end, as its actors mean it.
enum Fate {
  case end, launcherExit, powerOff, launcherSilent, serverSilent, replace, restart, operatorEnd
  case lateEnd

  static let weights: [(Fate, Int64)] = [
    (.end, 40), (.launcherExit, 10), (.powerOff, 8), (.launcherSilent, 7), (.serverSilent, 7),
    (.replace, 12), (.restart, 8), (.operatorEnd, 4), (.lateEnd, 4),
  ]
}
