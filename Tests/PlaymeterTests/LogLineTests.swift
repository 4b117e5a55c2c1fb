import Domain
import Logging
import Synchronization
import Testing

@testable import playmeter

@Suite("Lines of the log")
struct LogLineTests {
  private func line(
    _ message: String,
    _ metadata: Logger.Metadata = [:],
    _ format: LogFormat = .json
  ) -> String {
    LogLine(
      timestamp: Instant(milliseconds: 1_772_798_400_007),
      level: .info,
      label: "playmeter",
      message: message,
      metadata: metadata
    )
    .text(format)
  }

  @Test("A JSON line has the four members and then the metadata by name")
  func json() {
    let metadata: Logger.Metadata = [
      "port": .stringConvertible(8080), "cafe": "a", "ok": .stringConvertible(true),
      "list": ["x", .stringConvertible(2)], "map": ["k": "v"],
    ]
    #expect(
      line("listening", metadata) == """
        {"timestamp":"2026-03-06T12:00:00.007Z","level":"info","logger":"playmeter",\
        "message":"listening","cafe":"a","list":["x",2],"map":{"k":"v"},"ok":true,"port":8080}
        """
    )
  }

  @Test("Metadata cannot take the place of the line's own members")
  func ownNames() {
    #expect(line("m", ["level": "none"]).contains(#""message":"m","metadata.level":"none"}"#))
  }

  @Test(
    "What comes from outside can neither end a line nor steer a terminal",
    arguments: LogFormat.allCases
  )
  func injection(format: LogFormat) {
    let evil = "a\nb\r\u{0}\u{1B}[2J\u{7F}\u{9B}31m\u{2028}\u{202E}c\""
    let text = line(evil, ["k\n\u{85}": "\(evil)"], format)
    #expect(!text.unicodeScalars.contains(where: Printable.mustBeEscaped))
    #expect(!text.contains { $0.isNewline })
  }

  @Test("In JSON escaped text is the same text again")
  func escapes() {
    #expect(line("a\n\"\\\u{1}\u{9B}\u{2028}é").contains(#""a\n\"\\\u0001\u009b\u2028é""#))
  }

  @Test("A text line is for eyes: level in a column, values with blanks in quotes")
  func text() {
    #expect(
      line("up", ["a": "1", "b": "x \"y\"", "c": ""], .text)
        == #"2026-03-06T12:00:00.007Z info     playmeter: up a=1 b="x \"y\"" c="""#
    )
  }

  @Test("The nearest metadata wins, and messages below the level are not written")
  func merging() {
    let sink = Sink()
    var logger = Logger(label: "l") { label in
      LineLogHandler(
        label: label,
        level: .debug,
        format: .text,
        now: { Instant(milliseconds: 0) },
        write: { sink.append($0) }
      )
    }
    logger[metadataKey: "a"] = "logger"
    logger[metadataKey: "b"] = "logger"
    logger.debug("m", metadata: ["b": "message"])
    logger.trace("below the level")
    #expect(sink.lines == ["1970-01-01T00:00:00.000Z debug    l: m a=logger b=message\n"])
  }
}

/// Keeps what a handler writes.
private final class Sink: Sendable {
  private let stored = Mutex<[String]>([])
  var lines: [String] { stored.withLock { $0 } }
  func append(_ line: String) { stored.withLock { $0.append(line) } }
}
