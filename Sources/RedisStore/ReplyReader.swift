import Domain
import RedisClient

/// Reads a script's flat reply value by value: an array, or a line of words with one blank between
/// two of them, which costs both ends less. A reply of another shape is a fault of ours.
struct ReplyReader {
  private enum Source {
    case values(ArraySlice<RedisReply>)
    /// What is left of a line; nil at its end.
    case line(Substring.UTF8View?)
  }

  private let script: String
  private var source: Source
  /// Values that were read.
  private var count = 0

  init(_ reply: RedisReply, of script: String) throws(RedisError) {
    self.script = script
    switch reply {
    case .array(let values): source = .values(values[...])
    case .string(let line): source = .line(Substring(line).utf8)
    case .null, .status, .integer, .error:
      throw .protocolViolation("\(script) answered neither an array nor a line")
    }
  }

  /// Whether every value was read.
  var isAtEnd: Bool {
    switch source {
    case .values(let values): values.isEmpty
    case .line(let rest): rest == nil
    }
  }

  /// The next value as text.
  mutating func text() throws(ServiceFault) -> String {
    if let word = nextWord() { return String(Substring(word)) }
    switch try nextValue() {
    case .string(let text), .status(let text): return text
    case .integer(let number): return String(number)
    case .null, .error, .array: throw fault("a text")
    }
  }

  /// The next value as an integer.
  mutating func integer() throws(ServiceFault) -> Int64 {
    if let word = nextWord() {
      guard let number = Int64(stored: word) else { throw fault("an integer up to 2^53") }
      return number
    }
    switch try nextValue() {
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

  /// The next word of a line; nil at its end, and where the reply is an array.
  private mutating func nextWord() -> Substring.UTF8View? {
    guard case .line(let rest?) = source else { return nil }
    count += 1
    guard let blank = rest.firstIndex(of: UInt8(ascii: " ")) else {
      source = .line(nil)
      return rest
    }
    source = .line(rest[rest.index(after: blank)...])
    return rest[..<blank]
  }

  /// The next value of an array.
  private mutating func nextValue() throws(ServiceFault) -> RedisReply {
    guard case .values(var values) = source, let value = values.popFirst() else {
      throw fault("more values")
    }
    source = .values(values)
    count += 1
    return value
  }

  private func fault(_ expected: String) -> ServiceFault {
    .broken("\(script): expected \(expected) at value \(count)")
  }
}
