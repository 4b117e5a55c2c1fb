import Support
import Testing

@testable import JSON

@Suite("The JSON reader")
struct JSONReaderTests {
  @Test(
    "Valid documents are read",
    arguments: [
      (" null ", JSONValue.null),
      ("true", true),
      ("-0", 0),
      ("9223372036854775807", .integer(.max)),
      ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number("9223372036854775808")),
      ("-9223372036854775809", .number("-9223372036854775809")),
      ("1.50", .number("1.50")),
      ("1e400", .number("1e400")),
      ("-2.5E-3", .number("-2.5E-3")),
      ("\"\"", ""),
      (#""a\"\\\/\b\f\n\r\té""#, "a\"\\/\u{8}\u{C}\n\r\té"),
      (#""\u00e9\u20AC\uD83D\uDE00""#, "é€😀"),
      ("\"\u{7F}€😀\"", "\u{7F}€😀"),
      ("[]", []),
      ("[1,[2],{}]", [1, [2], .object([])]),
      ("{\"b\":1,\"a\":{\"c\":null}}", ["b": 1, "a": ["c": nil]]),
      ("\t{ \"a\" : [ 1 , 2 ] }\r\n", ["a": [1, 2]]),
    ] as [(String, JSONValue)]
  )
  func valid(text: String, value: JSONValue) throws {
    #expect(try JSONValue(text: text) == value)
  }

  @Test(
    "Invalid documents are refused at the byte that is wrong",
    arguments: [
      ("", JSONError.Reason.unexpectedEnd, 0),
      ("{", .unexpectedEnd, 1),
      ("[1", .unexpectedEnd, 2),
      ("\"abc", .unexpectedEnd, 4),
      ("tru", .unexpectedEnd, 3),
      ("nulL", .unexpectedByte, 3),
      ("NaN", .unexpectedByte, 0),
      ("+1", .unexpectedByte, 0),
      ("-x", .unexpectedByte, 1),
      ("1.", .unexpectedEnd, 2),
      ("1.e2", .unexpectedByte, 2),
      ("1e+", .unexpectedEnd, 3),
      ("01", .trailingBytes, 1),
      ("1 2", .trailingBytes, 2),
      ("{}\0", .trailingBytes, 2),
      ("[1,]", .unexpectedByte, 3),
      ("{\"a\":1,}", .unexpectedByte, 7),
      ("{a:1}", .unexpectedByte, 1),
      ("{\"a\" 1}", .unexpectedByte, 5),
      ("'a'", .unexpectedByte, 0),
      ("{\"a\":1,\"a\":2}", .duplicateName, 7),
      (#"{"a":1,"\u0061":2}"#, .duplicateName, 7),
      ("\"a\nb\"", .controlCharacter, 2),
      ("\"\\t\u{1}\"", .controlCharacter, 3),
      (#""\x""#, .invalidEscape, 2),
      (#""\u12G4""#, .invalidEscape, 5),
      (#""\uD800""#, .invalidEscape, 3),
      (#""\uDC00\uD800""#, .invalidEscape, 3),
      (#""\uD800\u0041""#, .invalidEscape, 3),
      ("\u{FEFF}{}", .unexpectedByte, 0),
    ] as [(String, JSONError.Reason, Int)]
  )
  func invalid(text: String, reason: JSONError.Reason, offset: Int) {
    let expected = JSONError(reason: reason, offset: offset)
    #expect(throws: expected) { try JSONValue(text: text) }
  }

  @Test(
    "Bytes that are no UTF-8 are refused",
    arguments: [
      [0xC0, 0xAF],  // overlong
      [0xE0, 0x80, 0xAF],  // overlong
      [0xED, 0xA0, 0x80],  // a surrogate
      [0xF4, 0x90, 0x80, 0x80],  // past U+10FFFF
      [0x80], [0xC3], [0xFF],
    ] as [[UInt8]]
  )
  func invalidUTF8(bytes: [UInt8]) {
    let quoted = [0x20, UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
    #expect(throws: JSONError(reason: .invalidUTF8, offset: 1)) { try JSONValue(bytes: quoted) }
  }

  @Test(
    "A whole number may have a fraction of zero, and is exact",
    arguments: [
      ("7", 7), ("7.0", 7), ("-7.00", -7), ("-0.0", 0), ("9223372036854775807.0", .max),
      ("9223372036854775808.0", nil), ("9223372036854775808", nil), ("7.5", nil), ("7e0", nil),
      ("7.0e1", nil), ("\"7\"", nil), ("null", nil),
    ] as [(String, Int64?)]
  )
  func wholeNumber(text: String, number: Int64?) throws {
    #expect(try JSONValue(text: text).wholeNumber == number)
  }

  @Test("Sixteen levels are read, seventeen are not")
  func depth() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try JSONValue(text: nested(16))
    #expect(throws: JSONError(reason: .tooDeep, offset: 16)) { try JSONValue(text: nested(17)) }
    #expect(throws: JSONError.self) { try JSONValue(text: String(repeating: "[", count: 16_384)) }
  }

  @Test("A name that comes again after many others is found")
  func duplicateAmongMany() {
    let names = (0..<100).map { "\"n\($0)\":0" }.joined(separator: ",")
    #expect(throws: JSONError.self) { try JSONValue(text: "{\(names),\"n3\":1}") }
    #expect(throws: JSONError.self) { try JSONValue(text: "{\(names),\"n99\":1}") }
  }

  @Test("No prefix and no changed byte of a document crashes the reader")
  func mutilated() throws {
    let bytes = Array(#"{"a":[1,-2.5e3,"é\u00e9\n"],"b":{"c":null,"d":true}}"#.utf8)
    for length in 0..<bytes.count {
      #expect(throws: JSONError.self) { try JSONValue(bytes: Array(bytes.prefix(length))) }
    }
    var generator = SeededRandom(seed: 11)
    for _ in 0..<20_000 {
      var changed = bytes
      let index = Int.random(in: changed.indices, using: &generator)
      changed[index] = UInt8.random(in: 0...255, using: &generator)
      guard let value = try? JSONValue(bytes: changed) else { continue }
      #expect(try JSONValue(bytes: value.bytes) == value)
    }
  }
}
