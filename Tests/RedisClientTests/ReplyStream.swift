import NIOCore
import Support

@testable import RedisClient

/// Writes replies as a server would, for the parser to read back.
enum ReplyStream {
  static func encode(_ reply: RedisReply) -> String {
    switch reply {
    case .null: "$-1\r\n"
    case .integer(let number): ":\(number)\r\n"
    case .string(let text): "$\(text.utf8.count)\r\n\(text)\r\n"
    case .status(let text): "+\(text)\r\n"
    case .error(let error): "-\(error.message)\r\n"
    case .array(let elements): "*\(elements.count)\r\n" + elements.map(encode).joined()
    }
  }

  /// Parses pieces as they come in, and returns all replies up to the end or the violation.
  static func parse(_ pieces: [ByteBuffer]) throws(RedisError) -> [RedisReply] {
    var parser = ReplyParser()
    var replies: [RedisReply] = []
    for var piece in pieces {
      while piece.readableBytes > 0 {
        try parser.feed(&piece)
        while let reply = try parser.next() { replies.append(reply) }
      }
    }
    return replies
  }

  static func parse(_ text: String) throws(RedisError) -> [RedisReply] {
    try parse([ByteBuffer(string: text)])
  }

  /// A random reply at most `depth` arrays deep.
  static func random(depth: Int, using random: inout SeededRandom) -> RedisReply {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return .null
    case 1: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 2: return .integer(Int64.random(in: -9...9, using: &random))
    case 3: return .status(line(using: &random))
    case 4: return .error(RedisServerError(message: "ERR " + line(using: &random)))
    case 5: return .string(text(using: &random))
    default:
      let count = Int.random(in: 0...4, using: &random)
      return .array((0..<count).map { _ in Self.random(depth: depth - 1, using: &random) })
    }
  }

  private static func line(using random: inout SeededRandom) -> String {
    let length = Int.random(in: 0...20, using: &random)
    return String((0..<length).map { _ in "abc 카".randomElement(using: &random) ?? "a" })
  }

  private static func text(using random: inout SeededRandom) -> String {
    let length = Int.random(in: 0...(Bool.random(using: &random) ? 12 : 3_000), using: &random)
    let letters = Array("ab\r\n$*:-+\u{0}카🎮")
    return String((0..<length).map { _ in letters.randomElement(using: &random) ?? "a" })
  }
}
