/// Why bytes are no JSON that we accept, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: String, Sendable {
    case unexpectedEnd = "the text ends too early"
    case unexpectedByte = "this byte cannot stand here"
    case trailingBytes = "something follows the value"
    case tooDeep = "arrays and objects are nested too deeply"
    case duplicateName = "an object has this name twice"
    case controlCharacter = "a string contains an unescaped control character"
    case invalidEscape = "a string contains an invalid escape"
    case invalidUTF8 = "a string is not UTF-8"
  }

  /// What is wrong.
  public let reason: Reason
  /// The byte, from 0, at which it shows; for UTF-8 the start of the string.
  public let offset: Int

  /// An error from its parts.
  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// Both in words, for the caller.
  public var description: String { "\(reason.rawValue) (byte \(offset))" }
}
