import Domain
import RedisClient
import Signatures

/// Every script of the service, assembled from `Scripts/*.lua` for one set of timings.
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
    gameVerify = assembly.script("game_verify", PackageResources.game_verify_lua)
    gameHeartbeat = assembly.script("game_heartbeat", PackageResources.game_heartbeat_lua)
    gameEnd = assembly.script("game_end", PackageResources.game_end_lua)
    launcherStart = assembly.script("launcher_start", PackageResources.launcher_start_lua)
    launcherToken = assembly.script("launcher_ott", PackageResources.launcher_ott_lua)
    launcherHeartbeat = assembly.script(
      "launcher_heartbeat",
      PackageResources.launcher_heartbeat_lua
    )
    launcherAlive = assembly.script("launcher_alive", PackageResources.launcher_alive_lua)
    launcherEnd = assembly.script("launcher_end", PackageResources.launcher_end_lua)
    billingStep = assembly.script("billing_step", PackageResources.billing_step_lua)
    cafeCreate = assembly.script("cafe_create", PackageResources.cafe_create_lua)
    cafeBook = assembly.script("cafe_book", PackageResources.cafe_book_lua)
    cafeCompensate = assembly.script("cafe_compensate", PackageResources.cafe_compensate_lua)
    cafeStatus = assembly.script("cafe_status", PackageResources.cafe_status_lua)
    cafeSecret = assembly.script("cafe_secret", PackageResources.cafe_secret_lua)
    holdSet = assembly.script("hold_set", PackageResources.hold_set_lua)
    sessionsRead = assembly.script("sessions_read", PackageResources.sessions_read_lua)
    auditSessions = assembly.script("audit_sessions", PackageResources.audit_sessions_lua)
    auditCafes = assembly.script("audit_cafes", PackageResources.audit_cafes_lua)
    gameCreate = assembly.script("game_create", PackageResources.game_create_lua)
    gameUpdate = assembly.script("game_update", PackageResources.game_update_lua)
    gameKeyAdd = assembly.script("game_key_add", PackageResources.game_key_add_lua)
    gameKeyRevoke = assembly.script("game_key_revoke", PackageResources.game_key_revoke_lua)
    gamesRead = assembly.script("games_read", PackageResources.games_read_lua)
    hostHeartbeat = assembly.script("host_heartbeat", PackageResources.host_heartbeat_lua)
    hostStatus = assembly.script("host_status", PackageResources.host_status_lua)
    hostLeave = assembly.script("host_leave", PackageResources.host_leave_lua)
    hostDrain = assembly.script("host_drain", PackageResources.host_drain_lua)
    hostsRead = assembly.script("hosts_read", PackageResources.hosts_read_lua)
    hostsSweep = assembly.script("hosts_sweep", PackageResources.hosts_sweep_lua)
    hostsCount = assembly.script("hosts_count", PackageResources.hosts_count_lua)
    matchFind = assembly.script("match_find", PackageResources.match_find_lua)
    matchConfirm = assembly.script("match_confirm", PackageResources.match_confirm_lua)
    matchRelease = assembly.script("match_release", PackageResources.match_release_lua)
    lease = assembly.script("lease", PackageResources.lease_lua)
    archiveTrim = assembly.script("archive_trim", PackageResources.archive_trim_lua)
    ledgerReplay = assembly.script("ledger_replay", PackageResources.ledger_replay_lua)
    ledgerLoss = assembly.script("ledger_loss", PackageResources.ledger_loss_lua)
  }

  /// All of them, to be loaded into Redis before it is used.
  public var all: [RedisScript] {
    [
      gameVerify, gameHeartbeat, gameEnd, launcherStart, launcherToken, launcherHeartbeat,
      launcherAlive, launcherEnd, billingStep, cafeCreate, cafeBook, cafeCompensate, cafeStatus,
      cafeSecret, holdSet, sessionsRead, auditSessions, auditCafes,
      gameCreate, gameUpdate, gameKeyAdd, gameKeyRevoke, gamesRead,
      hostHeartbeat, hostStatus, hostLeave, hostDrain, hostsRead, hostsSweep, hostsCount,
      matchFind, matchConfirm, matchRelease, lease, archiveTrim, ledgerReplay, ledgerLoss,
    ]
  }
}

/// Puts a script together: its own text with the library files in place of each `-- Uses:` line
/// that names them, as far as it can reach their functions, and with the value in place of each key
/// name and setting.
///
/// Every call builds the functions anew, 80 ns each. So a script that is mostly done with a few can
/// say further down that it uses the others.
struct ScriptAssembly {
  let settings: ScriptSettings
  private let constants: [String: String]
  /// What a test does to a source, so as to see a broken rule noticed.
  private let edit: (String) -> String

  init(settings: ScriptSettings, edit: @escaping (String) -> String = { $0 }) {
    self.settings = settings
    self.edit = edit
    constants = settings.luaConstants.merging(Keys.luaConstants) { setting, _ in setting }
  }

  /// A script from its file.
  func script(_ name: String, _ file: [UInt8]) -> RedisScript {
    script(name, text: String(decoding: file, as: UTF8.self))
  }

  /// A script from its text.
  func script(_ name: String, text: String) -> RedisScript {
    let source = filledIn(edit(ScriptAssembly.withLibraries(text)))
    let digest = Hex.encode(Digest.sha1(Array(source.utf8)))
    return RedisScript(name: name, source: source, sha1: digest)
  }

  /// The text with constants as literals: a table of them would be built anew at each call. By
  /// hand, because with a regular expression it was half of the service's start.
  private func filledIn(_ text: String) -> String {
    var rest = Array(text.utf8)[...]
    var filled: [UInt8] = []
    filled.reserveCapacity(rest.count)
    while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
      let name = rest[rest.index(after: dot)...].prefix(while: Self.isNameByte)
      let before = rest[..<dot]
      if !name.isEmpty, let table = Self.tables.first(where: { Self.ends(before, with: $0) }) {
        filled += before.dropLast(table.utf8.count)
        filled += value(of: "\(table).\(String(decoding: name, as: UTF8.self))").utf8
        rest = rest[name.endIndex...]
      } else {
        filled += rest[...dot]
        rest = rest[rest.index(after: dot)...]
      }
    }
    return String(decoding: filled + rest, as: UTF8.self)
  }

  /// What the names of constants begin with.
  private static let tables = ["KEY", "SETTING"]

  private func value(of constant: String) -> String {
    guard let value = constants[constant] else {
      preconditionFailure("A script uses \(constant), which nobody defines.")
    }
    return value
  }

  private static func ends(_ bytes: ArraySlice<UInt8>, with word: String) -> Bool {
    bytes.suffix(word.utf8.count).elementsEqual(word.utf8)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
  }

  /// A library file, taken apart once for all scripts.
  private struct Library {
    let name: String
    let parts: [LuaPart]
    /// The files that it uses.
    let uses: Set<String>

    init(_ name: String, _ file: [UInt8]) {
      let text = String(decoding: file, as: UTF8.self)
      self.name = name
      parts = LuaPart.all(of: text)
      uses = text.split(separator: "\n").reduce(into: []) { $0.formUnion(usedNames($1)) }
    }
  }

  /// The library files in an order in which each comes after those that it uses.
  private static let libraries: [Library] = [
    Library("partition", PackageResources.partition_lua),
    Library("billing", PackageResources.billing_lua),
    Library("ledger", PackageResources.ledger_lua),
    Library("hold", PackageResources.hold_lua),
    Library("cafe", PackageResources.cafe_lua),
    Library("pc", PackageResources.pc_lua),
    Library("launcher", PackageResources.launcher_lua),
    Library("meter", PackageResources.meter_lua),
    Library("silence", PackageResources.silence_lua),
    Library("session", PackageResources.session_lua),
    Library("admission", PackageResources.admission_lua),
    Library("games", PackageResources.games_lua),
    Library("replay", PackageResources.replay_lua),
    Library("registry", PackageResources.registry_lua),
    Library("promise", PackageResources.promise_lua),
    Library("host", PackageResources.host_lua),
    Library("roster", PackageResources.roster_lua),
    Library("reservation", PackageResources.reservation_lua),
  ]

  /// The text with the library files, each where it is first used.
  private static func withLibraries(_ text: String) -> String {
    var there: Set<String> = []
    let whole = text.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { line in
        let names = usedNames(line)
        return names.isEmpty ? [LuaPart(line: line)] : parts(of: names, except: &there)
      }
    return LuaPart.reachable(whole).map(\.text).joined(separator: "\n")
  }

  /// The library files of these names, and those that they use, as far as they are not there yet.
  private static func parts(of names: Set<String>, except there: inout Set<String>) -> [LuaPart] {
    var used = names
    // From the last to the first: each file only uses ones before it.
    let found = libraries.reversed()
      .filter { library in
        guard used.contains(library.name), there.insert(library.name).inserted else { return false }
        used.formUnion(library.uses)
        return true
      }
    return found.reversed().flatMap(\.parts)
  }

  /// The names on a `-- Uses:` line; none on any other.
  private static func usedNames(_ line: Substring) -> Set<String> {
    let mark = "-- Uses: "
    guard line.hasPrefix(mark) else { return [] }
    return Set(line.dropFirst(mark.count).split { ", ".contains($0) }.map(String.init))
  }
}
