import Foundation
import Support
import Testing

/// Connections that say what is nearly HTTP.
@Suite(.timeLimit(.minutes(15)))
struct WireFuzzTests {
  private static let settings = Installation.unlimitedHostSettings.merging([
    "PLAYMETER_LOG_LEVEL": "debug"
  ]) { $1 }
  /// A client that has said all it had to say is answered at once.
  private static let limit = Duration.seconds(10)

  @Test("Whatever is said, answers are whole, none is smuggled, and each log line is one event")
  func connections() async throws {
    try await Installation.open(settings: Self.settings) { stage in
      let play = try await stage.cafe().play()
      let port = stage.service.publicPort
      try await stage.expectFlatMemory(megabytes: 64) {
        try await Fuzzing("connections")
          .run { random in
            let request = HostileRequest(play, &random)
            let pieces = random.pieces(of: request.text)
            do {
              try Self.check(try await Self.exchange(pieces, port: port), request)
            } catch {
              let said = String(decoding: request.text, as: UTF8.self).debugDescription
              throw SupportError("\(error) after \(said.prefix(3000))")
            }
          }
      }
      #expect(try await stage.service.http.send("GET", "/readyz").status == 200)
      try Self.checkLog(stage.service.log)
    }
  }

  /// Says the pieces, and that there is no more, and hears what comes until the end.
  private static func exchange(_ pieces: [[UInt8]], port: Int) async throws -> [UInt8] {
    let connection = try await HeldConnection.open(port: port)
    for piece in pieces { connection.send(piece) }
    connection.finish()
    try await connection.waitUntilClosed(within: limit)
    return connection.receivedBytes
  }

  private static func check(_ bytes: [UInt8], _ request: HostileRequest) throws {
    let isHead = request.text.starts(with: Array("HEAD ".utf8))
    let answers = try HeardAnswers(bytes, isHead: isHead).answers
    guard answers.allSatisfy({ $0.status < 500 || $0.status == 501 || $0.status == 505 }) else {
      throw SupportError("a fault of ours: \(answers)")
    }
    let isSmuggled = answers.contains { $0.id == HostileRequest.smuggledID }
    guard !isSmuggled || request.isDamaged else {
      throw SupportError("a body was taken for a request: \(answers)")
    }
    if let expected = request.answers, answers.map(\.id) != expected {
      throw SupportError("\(answers.map(\.id)) in place of \(expected)")
    }
    if request.isRefused, answers.count > 1 || answers.contains(where: { $0.status < 400 }) {
      throw SupportError("not refused: \(answers)")
    }
  }

  private static func checkLog(_ log: String) throws {
    var requests = 0
    for line in log.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      let isPlain = line.unicodeScalars.allSatisfy { !(0..<0x20).contains($0.value) }
      guard isPlain, let event = try? JSONView(Array(line.utf8)), event.has("timestamp") else {
        throw SupportError("no log line: \(line.prefix(500).debugDescription)")
      }
      if try event.string("message") == "request" { requests += 1 }
    }
    #expect(requests > 0)
  }
}
