import Domain
import RedisClient

/// Every script of the service, made from `Scripts/*.lua` for one set of timings.
public struct Scripts: Sendable {
  let gameVerify: RedisScript
  let gameHeartbeat: RedisScript
  let gameEnd: RedisScript
  let launcherStart: RedisScript
  let launcherToken: RedisScript
  let launcherHeartbeat: RedisScript
  let launcherAlive: RedisScript
  let launcherEnd: RedisScript
  let billingStep: RedisScript
  let cafeCreate: RedisScript
  let cafeBook: RedisScript
  let cafeCompensate: RedisScript
  let cafeStatus: RedisScript
  let cafeSecret: RedisScript
  let holdSet: RedisScript
  let sessionsRead: RedisScript
  let auditSessions: RedisScript
  let auditCafes: RedisScript
  let gameCreate: RedisScript
  let gameUpdate: RedisScript
  let gameKeyAdd: RedisScript
  let gameKeyRevoke: RedisScript
  let gamesRead: RedisScript
  let hostHeartbeat: RedisScript
  let hostStatus: RedisScript
  let hostLeave: RedisScript
  let hostDrain: RedisScript
  let hostsRead: RedisScript
  let hostsSweep: RedisScript
  let hostsCount: RedisScript
  let matchFind: RedisScript
  let matchConfirm: RedisScript
  let matchRelease: RedisScript
  let lease: RedisScript
  let archiveTrim: RedisScript
  let ledgerReplay: RedisScript
  let ledgerLoss: RedisScript
  /// Where all of them are; loaded into Redis before it is used.
  public let library: RedisLibrary
  /// The names of all.
  public let names: [String]
  /// How long they keep the record of an ended session.
  let recordRetention: Duration

  /// Assembles the scripts.
  ///
  /// - Parameter keepsNotices: Whether lines that a webhook is to tell are kept for it.
  public init(timings: Timings, keepsNotices: Bool = false) {
    let settings = ScriptSettings(timings: timings, keepsNotices: keepsNotices)
    self.init(ScriptAssembly(settings: settings))
  }

  /// Assembles the scripts in a given way.
  init(_ assembly: ScriptAssembly) {
    recordRetention = assembly.settings.timings.recordRetention
    let scripts = assembly.scripts(Self.files)
    library = scripts.library
    names = scripts.names
    gameVerify = scripts["game_verify"]
    gameHeartbeat = scripts["game_heartbeat"]
    gameEnd = scripts["game_end"]
    launcherStart = scripts["launcher_start"]
    launcherToken = scripts["launcher_ott"]
    launcherHeartbeat = scripts["launcher_heartbeat"]
    launcherAlive = scripts["launcher_alive"]
    launcherEnd = scripts["launcher_end"]
    billingStep = scripts["billing_step"]
    cafeCreate = scripts["cafe_create"]
    cafeBook = scripts["cafe_book"]
    cafeCompensate = scripts["cafe_compensate"]
    cafeStatus = scripts["cafe_status"]
    cafeSecret = scripts["cafe_secret"]
    holdSet = scripts["hold_set"]
    sessionsRead = scripts["sessions_read"]
    auditSessions = scripts["audit_sessions"]
    auditCafes = scripts["audit_cafes"]
    gameCreate = scripts["game_create"]
    gameUpdate = scripts["game_update"]
    gameKeyAdd = scripts["game_key_add"]
    gameKeyRevoke = scripts["game_key_revoke"]
    gamesRead = scripts["games_read"]
    hostHeartbeat = scripts["host_heartbeat"]
    hostStatus = scripts["host_status"]
    hostLeave = scripts["host_leave"]
    hostDrain = scripts["host_drain"]
    hostsRead = scripts["hosts_read"]
    hostsSweep = scripts["hosts_sweep"]
    hostsCount = scripts["hosts_count"]
    matchFind = scripts["match_find"]
    matchConfirm = scripts["match_confirm"]
    matchRelease = scripts["match_release"]
    lease = scripts["lease"]
    archiveTrim = scripts["archive_trim"]
    ledgerReplay = scripts["ledger_replay"]
    ledgerLoss = scripts["ledger_loss"]
  }

  private static let files: KeyValuePairs<String, [UInt8]> = [
    "game_verify": PackageResources.game_verify_lua,
    "game_heartbeat": PackageResources.game_heartbeat_lua,
    "game_end": PackageResources.game_end_lua,
    "launcher_start": PackageResources.launcher_start_lua,
    "launcher_ott": PackageResources.launcher_ott_lua,
    "launcher_heartbeat": PackageResources.launcher_heartbeat_lua,
    "launcher_alive": PackageResources.launcher_alive_lua,
    "launcher_end": PackageResources.launcher_end_lua,
    "billing_step": PackageResources.billing_step_lua,
    "cafe_create": PackageResources.cafe_create_lua,
    "cafe_book": PackageResources.cafe_book_lua,
    "cafe_compensate": PackageResources.cafe_compensate_lua,
    "cafe_status": PackageResources.cafe_status_lua,
    "cafe_secret": PackageResources.cafe_secret_lua,
    "hold_set": PackageResources.hold_set_lua,
    "sessions_read": PackageResources.sessions_read_lua,
    "audit_sessions": PackageResources.audit_sessions_lua,
    "audit_cafes": PackageResources.audit_cafes_lua,
    "game_create": PackageResources.game_create_lua,
    "game_update": PackageResources.game_update_lua,
    "game_key_add": PackageResources.game_key_add_lua,
    "game_key_revoke": PackageResources.game_key_revoke_lua,
    "games_read": PackageResources.games_read_lua,
    "host_heartbeat": PackageResources.host_heartbeat_lua,
    "host_status": PackageResources.host_status_lua,
    "host_leave": PackageResources.host_leave_lua,
    "host_drain": PackageResources.host_drain_lua,
    "hosts_read": PackageResources.hosts_read_lua,
    "hosts_sweep": PackageResources.hosts_sweep_lua,
    "hosts_count": PackageResources.hosts_count_lua,
    "match_find": PackageResources.match_find_lua,
    "match_confirm": PackageResources.match_confirm_lua,
    "match_release": PackageResources.match_release_lua,
    "lease": PackageResources.lease_lua,
    "archive_trim": PackageResources.archive_trim_lua,
    "ledger_replay": PackageResources.ledger_replay_lua,
    "ledger_loss": PackageResources.ledger_loss_lua,
  ]
}
