import NIOCore
import Support
import Testing

@testable import RedisClient

@Suite("Reply parser under random input", .timeLimit(.minutes(15)))
struct ReplyParserFuzzTests {
  /// A failure prints the seed; put it here to repeat the run. The loops below yield after each
  /// case, because they would else keep a thread from the tests that wait for a server.
  private let seed = UInt64.random(in: .min ... .max)

  private func split(_ bytes: [UInt8], using random: inout SeededRandom) -> [ByteBuffer] {
    var pieces: [ByteBuffer] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let longest = Bool.random(using: &random) ? 5 : rest.count
      let count = Int.random(in: 1...max(longest, 1), using: &random)
      pieces.append(ByteBuffer(bytes: rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }

  @Test("Any stream of replies in any pieces comes out as it went in")
  func validStreams() async throws {
    print("seed \(seed)")
    var random = SeededRandom(seed: seed)
    for number in 0..<3_000 {
      await Task.yield()
      let replies = (0..<Int.random(in: 1...6, using: &random))
        .map { _ in
          ReplyStream.random(depth: 7, using: &random)
        }
      let bytes = Array(replies.map(ReplyStream.encode).joined().utf8)
      let parsed = try ReplyStream.parse(split(bytes, using: &random))
      try #require(parsed == replies, "seed \(seed), case \(number)")
    }
  }

  @Test("Garbage and damaged streams are refused or read, and never crash")
  func garbage() async {
    print("seed \(seed)")
    var random = SeededRandom(seed: seed)
    let alphabet = Array("*$:+-0123456789\r\n\r\n\r\nax".utf8)
    var refused = 0
    for number in 0..<6_000 {
      await Task.yield()
      var bytes: [UInt8]
      if number.isMultiple(of: 2) {
        bytes = (0..<200).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      } else {
        bytes = Array(ReplyStream.encode(ReplyStream.random(depth: 7, using: &random)).utf8)
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = UInt8.random(in: .min ... .max, using: &random)
      }
      do throws(RedisError) {
        _ = try ReplyStream.parse(split(bytes, using: &random))
      } catch {
        refused += 1
      }
    }
    #expect(refused > 2_000, "seed \(seed): most garbage is not RESP2")
  }
}
