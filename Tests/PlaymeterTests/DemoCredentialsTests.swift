import Domain
import HTTPAPI
import JSON
import Signatures
import Testing

@testable import playmeter

@Suite("The credentials of the demonstration")
struct DemoCredentialsTests {
  private static let secret = String(repeating: "0f", count: 32)
  private static func game(_ id: String) -> String {
    #"{"game_id":"\#(id)","key_id":"k1","api_key":"key-of-\#(id)"}"#
  }
  private static func cafe(_ id: String) -> String {
    #"{"cafe_id":"\#(id)","launcher_secret":"\#(secret)"}"#
  }

  @Test("Documents of two games and two cafes are read in any order, blank lines apart")
  func lines() throws {
    let lines = [Self.cafe("one"), Self.game("tower"), "", Self.cafe("two"), Self.game("rally")]
    let credentials = try DemoCredentials(text: lines.joined(separator: "\n") + "\n")
    #expect(credentials.games.map(\.id.text) == ["tower", "rally"])
    #expect(credentials.games.map(\.apiKey) == ["key-of-tower", "key-of-rally"])
    #expect(credentials.cafes.map(\.id.text) == ["one", "two"])
    #expect(credentials.cafes[0].launcherSecret == [UInt8](repeating: 0x0F, count: 32))
  }

  @Test("Too few documents are refused")
  func tooFew() {
    #expect(throws: DemoError.self) { try DemoCredentials(text: Self.game("tower")) }
  }

  @Test("A line that is something else is named by its number and never quoted")
  func strange() {
    let text = Self.game("tower") + "\nlauncher_secret=0123456789\n"
    let error = #expect(throws: DemoError.self) { try DemoCredentials(text: text) }
    #expect(error?.description.contains("line 2") == true)
    #expect(error?.description.contains("0123456789") == false)
  }
}

@Suite("What the demonstration makes of answers")
struct DemoAnswerTests {
  private func answer(_ status: Int, _ document: JSONValue) -> DemoAnswer {
    DemoAnswer(request: "POST /v1/launcher/ott", status: status, document: document)
  }

  @Test("A success gives its data")
  func success() throws {
    let answer = answer(200, ["success": true, "data": ["ott": "a", "expires_in": 60]])
    #expect(try answer.string("ott") == "a")
    #expect(try answer.integer("expires_in") == 60)
  }

  @Test("A refusal is reported with its code")
  func refusal() {
    let answer = answer(409, ["success": false, "error": ["code": "NOT_CHARGEABLE"]])
    let expected = DemoError.refused(
      request: "POST /v1/launcher/ott",
      status: 409,
      code: "NOT_CHARGEABLE"
    )
    #expect(throws: expected) { try answer.data() }
  }

  @Test("A missing member is reported by its name")
  func missing() {
    let answer = answer(200, ["success": true, "data": [:]])
    let expected = DemoError.incomplete(request: "POST /v1/launcher/ott", missing: "ott")
    #expect(throws: expected) { try answer.string("ott") }
  }

  @Test("Only the service's own faults pass", arguments: [(200, false), (410, false), (503, true)])
  func passing(status: Int, isPassing: Bool) {
    #expect(answer(status, [:]).isPassingFault == isPassing)
  }
}

@Suite("The launcher of the demonstration")
struct DemoLauncherTests {
  @Test("It signs its start as the published vector says")
  func signature() throws {
    let secret = Hex.encode(Array(0...31))
    let cafe = #"{"cafe_id":"one","launcher_secret":"\#(secret)"}"#
    let game = #"{"game_id":"tower","api_key":"k"}"#
    let credentials = try DemoCredentials(text: [cafe, cafe, game, game].joined(separator: "\n"))
    let headers = DemoLauncher.signature(
      of: Array(#"{"pc_id":"PC-07","internal_ip":"192.168.0.7"}"#.utf8),
      by: credentials.cafes[0],
      timestamp: 1_772_798_400,
      nonce: "nonce-0123456789"
    )
    #expect(headers.map(\.0) == ["X-Cafe-Id", "X-Timestamp", "X-Nonce", "X-Signature"])
    #expect(
      headers.last?.1 == "cda584704e4dacbf9b7d9cf0ab53989ceb191ee3cc6884816961a4107373fb47"
    )
  }
}
