import Support
import Testing

/// What gaming PCs and the clients that look for one call.
extension Installation {
  static let hostSecret = "secret-of-the-hosts"
  static let findPath = "/api/match/find"
  static let hostBeatPath = "/api/host/heartbeat"
  /// One region for each test of a suite that has none to share.
  private static let regions = ["local"] + (1...13).map { "region-\($0)" }

  /// What the host API needs to be there.
  static let hostSettings = [
    "PLAYMETER_HOST_SECRET": hostSecret,
    "PLAYMETER_SIGNALING_URL": "wss://signal.example/ws",
    "PLAYMETER_HOST_REGIONS": regions.joined(separator: ","),
  ]

  /// The same without any limit for an address.
  static let unlimitedHostSettings = hostSettings.merging([
    "PLAYMETER_RATE_LIMIT_PER_ADDRESS": "off", "PLAYMETER_MATCH_PENDING_PER_ADDRESS": "off",
  ]) { $1 }

  /// A sign of life; `more` is what else it says, as JSON members.
  func hostBeat(
    _ host: String,
    in region: String = "local",
    room: String = "room",
    _ more: String = #""status":"idle""#
  ) async throws -> HTTPSession.Answer {
    let json = #"{"hostId":"\#(host)","roomId":"\#(room)","region":"\#(region)",\#(more)}"#
    return try await hostCall("POST", Self.hostBeatPath, json)
  }

  func setHostStatus(_ host: String, _ status: String) async throws -> HTTPSession.Answer {
    let json = #"{"hostId":"\#(host)","status":"\#(status)"}"#
    return try await hostCall("POST", "/api/host/status", json)
  }

  /// Any call with the hosts' secret.
  func hostCall(
    _ method: String,
    _ path: String,
    _ json: String? = nil
  ) async throws -> HTTPSession.Answer {
    let credentials = ["Authorization": "Bearer \(Self.hostSecret)"]
    guard let json else { return try await service.http.send(method, path, headers: credentials) }
    return try await service.http.send(method, path, headers: credentials, json: json)
  }

  /// A client's search.
  func findHost(
    _ json: String = "{}",
    from address: String = "203.0.113.7"
  ) async throws -> HTTPSession.Answer {
    let headers = ["X-Forwarded-For": address]
    return try await service.http.send("POST", Self.findPath, headers: headers, json: json)
  }

  /// A client's search in one region only.
  func findHost(in region: String) async throws -> HTTPSession.Answer {
    try await findHost(#"{"region":"\#(region)"}"#)
  }

  /// Confirms or releases a reservation.
  func settle(_ match: JSONView, _ verb: String) async throws -> HTTPSession.Answer {
    let id = try match.string("reservationId")
    return try await service.http.send("POST", "/api/match/\(id)/\(verb)")
  }
}

extension Answering {
  /// Expects the success of a host's call.
  func hostSuccess(_ location: SourceLocation = #_sourceLocation) throws {
    let text = Comment(rawValue: String(decoding: body, as: UTF8.self))
    #expect(status == 200, text, sourceLocation: location)
    #expect(try document.boolean("success"), sourceLocation: location)
  }

  /// Expects a search's success and returns it.
  func match(_ location: SourceLocation = #_sourceLocation) throws -> JSONView {
    guard status == 200, try document.boolean("found") else {
      throw SupportError("\(status) \(String(decoding: body, as: UTF8.self)) at \(location)")
    }
    expectReadable(location)
    return try document
  }

  /// Expects a search that found nothing, in the shape that browsers branch on, and returns its
  /// message.
  @discardableResult
  func noMatch(
    _ expectedStatus: Int = 404,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let text = Comment(rawValue: String(decoding: body, as: UTF8.self))
    #expect(status == expectedStatus, text, sourceLocation: location)
    expectReadable(location)
    #expect(try document.boolean("found") == false, sourceLocation: location)
    let message = try document.string("message")
    #expect(!message.isEmpty, sourceLocation: location)
    return message
  }

  /// Expects an error of the hosts' endpoints and returns what it says.
  @discardableResult
  func hostRefusal(
    _ expectedStatus: Int,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let text = Comment(rawValue: String(decoding: body, as: UTF8.self))
    #expect(status == expectedStatus, text, sourceLocation: location)
    expectReadable(location)
    #expect(try document.boolean("success") == false, sourceLocation: location)
    return try document.string("error")
  }

  /// Expects that a script of any web page may read it, and what it reads is JSON.
  private func expectReadable(_ location: SourceLocation) {
    #expect(header("Content-Type") == "application/json", sourceLocation: location)
    #expect(header("Access-Control-Allow-Origin") == "*", sourceLocation: location)
    #expect(header("Access-Control-Expose-Headers") == "X-Request-Id, Retry-After")
    #expect(header("Cache-Control") == "no-store", sourceLocation: location)
    #expect(header("X-Request-Id") != nil, sourceLocation: location)
  }
}
