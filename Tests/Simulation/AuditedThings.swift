import Domain

/// When a call was judged, in Unix milliseconds.
public struct Moment: Sendable {
  /// What the server's clock showed; keys expire by it.
  let server: Int64
  /// The highest time that the partition has seen; everything else is judged by it.
  let now: Int64
}

/// A game session as the auditor knows it.
struct AuditedSession {
  let id: GameSessionID
  let cafe: CafeID
  let pc: PCID
  let game: GameID
  let user: ProviderUserID
  let launcher: LauncherSessionID
  let rate: Int64
  let start: Int64
  /// The first accepted heartbeat after verify.
  var first: Int64?
  /// The last accepted heartbeat; verify is one.
  var beat: Int64
  /// Milliseconds that the last heartbeat made billable beyond what was so before: steps come for
  /// them at the next tick only.
  var opened: Int64 = 0
  /// When its key expires, by the server's clock.
  var expiry: Int64
  /// What was debited less what was given back.
  var charged: Int64 = 0
  /// Seconds that were paid at the last step that the ledger shows.
  var paid: Int64 = 0
  /// When the grace began; nil outside grace.
  var graceBegan: Int64?
  var lines: Int64 = 0
  var ending: Ending?

  var reckoning: Reckoning { Reckoning(rate: rate) }
  var place: Place { Place(cafe: cafe, pc: pc) }

  /// Whole seconds from the start to an instant, held ones included.
  func played(to instant: Int64) -> Int64 { max(0, (instant - start) / 1000) }

  struct Ending {
    let reason: EndReason
    let at: Int64
    let play: Int64
    let billable: Int64
    let held: Int64
    /// By the server's clock.
    let closedAt: Int64
    /// The id of the request that ended it, or nothing.
    let request: String
  }
}

/// A PC of a cafe.
struct Place: Hashable {
  let cafe: CafeID
  let pc: PCID
}

/// What lives on a PC.
struct Occupants {
  var launcher: LauncherSessionID?
  var session: GameSessionID?
}

/// A launcher session as the auditor knows it.
struct AuditedLauncher {
  let place: Place
  /// When its key expires, by the server's clock.
  var expiry: Int64
  /// When it counts as silent, by the partition's time.
  var due: Int64
  var isRemoved = false
  /// The request that ended it, and until when it is remembered, by the server's clock.
  var end: (request: String, until: Int64)?
}

/// A one-time token as the auditor knows it.
struct AuditedToken {
  let launcher: LauncherSessionID
  let place: Place
  let game: GameID
  /// When it is forgotten, by the server's clock.
  var expiry: Int64
  var use: Use?

  struct Use {
    let session: GameSessionID
    let user: ProviderUserID
    let key: String?
  }
}

/// A cafe as the auditor knows it.
struct AuditedCafe {
  var balance: Int64 = 0
  var isActive = true
  /// What each reference was booked for.
  var references: [String: BalanceEntry] = [:]
  /// How many thresholds of remaining time the cafe may have been told of. A step that debits
  /// nothing leaves no line, but may have seen a rise: so there may be several.
  var told: Set<Int> = [0]
  /// When sessions of the last session TTL ended because their heartbeats stopped.
  var silences: [Int64] = []
  /// When it was last seen that nearly all of the cafe fell silent.
  var silencedAt: Int64?
}

/// A time that nobody pays for and in which nobody is thrown out.
struct AuditedHold {
  let from: Int64
  /// Nil while it is on.
  var until: Int64?
  /// The cafe that it is for; nil for all.
  let cafe: CafeID?

  func covers(_ cafe: CafeID) -> Bool { self.cafe == nil || self.cafe == cafe }
}
