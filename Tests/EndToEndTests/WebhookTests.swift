import JSON
import Signatures
import Support
import Testing

@testable import playmeter

/// What a cafe's owner is told, by a real service to a real endpoint.
@Suite(.timeLimit(.minutes(15)))
struct WebhookTests {
  private static let secret = "secret-of-the-webhook"

  private func open(
    statuses: [Int] = [],
    _ body: (Installation, WebhookReceiver) async throws -> Void
  ) async throws {
    try await WebhookReceiver.with(statuses: statuses) { receiver in
      let settings = [
        "PLAYMETER_WEBHOOK_URL": receiver.url, "PLAYMETER_WEBHOOK_SECRET": Self.secret,
      ]
      try await Installation.open(settings: settings) { stage in try await body(stage, receiver) }
    }
  }

  private func kinds(_ receiver: WebhookReceiver) throws -> [String] {
    try receiver.received.map { try JSONValue(bytes: $0.body)["event"]?.string ?? "" }
  }

  @Test("An ended session is told once, signed, with its ledger line")
  func ended() async throws {
    try await open { stage, receiver in
      let play = try await stage.cafe().play()
      stage.pass(seconds: 30)
      _ = try await play.end().success()
      try await Waiting.until("the end", within: .seconds(20)) { !receiver.received.isEmpty }
      let message = try #require(receiver.received.first)
      let document = try JSONValue(bytes: message.body)
      #expect(document["event"]?.string == "end")
      #expect(document["line"]?["game_session_id"]?.string == play.id)
      #expect(document["event_id"]?.string == message.headers["x-playmeter-event"])
      let time = try #require(message.headers["x-playmeter-timestamp"])
      let signed = HMAC.sha256(
        key: Array(Self.secret.utf8),
        message: Array("\(time).".utf8) + message.body
      )
      #expect(message.headers["x-playmeter-signature"] == Hex.encode(signed))
      // Other instances and later looks tell nothing twice.
      let second = try await ServiceProcess.start(environment: stage.environment)
      _ = try await stage.cafe().play().end().success()
      try await Waiting.until("the second end", within: .seconds(20)) {
        receiver.received.count >= 2
      }
      #expect(receiver.received.count == 2)
      #expect(try await second.terminate() == 0)
    }
  }

  @Test("Money that is spent is told, and an endpoint that fails or redirects is tried again")
  func retried() async throws {
    try await open(statuses: [500, 302]) { stage, receiver in
      let cafe = try await stage.cafe(balance: 1_000)
      let play = try await cafe.play(stage.tower)
      stage.pass(seconds: 101)
      _ = try await play.beat().success()
      try await Waiting.until("the news of the spent money", within: .seconds(30)) {
        try kinds(receiver).contains("exhausted")
      }
      // The balance runs low before it is spent, and that is told first, at the third try.
      #expect(try kinds(receiver).first == "low_balance")
      let tries = receiver.received.prefix(3)
      #expect(Set(tries.map { $0.headers["x-playmeter-event"] }).count == 1)
    }
  }

  @Test(
    "A webhook without its secret, or in the clear to another machine, stops the start",
    arguments: [
      ["PLAYMETER_WEBHOOK_URL": "https://example.com/hook"],
      ["PLAYMETER_WEBHOOK_SECRET": "x"],
      ["PLAYMETER_WEBHOOK_URL": "http://example.com/hook", "PLAYMETER_WEBHOOK_SECRET": "x"],
      ["PLAYMETER_WEBHOOK_URL": "https://", "PLAYMETER_WEBHOOK_SECRET": "x"],
    ]
  )
  func refused(settings: [String: String]) async throws {
    let required = ["PLAYMETER_MASTER_KEY": Installation.masterKey]
    let result = try await ServiceProcess.runCommand(
      ["check"],
      environment: required.merging(settings) { first, _ in first }
    )
    #expect(result.status == 1)
    #expect(result.standardOutput.contains("PLAYMETER_WEBHOOK"))
  }

  @Test("Pauses between tries double up to five minutes")
  func pauses() {
    let pauses = [0, 1, 2, 3, 9, 10, 1_000].map(WebhookSender.pause(after:))
    #expect(pauses == [1, 1, 2, 4, 256, 300, 300].map { .seconds($0) })
  }
}
