import Support
import Testing

@testable import JSON

@Suite("The JSON writer")
struct JSONWriterTests {
  @Test("Documents are compact, in the given order, and escape only what must be")
  func compact() {
    let value: JSONValue = [
      "z": 1, "a": [true, false, nil], "n": .number("1.50"), "o": .object([]),
      "s": "\"\\/\u{8}\n\r\t\u{1F}\u{7F}é😀",
    ]
    #expect(
      value.text
        == #"{"z":1,"a":[true,false,null],"n":1.50,"o":{},"#
        + "\"s\":\"\\\"\\\\/\\u0008\\n\\r\\t\\u001f\u{7F}é😀\"}"
    )
    #expect(JSONValue.integer(.min).text == "-9223372036854775808")
  }

  @Test("Whatever is written is read back as the same value")
  func roundTrip() throws {
    var generator = SeededRandom(seed: 2026)
    for _ in 0..<5_000 {
      let value = Self.random(depth: 0, &generator)
      #expect(try JSONValue(bytes: value.bytes) == value)
    }
  }

  @Test("A document is whole, however much longer than most it is", arguments: 900...1_000)
  func longDocument(length: Int) throws {
    let letters = String(repeating: "x", count: length)
    let value: JSONValue = [.string(letters), .integer(-1_234_567_890), "\n\u{1}é", true]
    let text = #"["\#(letters)",-1234567890,"\n\u0001é",true]"#
    #expect(value.text == text)
    #expect(try JSONValue(text: text) == value)
  }

  private static func random(depth: Int, _ generator: inout SeededRandom) -> JSONValue {
    switch Int.random(in: 0...(depth > 4 ? 4 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
    case 3: return .number("\(Int.random(in: -99...99, using: &generator)).5e3")
    case 4: return .string(text(&generator))
    case 5:
      return .array(
        (0..<Int.random(in: 0...4, using: &generator))
          .map { _ in random(depth: depth + 1, &generator) }
      )
    default:
      return .object(
        (0..<Int.random(in: 0...20, using: &generator))
          .map { .init("\($0):" + text(&generator), random(depth: depth + 1, &generator)) }
      )
    }
  }

  private static func text(_ generator: inout SeededRandom) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      let limit: UInt32 = Bool.random(using: &generator) ? 0x7F : 0x10FFFF
      let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &generator))
      text.unicodeScalars.append(scalar ?? "x")
    }
    return text
  }
}
