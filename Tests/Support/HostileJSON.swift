/// JSON as text with structure, so that a fuzzer can put anything in any place of a right document.
public indirect enum HostileJSON: Sendable {
  /// Any text, whether JSON or not.
  case text(String)
  case array([HostileJSON])
  case object([Member])

  public struct Member: Sendable {
    var name: String
    var value: HostileJSON

    public init(_ name: String, _ value: HostileJSON) {
      self.name = name
      self.value = value
    }
  }

  /// An object of values that are JSON texts.
  public init(_ members: KeyValuePairs<String, String>) {
    self = .object(members.map { Member($0.key, .text($0.value)) })
  }

  public var text: String {
    switch self {
    case .text(let text): text
    case .array(let elements): "[\(elements.map(\.text).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\"\($0.name)\":\($0.value.text)" }.joined(separator: ","))}"
    }
  }

  /// The names of an object's members.
  public var names: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.name)
  }

  /// What values may be mistaken for, and where readers differ.
  private static let atoms = [
    "null", "true", "false", "0", "-0", "-1", "1", "2", "60", "100", "9223372036854775807",
    "-9223372036854775808", "1000000000000", "1000000000001", "-1000000000000",
    "9223372036854775808", "-9223372036854775809", "9007199254740993",
    "1e308", "1e999", "-1E-400", "0.1", "1.0", "1E0", "1.", ".5", "+1", "01", "0x10", "NaN",
    "Infinity", "1_000", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"",
    "\"\\ud83c\\udfae\"", "\"\\ud83c\\u0041\"", "\"\\x41\"", "\"\\/\"", "\"\u{7F}\"", "\"\u{1}\"",
    "\"\\r\\nSet-Cookie: a=b\"", "\"\\u2028\\u202e\"", "\"\u{FEFF}\"", "\"e\u{301}\"", "\"\u{E9}\"",
    "\"카페🎮\"", "\"../..\"", "\"{p0}\"", "\"a|b\"", "\"a,b;c\"", "\"a:b\"", "\"%00%0d%0a\"",
    "\"*1\\r\\n$4\\r\\nPING\\r\\n\"", "\"' OR 1=1\"", "\"-\"", "\"+inf\"", "\"nan\"", "[]", "{}",
    "[[]]", "{\"\":{}}", "[null]", "[1,\"a\",{}]", "tru", "nulll", "\"", "'a'", ",", ":", "/**/1",
    "\"2026-02-30T00:00:00Z\"", "\"2026-03-06T12:00:00Z\"", "\"9999-12-31T23:59:59Z\"",
    "\"0000-01-01T00:00:00Z\"", "\"0.0.0.0/0\"", "\"::/0\"", "\"127.0.0.1\"", "\"::ffff:1.2.3.4\"",
  ]

  /// Words that a damaged document may get.
  public static let words = [
    "\"", "\\", "{", "}", "[", "]", ":", ",", "\\u", "\\ud800", "null", "\u{0}", "\u{FEFF}", "\n",
    "\"a\":1,", "//", "1e", "-", "0", "99999999999999999999", "\u{2028}",
  ]

  /// An atom, a text of a length around which a limit lies, or nesting.
  static func value(_ random: inout SeededRandom) -> HostileJSON {
    switch random.number(0...9) {
    case 0:
      let letter = random.pick(["a", "\\u0061", "é", "🎮", "\\n"])
      let count = random.pick(SeededRandom.boundaries)
      return .text("\"" + String(repeating: letter, count: count) + "\"")
    case 1:
      let depth = random.pick([1, 2, 3, 14, 15, 16, 17, 18, 100, 4000])
      let (opening, closing) = random.pick([("[", "]"), ("{\"a\":", "}")])
      let nest = String(repeating: opening, count: depth)
      return .text(nest + "1" + String(repeating: closing, count: depth))
    case 2:
      // Of any size, as most of 64 bits are out of every range.
      let number = Int64.random(in: .min ... .max, using: &random) >> Int64(random.number(0...62))
      return .text(String(number))
    default: return .text(random.pick(atoms))
    }
  }

  /// The same document with some values and names that do not belong there.
  public func altered(_ random: inout SeededRandom) -> HostileJSON {
    switch self {
    case .object(var members) where !members.isEmpty && !random.once(in: 16):
      for _ in 0..<random.number(1...2) { Self.alter(&members, &random) }
      return .object(members)
    case .array(var elements) where !elements.isEmpty && !random.once(in: 8):
      let index = random.number(0...elements.count - 1)
      elements[index] = elements[index].altered(&random)
      if random.once(in: 4) { elements += elements }
      return .array(elements)
    case .text, .array, .object: return Self.value(&random)
    }
  }

  private static func alter(_ members: inout [Member], _ random: inout SeededRandom) {
    guard !members.isEmpty else { return }
    let index = random.number(0...members.count - 1)
    switch random.number(0...9) {
    case 0: members.remove(at: index)
    case 1: members.append(members[index])
    case 2: members.append(Member(members[index].name, value(&random)))
    case 3: members[index].name = random.pick(["", "a", "\\u0061", "é", "__proto__", "id", "\\"])
    case 4:
      let count = random.pick([1, 15, 16, 17, 200])
      members += (0..<count).map { Member("m\($0)", .text("\($0)")) }
    default: members[index].value = members[index].value.altered(&random)
    }
  }

  /// A body: mostly the altered document, else the right one, sometimes with damaged bytes.
  public func body(_ random: inout SeededRandom) -> [UInt8] {
    let document = random.once(in: 8) ? self : altered(&random)
    let bytes = Array(document.text.utf8)
    return random.once(in: 4) ? random.damaged(bytes, words: Self.words) : bytes
  }
}
