/// A reply in the protocol of Redis (RESP2) that a fuzzer can put anything into.
public indirect enum HostileReply: Sendable {
  case null
  case integer(Int64)
  case text(String)
  case status(String)
  case error(String)
  case array([HostileReply])
  /// Bytes as they are.
  case raw(String)

  /// An array of texts and numbers, as scripts answer it.
  public static func row(_ values: any Sendable...) -> HostileReply {
    .array(
      values.map { value in
        switch value {
        case let number as Int: .integer(Int64(number))
        case let reply as HostileReply: reply
        case let value: .text("\(value)")
        }
      }
    )
  }

  public var bytes: [UInt8] { Array(encoded.utf8) }

  private var encoded: String {
    switch self {
    case .null: "$-1\r\n"
    case .integer(let number): ":\(number)\r\n"
    case .text(let text): "$\(text.utf8.count)\r\n\(text)\r\n"
    case .status(let text): "+\(text)\r\n"
    case .error(let text): "-\(text)\r\n"
    case .array(let elements): "*\(elements.count)\r\n\(elements.map(\.encoded).joined())"
    case .raw(let text): text
    }
  }

  private static let numbers: [Int64] = [
    .min, .min + 1, -1_000_000_000_000, -1000, -2, -1, 0, 1, 2, 50, 1000, 1 << 31, 1 << 53,
    .max / 1000, .max - 1, .max,
  ]

  private static let texts = [
    "", " ", "-", "0", "1", "-1", "+1", "01", "1.5", "1e3", "nan", "inf", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "OK", "done", "unknown", "game", "key", "alive",
    "found", "confirmed", "idle:local", ":", "a:", "|", "a|b|c", ",,,", "0,,,;1,,,;", "{p0}",
    "é", "🎮", "\u{0}", "\r\n", "gs_", "ls_0", "north", "10.0.0.0/8", "00ff", "0g",
  ]

  /// Errors that Redis has, and some that it has not. None of those by which a server says that it
  /// is the wrong one, as each of them ends its connection.
  private static let errors = [
    "ERR no", "OOM full", "ERR Function not found", "BUSY script", "MOVED 1", "WRONGTYPE other", "",
    " ", "MISCONF disk", "ERR é\u{7}",
  ]

  /// Anything that is well-formed.
  static func value(_ random: inout SeededRandom, depth: Int = 2) -> HostileReply {
    switch random.number(0...(depth > 0 ? 9 : 7)) {
    case 0: return .null
    case 1, 2: return .integer(random.pick(numbers))
    case 3, 4: return .text(random.pick(texts))
    case 5: return .text(String(random.pick(numbers)))
    case 6: return .status(random.pick(["", "OK", "alive", "1"]))
    case 7: return .error(random.pick(errors))
    default:
      let count = random.number(0...3)
      return .array((0..<count).map { _ in value(&random, depth: depth - 1) })
    }
  }

  /// The same reply with some other values, more of them, or fewer.
  public func altered(_ random: inout SeededRandom) -> HostileReply {
    guard case .array(var elements) = self, !elements.isEmpty, !random.once(in: 12) else {
      return Self.value(&random)
    }
    for _ in 0..<random.number(1...3) where !elements.isEmpty {
      let index = random.number(0...elements.count - 1)
      switch random.number(0...7) {
      case 0: elements.remove(at: index)
      case 1: elements.insert(elements[index], at: index)
      case 2: elements.append(Self.value(&random))
      case 3: elements += elements.suffix(random.number(1...elements.count))
      case 4: elements = Array(elements.prefix(index))
      default: elements[index] = elements[index].altered(&random)
      }
    }
    return .array(elements)
  }

  /// Words that damaged bytes may get: lengths that are none, types of other versions.
  public static let words = [
    "\r\n", "\r", "\n", "*-1\r\n", "$-1\r\n", "*-2\r\n", "$-2\r\n", "*1048577\r\n",
    "*99999999999\r\n",
    "$99999999999\r\n", "$2147483648\r\n", "$-9223372036854775808\r\n", "*0\r\n", "$0\r\n\r\n",
    ":9223372036854775808\r\n", ":\r\n", ":-\r\n", ":1.5\r\n",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
    "%1\r\n", "~1\r\n", ">1\r\n", "#t\r\n", ",1.5\r\n", "_\r\n", "(99\r\n", "=8\r\ntxt:a", "!3\r\n",
    "|1\r\n", "-ERR \r\n", "-READONLY no\r\n", "-LOADING\r\n", "+\r\n", "\u{0}", "é",
  ]
}
