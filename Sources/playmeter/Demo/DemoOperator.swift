import Domain
import HTTPAPI
import JSON
import NIOHTTP1
import Signatures

/// The operator at the management listener, as the demonstration plays it.
struct DemoOperator: Sendable {
  private let http: DemoHTTP
  private let token: String
  /// Makes the references of this run unlike those of another one.
  private let run = Hex.encode(RandomBytes.generate(count: 4))

  init(http: DemoHTTP, token: String) {
    self.http = http
    self.token = token
  }

  /// A cafe's money.
  struct Account: Sendable, Equatable {
    let balance: Money
    /// What its live sessions cost together.
    let milliGCoinPerHour: Int64
  }

  /// The rates of all games.
  func tariffs() async throws(DemoError) -> [String: Tariff] {
    let answer = try await send(.GET, "games")
    let games = try answer.data()["games"]?.array ?? []
    let rows = games.compactMap { game -> (String, Tariff)? in
      guard let id = game["game_id"]?.string, let rate = game["rate_mgcoin_per_hour"]?.integer,
        let tariff = Tariff(milliGCoinPerHour: rate)
      else { return nil }
      return (id, tariff)
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// What a cafe has and spends.
  func account(of cafe: CafeID) async throws(DemoError) -> Account {
    let answer = try await send(.GET, "cafes/\(cafe)")
    return Account(
      balance: Money(milliGCoin: try answer.integer("balance_mgcoin")),
      milliGCoinPerHour: try answer.integer("spending_mgcoin_per_hour")
    )
  }

  /// The latest sessions of a cafe, without their ledgers.
  func sessions(of cafe: CafeID) async throws(DemoError) -> [SessionEvidence] {
    let answer = try await send(.GET, "sessions?cafe=\(cafe)")
    return (try answer.data()["sessions"]?.array ?? []).compactMap(SessionEvidence.init)
  }

  /// A session with its ledger.
  func session(_ id: String) async throws(DemoError) -> SessionEvidence {
    let answer = try await send(.GET, "sessions/\(id)")
    guard let session = SessionEvidence(try answer.data()) else {
      throw .incomplete(request: answer.request, missing: "complete session")
    }
    return session
  }

  /// Ends a session.
  func end(_ session: String) async throws(DemoError) {
    _ = try await send(.DELETE, "sessions/\(session)").data()
  }

  /// Pays money in; `step` names it within this run.
  func topUp(_ cafe: CafeID, by amount: Money, step: String) async throws(DemoError) {
    let entry: JSONValue = [
      "amount_mgcoin": .integer(amount.milliGCoin), "ref": .string("demo-\(run)-\(step)"),
    ]
    _ = try await send(.POST, "cafes/\(cafe)/topups", entry).data()
  }

  /// Corrects a balance; `step` names it within this run.
  func adjust(
    _ cafe: CafeID,
    by amount: Money,
    reason: String,
    step: String
  ) async throws(DemoError) {
    let entry: JSONValue = [
      "amount_mgcoin": .integer(amount.milliGCoin), "ref": .string("demo-\(run)-\(step)"),
      "reason": .string(reason),
    ]
    _ = try await send(.POST, "cafes/\(cafe)/adjustments", entry).data()
  }

  private func send(
    _ method: HTTPMethod,
    _ path: String,
    _ body: JSONValue? = nil
  ) async throws(DemoError) -> DemoAnswer {
    try await http.send(
      method,
      "/v1/admin/" + path,
      headers: [("Authorization", "Bearer " + token)],
      body: body?.bytes
    )
  }
}
