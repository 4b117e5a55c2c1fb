import Domain

/// The durations and bounds that scripts work with, written into their source, so that they need
/// not travel with every call. Durations are in milliseconds.
struct ScriptSettings {
  /// How long a nonce is remembered: three times the 300 s by which a launcher's clock may be off
  /// in either direction, so that no signature outlives the memory of its nonce.
  static let nonceTTLMilliseconds = 900_000
  /// By how much Redis' clock may lag the highest time seen before nobody new is admitted.
  static let clockToleranceMilliseconds = 5_000
  /// PCs that one cafe may have; bounds the work of whatever lists a cafe.
  static let maximumPCs = 2_000

  /// Holds that a partition remembers for what is alive. They stay there for minutes, so that more
  /// of them means that somebody switches holds like a lamp.
  static let maximumHolds = 32
  /// What of it holds by hand may take, so that there is always place for an outage.
  static let maximumHoldsByHand = 24
  /// Sessions that fall silent within one session TTL before a cafe is named, and how many of
  /// hundred of its live ones they must be: fewer happen every evening.
  static let silentSessions = 5
  static let silentPercent = 80

  /// Notices that wait for a webhook in each partition; past it the oldest are dropped, so that an
  /// endpoint that is away for days cannot fill Redis. About 3 MiB.
  static let maximumNotices = 10_000

  let timings: Timings
  var keepsNotices = false

  /// How long a hold that is over may matter to something alive: whatever lived in it has had its
  /// heartbeat or its end by then.
  private var holdMemory: Duration {
    timings.billingTick + max(timings.sessionTTL, timings.launcherTTL)
  }

  /// The settings as scripts write them, `SETTING.grace`, with their values.
  var luaConstants: [String: String] {
    let fields: [(String, Int64)] = [
      ("heartbeat_interval", timings.heartbeatInterval.wholeMilliseconds),
      ("session_ttl", timings.sessionTTL.wholeMilliseconds),
      ("launcher_ttl", timings.launcherTTL.wholeMilliseconds),
      ("token_ttl", timings.tokenTTL.wholeMilliseconds),
      ("grace", timings.grace.wholeMilliseconds),
      ("ended_memory", timings.endedMemory.wholeMilliseconds),
      ("billing_tick", timings.billingTick.wholeMilliseconds),
      ("record_retention", timings.recordRetention.wholeMilliseconds),
      ("host_ttl", timings.hostTTL.wholeMilliseconds),
      ("match_reservation", timings.matchReservation.wholeMilliseconds),
      ("match_confirmed_ttl", timings.matchConfirmedTTL.wholeMilliseconds),
      ("nonce_ttl", Int64(Self.nonceTTLMilliseconds)),
      ("clock_tolerance", Int64(Self.clockToleranceMilliseconds)),
      ("maximum_pcs", Int64(Self.maximumPCs)),
      ("outage_hold", timings.outageHold?.wholeMilliseconds ?? 0),
      ("hold_memory", holdMemory.wholeMilliseconds),
      ("maximum_holds", Int64(Self.maximumHolds)),
      ("maximum_holds_by_hand", Int64(Self.maximumHoldsByHand)),
      ("silent_sessions", Int64(Self.silentSessions)),
      ("silent_percent", Int64(Self.silentPercent)),
      ("notices", keepsNotices ? Int64(Self.maximumNotices) : 0),
      ("maximum_balance", Money.maximumBalance.milliGCoin),
    ]
    let pairs = fields.map { ("SETTING.\($0.0)", String($0.1)) }
    return Dictionary(uniqueKeysWithValues: pairs + [("SETTING.low_balance_minutes", lowBalance)])
  }

  /// The thresholds as a list of Lua, the highest first, so that a cafe's place in it tells which
  /// ones it has fallen below.
  private var lowBalance: String {
    let minutes = timings.lowBalanceMinutes.sorted(by: >)
    return "{ \(minutes.map { String($0) }.joined(separator: ", ")) }"
  }
}

extension Duration {
  /// The duration in milliseconds, rounded down.
  var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
