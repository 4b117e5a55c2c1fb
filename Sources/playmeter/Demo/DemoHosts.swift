import HTTPAPI
import JSON
import NIOHTTP1

/// The host API as the gaming PCs and the clients of the demonstration call it.
struct DemoHosts: Sendable {
  let http: DemoHTTP
  let secret: String

  /// A slot that a client was given.
  struct Match: Sendable {
    let reservation: String
    let host: String
    /// When it lapses unless it is confirmed, in Unix milliseconds.
    let expiresAt: Int64
  }

  /// Registers a host or lets it live on, and returns for how long.
  func heartbeat(_ host: Evening.Host) async throws(DemoError) -> Duration {
    let body: JSONValue = [
      "hostId": .string(host.name), "roomId": .string("room-of-" + host.name),
      "status": "idle", "capacity": .integer(Int64(host.slots)),
      "availableSlots": .integer(Int64(host.slots)),
    ]
    let answer = try await send(.POST, "/api/host/heartbeat", body)
    guard answer.status == 200 else { throw answer.hostRefusal }
    guard let seconds = answer.document["ttl"]?.integer else {
      throw .incomplete(request: answer.request, missing: "ttl")
    }
    return .seconds(seconds)
  }

  /// Takes a host out.
  func leave(_ host: Evening.Host) async throws(DemoError) {
    let answer = try await send(.DELETE, "/api/host/" + host.name, nil)
    guard answer.status == 200 else { throw answer.hostRefusal }
  }

  /// The hosts that live, with the slots that are free on them.
  func list() async throws(DemoError) -> [String: Int64] {
    let answer = try await http.send(.GET, "/api/hosts?status=all")
    guard answer.status == 200, let rows = answer.document.array else { throw answer.hostRefusal }
    let pairs = rows.compactMap { row -> (String, Int64)? in
      guard let id = row["hostId"]?.string, let free = row["availableSlots"]?.integer else {
        return nil
      }
      return (id, free)
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// Looks for a host; nil when none has a free slot.
  func find() async throws(DemoError) -> Match? {
    let answer = try await http.send(.POST, "/api/match/find", body: JSONValue.object([]).bytes)
    guard answer.status != 404 else { return nil }
    guard answer.status == 200 else { throw answer.hostRefusal }
    guard let reservation = answer.document["reservationId"]?.string,
      let host = answer.document["hostId"]?.string,
      let expiresAt = answer.document["expiresAt"]?.integer
    else { throw .incomplete(request: answer.request, missing: "complete match") }
    return Match(reservation: reservation, host: host, expiresAt: expiresAt)
  }

  /// Confirms a match; false when it has lapsed or its host is gone.
  func confirm(_ match: Match) async throws(DemoError) -> Bool {
    try await settle(match, "confirm")
  }

  /// Gives the slot back; false when it was gone already.
  func release(_ match: Match) async throws(DemoError) -> Bool {
    try await settle(match, "release")
  }

  private func settle(_ match: Match, _ verb: String) async throws(DemoError) -> Bool {
    let answer = try await http.send(.POST, "/api/match/\(match.reservation)/\(verb)")
    guard [200, 404].contains(answer.status) else { throw answer.hostRefusal }
    return answer.status == 200
  }

  private func send(
    _ method: HTTPMethod,
    _ path: String,
    _ body: JSONValue?
  ) async throws(DemoError) -> DemoAnswer {
    let headers = [("Authorization", "Bearer " + secret)]
    return try await http.send(method, path, headers: headers, body: body?.bytes)
  }
}

extension DemoAnswer {
  /// An answer that the script does not expect; under `/api` an error is a text.
  fileprivate var hostRefusal: DemoError {
    .refused(request: request, status: status, code: document["error"]?.string ?? "")
  }
}
