import Foundation
import JSON
import Support
import Testing

/// The reader of every request's body under documents that are nearly right.
@Suite("JSON under random input", .timeLimit(.minutes(15)))
struct JSONReaderFuzzTests {
  private static let document = HostileJSON.object([
    .init("ott", .text("\"0f8fad5b-d9cb-469f-a165-70867728950e\"")),
    .init("n", .text("-120")), .init("x", .text("1.5e-3")), .init("flag", .text("true")),
    .init("list", .array([.text("\"é\""), .text("null"), .array([.text("1"), .text("{}")])])),
    .init("more", HostileJSON(["a": "\"b\\n\\u00e9\\ud83c\\udfae\"", "c": " [ 1 , 2 ] "])),
  ])

  @Test("What is accepted is written back as the same, and another reader reads the same in it")
  func differential() async throws {
    var accepted = 0
    try await Fuzzing("JSON")
      .run { random in
        let bytes = Self.document.body(&random)
        let value: JSONValue
        do throws(JSONError) {
          value = try JSONValue(bytes: bytes)
        } catch {
          guard (0...bytes.count).contains(error.offset) else {
            throw SupportError("the offset \(error.offset) of \(Self.text(bytes))")
          }
          return
        }
        accepted += 1
        guard try JSONValue(bytes: value.bytes).bytes == value.bytes else {
          throw SupportError("not written back: \(Self.text(bytes))")
        }
        try Self.compare(value, bytes)
      }
    #expect(accepted > 0)
  }

  /// Foundation reads numbers as such; ours keeps those that are no integers as text, whatever
  /// their size.
  private static func compare(_ value: JSONValue, _ bytes: [UInt8]) throws {
    guard !hasHugeNumber(value) else { return }
    guard let other = try? JSONView(bytes), isSame(value, other) else {
      throw SupportError("read otherwise by Foundation: \(text(bytes))")
    }
  }

  private static func hasHugeNumber(_ value: JSONValue) -> Bool {
    switch value {
    case .number(let text): !(Double(text) ?? .infinity).isFinite
    case .array(let elements): elements.contains(where: hasHugeNumber)
    case .object(let members): members.contains { hasHugeNumber($0.value) }
    case .null, .bool, .integer, .string: false
    }
  }

  private static func isSame(_ ours: JSONValue, _ other: JSONView) -> Bool {
    switch (ours, other) {
    case (.null, .null): true
    case (.bool(let one), .boolean(let two)): one == two
    case (.integer(let one), .integer(let two)): one == two
    case (.number(let one), .number(let two)): Double(one) == two
    // Foundation takes a number without a rest for an integer, however it is written.
    case (.number(let one), .integer(let two)): Double(one) == Double(two)
    case (.string(let one), .string(let two)): one.utf8.elementsEqual(two.utf8)
    case (.array(let one), .array(let two)): isSame(one, two)
    case (.object(let one), .object(let two)):
      one.count == two.count
        && one.allSatisfy { member in
          two[member.name].map { isSame(member.value, $0) } ?? false
        }
    default: false
    }
  }

  private static func isSame(_ ours: [JSONValue], _ others: [JSONView]) -> Bool {
    ours.count == others.count && zip(ours, others).allSatisfy { isSame($0, $1) }
  }

  /// In Base64 too, as it may be no text.
  private static func text(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString() + " " + String(decoding: bytes.prefix(300), as: UTF8.self)
  }
}
