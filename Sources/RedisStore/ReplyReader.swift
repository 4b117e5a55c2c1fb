import Domain
import RedisClient

/// Reads a script's flat reply value by value: an array, or a line of words with one blank between
/// two of them, which costs Redis less. A reply of another shape is a fault of ours.
struct ReplyReader {
  private let script: String
  private let values: [RedisReply]
  private var next = 0

  init(_ reply: RedisReply, of script: String) throws(RedisError) {
    self.script = script
    switch reply {
    case .array(let values): self.values = values
    case .string(let line):
      values = line.split(separator: " ", omittingEmptySubsequences: false)
        .map { .string(String($0)) }
    case .null, .status, .integer, .error:
      throw .protocolViolation("\(script) answered neither an array nor a line")
    }
  }

  /// Whether every value was read.
  var isAtEnd: Bool { next == values.count }

  /// The next value as text.
  mutating func text() throws(ServiceFault) -> String {
    switch try value() {
    case .string(let text), .status(let text): text
    case .integer(let number): String(number)
    case .null, .error, .array: throw fault("a text")
    }
  }

  /// The next value as an integer.
  mutating func integer() throws(ServiceFault) -> Int64 {
    switch try value() {
    case .integer(let number):
      guard let number = Int64(stored: number) else { throw fault("an integer up to 2^53") }
      return number
    case .string(let text):
      guard let number = Int64(stored: text) else { throw fault("an integer up to 2^53") }
      return number
    case .null, .status, .error, .array:
      throw fault("an integer")
    }
  }

  /// The next value as something that a text stands for.
  mutating func parsed<T>(_ parse: (String) -> T?) throws(ServiceFault) -> T {
    guard let result = parse(try text()) else { throw fault("\(T.self)") }
    return result
  }

  /// A fault for a first value that no caller knows.
  func unknown(_ name: String) -> ServiceFault {
    .broken("\(script) answered \(name)")
  }

  private mutating func value() throws(ServiceFault) -> RedisReply {
    guard next < values.count else { throw fault("more values") }
    defer { next += 1 }
    return values[next]
  }

  private func fault(_ expected: String) -> ServiceFault {
    .broken("\(script): expected \(expected) at value \(next) of \(values.count)")
  }
}
