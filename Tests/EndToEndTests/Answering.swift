import Foundation
import Support
import Testing

/// An answer of the service, whoever asked, with the shape that the contract gives every one.
protocol Answering {
  var status: Int { get }
  var body: [UInt8] { get }
  func header(_ name: String) -> String?
}

extension HTTPSession.Answer: Answering {}
extension RawHTTP.Answer: Answering {}

extension Answering {
  var document: JSONView {
    get throws { try JSONView(body) }
  }

  /// Expects a success of `/v1` and returns its data.
  func success(_ location: SourceLocation = #_sourceLocation) throws -> JSONView {
    guard status == 200 else {
      throw SupportError("\(status) \(String(decoding: body, as: UTF8.self)) at \(location)")
    }
    let document = try document
    try expectEnvelope(document, isSuccess: true, location)
    return try document.value("data")
  }

  /// Expects an error of `/v1` and returns its message.
  @discardableResult
  func refusal(
    _ expectedStatus: Int,
    _ code: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let text = Comment(rawValue: String(decoding: body, as: UTF8.self))
    #expect(status == expectedStatus, text, sourceLocation: location)
    let document = try document
    try expectEnvelope(document, isSuccess: false, location)
    #expect(try document.string("error.code") == code, sourceLocation: location)
    let message = try document.string("error.message")
    #expect(!message.isEmpty, sourceLocation: location)
    try expectPresent(try document.string("error.timestamp"), location)
    return message
  }

  private func expectEnvelope(
    _ document: JSONView,
    isSuccess: Bool,
    _ location: SourceLocation
  ) throws {
    #expect(header("Content-Type")?.hasPrefix("application/json") == true, sourceLocation: location)
    #expect(try document.boolean("success") == isSuccess, sourceLocation: location)
    #expect(try document.string("request_id") == header("X-Request-Id"), sourceLocation: location)
    #expect(document.has("data") == isSuccess, sourceLocation: location)
    #expect(document.has("error") != isSuccess, sourceLocation: location)
  }

  /// `2026-03-06T12:00:00.000Z`, and not long ago.
  private func expectPresent(_ timestamp: String, _ location: SourceLocation) throws {
    let form = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z/
    #expect(timestamp.wholeMatch(of: form) != nil, sourceLocation: location)
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    let age = Date.now.timeIntervalSince(try style.parse(timestamp))
    #expect((-1...30).contains(age), sourceLocation: location)
  }
}
