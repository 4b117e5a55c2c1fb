import NIOCore
import Testing

@testable import RedisClient

@Suite("Commands", .timeLimit(.minutes(15)))
struct RedisCommandTests {
  private func encoded(_ command: RedisCommand) -> String {
    var buffer = ByteBuffer()
    command.encode(into: &buffer)
    return String(buffer: buffer)
  }

  @Test("A command is an array of bulk strings")
  func plain() {
    #expect(encoded(RedisCommand("GET", "a")) == "*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
  }

  @Test("Lengths count bytes, and an empty argument keeps its place")
  func bytes() {
    let expected = "*3\r\n$3\r\nSET\r\n$6\r\n카페\r\n$0\r\n\r\n"
    #expect(encoded(RedisCommand("SET", "카페", "")) == expected)
  }

  @Test("An argument with line ends stays one argument")
  func lineEnds() {
    #expect(
      encoded(RedisCommand("ECHO", "x\r\nFLUSHALL\r\n"))
        == "*2\r\n$4\r\nECHO\r\n$13\r\nx\r\nFLUSHALL\r\n\r\n"
    )
  }
}
