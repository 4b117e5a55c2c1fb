import Support
import Testing

/// Which `Content-Type` a body may have.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct ContentTypeTests {
  private static let body =
    #"{"ott":"00000000-0000-8000-8000-000000000000","provider_user_id":"1"}"#

  private func verify(_ headers: [String]) async throws -> RawHTTP.Answer {
    let stage = try Installation.shared
    let own = ["Content-Length: \(Self.body.utf8.count)", "X-Api-Key: \(stage.skyfall.key)"]
    let path = Installation.verifyPath
    let request = RawRequest.text("POST", path, own + headers, body: Self.body)
    return try await RawHTTP.send(request, toPort: stage.service.publicPort)
  }

  @Test(
    "JSON is taken with parameters, in any case, and with the header repeated",
    arguments: [
      ["Content-Type: application/json"],
      ["Content-Type: application/json; charset=utf-8"],
      ["Content-Type: application/json;charset=\"utf-8\"; x=y"],
      ["content-type: Application/JSON"],
      ["Content-Type: application/json", "Content-Type: application/json"],
    ]
  )
  func accepted(headers: [String]) async throws {
    _ = try await verify(headers).success()
  }

  @Test(
    "Anything else is refused",
    arguments: [
      [],
      ["Content-Type:"],
      ["Content-Type: text/plain"],
      ["Content-Type: application/jsonp"],
      ["Content-Type: application/x-www-form-urlencoded"],
      ["Content-Type: text/plain; application/json"],
      ["Content-Type: application/json", "Content-Type: text/plain"],
    ]
  )
  func refused(headers: [String]) async throws {
    try await verify(headers).refusal(415, "UNSUPPORTED_MEDIA_TYPE")
  }
}
