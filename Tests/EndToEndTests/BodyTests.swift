import Support
import Testing

/// What a body must be, and what is said when it is not.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct BodyTests {
  private static let unknownToken = "00000000-0000-8000-8000-000000000000"
  private static let rightBody = #"{"ott":"\#(unknownToken)","provider_user_id":"1"}"#

  private func verify(_ body: [UInt8]) async throws -> HTTPSession.Answer {
    let stage = try Installation.shared
    let headers = ["X-Api-Key": stage.skyfall.key, "Content-Type": "application/json"]
    return try await stage.service.http.send(
      "POST",
      Installation.verifyPath,
      headers: headers,
      body: body
    )
  }

  @Test(
    "A body that is no JSON object is a bad request",
    arguments: [
      "", " ", "nonsense", "{", #"{"ott":}"#, "[]", #"["ott"]"#, #""ott""#, "1", "null", "true",
      rightBody + "{}", rightBody + ",", #"{'ott':'1'}"#, #"{"ott":"1",}"#, #"{"ott":01}"#,
      #"{"ott":"a","ott":"b","provider_user_id":"1"}"#,
      #"{"ott":"\ud800","provider_user_id":"1"}"#,
      #"{"ott":"\udc00\ud800","provider_user_id":"1"}"#,
      #"{"ott":"\x","provider_user_id":"1"}"#,
      #"{"ott":"a"# + "\n" + #"b","provider_user_id":"1"}"#,
    ]
  )
  func malformed(body: String) async throws {
    try await verify(Array(body.utf8)).refusal(400, "BAD_REQUEST")
  }

  @Test("Text that is no UTF-8 is a bad request")
  func invalidUTF8() async throws {
    let parts = (Array(#"{"ott":""#.utf8), Array(#"","provider_user_id":"1"}"#.utf8))
    let sequences: [[UInt8]] = [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82]]
    for sequence in sequences {
      try await verify(parts.0 + sequence + parts.1).refusal(400, "BAD_REQUEST")
    }
  }

  @Test("Nesting as deep as a body can be is refused and harms nothing")
  func nesting() async throws {
    for (opening, closing) in [("[", "]"), (#"{"a":"#, "}")] {
      let depth = 16_000 / (opening.utf8.count + 1)
      let deep =
        String(repeating: opening, count: depth) + "1"
        + String(repeating: closing, count: depth)
      try await verify(Array(deep.utf8)).refusal(400, "BAD_REQUEST")
    }
    _ = try await verify(Array(Self.rightBody.utf8)).success()
  }

  @Test(
    "A member that is missing, of another type or out of range is named",
    arguments: [
      (#"{"provider_user_id":"1"}"#, "ott"),
      (#"{"ott":null,"provider_user_id":"1"}"#, "ott"),
      (#"{"ott":1,"provider_user_id":"1"}"#, "ott"),
      (#"{"ott":["1"],"provider_user_id":"1"}"#, "ott"),
      (#"{"ott":"1"}"#, "provider_user_id"),
      (#"{"ott":"1","provider_user_id":1001}"#, "provider_user_id"),
      (#"{"ott":"1","provider_user_id":{}}"#, "provider_user_id"),
      (#"{"ott":"1","provider_user_id":""}"#, "provider_user_id"),
      (#"{"ott":"1","provider_user_id":"a b"}"#, "provider_user_id"),
      (#"{"ott":"1","provider_user_id":"é"}"#, "provider_user_id"),
    ]
  )
  func member(body: String, name: String) async throws {
    let message = try await verify(Array(body.utf8)).refusal(400, "BAD_REQUEST")
    #expect(message.contains(name))
  }

  @Test("Names may have 64 characters, and no more")
  func nameLength() async throws {
    let stage = try Installation.shared
    let longest = String(repeating: "a", count: 60) + "_.:-"
    _ = try await stage.verify(Self.unknownToken, user: longest).success()
    let message = try await stage.verify(Self.unknownToken, user: longest + "a")
      .refusal(400, "BAD_REQUEST")
    #expect(message.contains("provider_user_id"))
  }

  @Test("Further members are none of our business")
  func furtherMembers() async throws {
    let body = #"{"x":[{"y":1.5e3}],"ott":"\#(Self.unknownToken)","provider_user_id":"1"}"#
    _ = try await verify(Array(body.utf8)).success()
  }

  @Test("A body of 16 KiB is taken, one byte more is too large, however it is sent")
  func size() async throws {
    let blanks = String(repeating: " ", count: 16_384 - Self.rightBody.utf8.count)
    let largest = Self.rightBody + blanks
    _ = try await verify(Array(largest.utf8)).success()
    try await verify(Array((largest + " ").utf8)).refusal(413, "PAYLOAD_TOO_LARGE")

    let service = try Installation.shared.service
    let headers = [
      "X-Api-Key: \(try Installation.shared.skyfall.key)",
      "Content-Type: application/json",
      "Transfer-Encoding: chunked",
    ]
    for size in [1_000, 20_000] {
      let whole = RawRequest.chunked(largest, size: size)
      let right = RawRequest.text("POST", Installation.verifyPath, headers, body: whole)
      _ = try await RawHTTP.send(right, toPort: service.publicPort).success()
      let more = RawRequest.chunked(largest + " ", size: size)
      let wrong = RawRequest.text("POST", Installation.verifyPath, headers, body: more)
      try await RawHTTP.send(wrong, toPort: service.publicPort).refusal(413, "PAYLOAD_TOO_LARGE")
    }
  }

  @Test("A length that is announced too large is refused before the body comes")
  func announcedLength() async throws {
    let headers = ["Content-Length: 1000000000000"]
    let request = RawRequest.text("POST", Installation.verifyPath, headers)
    let port = try Installation.shared.service.publicPort
    let answer = try await RawHTTP.send(request, toPort: port)
    try answer.refusal(413, "PAYLOAD_TOO_LARGE")
  }

  @Test(
    "The client's own count of seconds is an integer from 0",
    arguments: ["-1", "1.5", "1e2", #""5""#, "true", "[]", "99999999999999999999"]
  )
  func clientSeconds(count: String) async throws {
    let message = try await Installation.shared.end("gs_x", seconds: count)
      .refusal(400, "BAD_REQUEST")
    #expect(message.contains("play_duration_sec") || message.contains("JSON"))
  }
}
