import RedisClient
import Signatures

/// Puts scripts together to one library: first the modules of `Scripts/lib`, each in a function of
/// its own that gives it a value, then the scripts, each in a function that Redis can call. The
/// value stands in place of each key name and setting.
struct ScriptAssembly {
  let settings: ScriptSettings
  private let constants: [String: String]
  /// What a test does to the library, so as to see a broken rule noticed.
  private let edit: (String) -> String

  init(settings: ScriptSettings, edit: @escaping (String) -> String = { $0 }) {
    self.settings = settings
    self.edit = edit
    constants = settings.luaConstants.merging(Keys.luaConstants) { setting, _ in setting }
  }

  /// Scripts by their names.
  struct Assembled {
    let library: RedisLibrary
    let names: [String]
    fileprivate let suffix: String

    /// The script of this name.
    subscript(name: String) -> RedisScript {
      precondition(names.contains(name), "There is no script \(name).")
      return RedisScript(name: name, function: name + suffix, library: library)
    }
  }

  /// Scripts from their files.
  func scripts(_ files: KeyValuePairs<String, [UInt8]>) -> Assembled {
    scripts(texts: files.map { ($0.key, String(decoding: $0.value, as: UTF8.self)) })
  }

  /// Scripts from their texts. Library and functions are named after the digest of all, so whatever
  /// Redis knows by these names is this, and instances of two versions can share it.
  func scripts(texts: [(name: String, text: String)]) -> Assembled {
    let modules = Self.modules.map { Self.module($0.key, $0.value) }.joined()
    let functions = texts.map { Self.function($0.name, $0.text) }.joined()
    let text = filledIn(edit(Self.preamble + modules + functions))
    let digest = Hex.encode(Digest.sha256(Array(text.utf8))).prefix(Self.digestLength)
    let name = Self.libraryPrefix + digest
    let source = "#!lua name=\(name)\nlocal suffix = '_\(digest)'\n" + text
    return Assembled(
      library: RedisLibrary(name: name, source: source),
      names: texts.map(\.name),
      suffix: "_\(digest)"
    )
  }

  /// What the names of all our libraries begin with.
  static let libraryPrefix = "playmeter_"
  /// Hexadecimal digits: 64 bits.
  private static let digestLength = 16

  /// What Redis and Lua offer to scripts, as far as ours use it.
  private static let globals =
    "redis, error, ipairs, math, pairs, pcall, string, struct, table, tonumber, tostring, type, "
    + "unpack"
  /// Redis hands out globals by way of a second table, and not before a function is called. Kept in
  /// locals from the first call on, they cost a heartbeat some 4 % less.
  private static let preamble = """
    local register = redis.register_function
    local function globals() return \(globals) end
    local \(globals)

    """
  private static let prepare = "if not redis then \(globals) = globals() end\n"

  private static func module(_ name: String, _ file: [UInt8]) -> String {
    "local \(name) = (function()\n\(String(decoding: file, as: UTF8.self))end)()\n"
  }

  private static func function(_ name: String, _ text: String) -> String {
    "register('\(name)' .. suffix, function(KEYS, ARGV)\n\(prepare)\(text)end)\n"
  }

  /// The modules in an order in which each comes after those that it uses.
  private static let modules: KeyValuePairs<String, [UInt8]> = [
    "int": PackageResources.int_lua,
    "number": PackageResources.number_lua,
    "partition": PackageResources.partition_lua,
    "billing": PackageResources.billing_lua,
    "ledger": PackageResources.ledger_lua,
    "hold": PackageResources.hold_lua,
    "cafe": PackageResources.cafe_lua,
    "batch": PackageResources.batch_lua,
    "pc": PackageResources.pc_lua,
    "meter": PackageResources.meter_lua,
    "launcher": PackageResources.launcher_lua,
    "silence": PackageResources.silence_lua,
    "session": PackageResources.session_lua,
    "admission": PackageResources.admission_lua,
    "games": PackageResources.games_lua,
    "replay": PackageResources.replay_lua,
    "registry": PackageResources.registry_lua,
    "host": PackageResources.host_lua,
    "roster": PackageResources.roster_lua,
    "reservation": PackageResources.reservation_lua,
  ]

  /// The text with constants as literals, which cost nothing at a call. By hand, because with a
  /// regular expression it was half of the service's start.
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
}
