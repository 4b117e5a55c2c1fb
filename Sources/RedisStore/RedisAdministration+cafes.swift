import Domain
import RedisClient
import Signatures

extension RedisAdministration {
  /// Random bytes in a secret's derivation, so that no secret can be computed from the master key
  /// and a guessable generation alone.
  private static let saltBytes = 16

  public func createCafe(_ cafe: NewCafe) async throws(AdministrationError) -> IssuedSecret {
    let salt = Hex.encode(RandomBytes.generate(count: Self.saltBytes))
    let networks = cafe.networks.map(\.description).joined(separator: " ")
    let answer = try await attempt { () throws(ServiceFault) in
      var reply = try await link.run(
        link.scripts.cafeCreate,
        in: partition(of: cafe.id),
        [cafe.id.text, cafe.name, networks, salt, secrets.currentKeyID]
      )
      return try reply.text()
    }
    guard answer == "created" else { throw .conflict("cafe \(cafe.id) exists already") }
    return try secret(of: cafe.id, generation: 1, salt: salt)
  }

  public func rotateSecret(
    of id: CafeID,
    revokePrevious: Bool
  ) async throws(AdministrationError) -> IssuedSecret {
    let salt = Hex.encode(RandomBytes.generate(count: Self.saltBytes))
    let generation = try await attempt { () throws(ServiceFault) -> Int64? in
      var reply = try await link.run(
        link.scripts.cafeSecret,
        in: partition(of: id),
        [id.text, salt, secrets.currentKeyID, revokePrevious ? "1" : "0"]
      )
      return try reply.text() == "rotated" ? try reply.integer() : nil
    }
    guard let generation else { throw .cafeNotFound(id) }
    return try secret(of: id, generation: generation, salt: salt)
  }

  public func book(_ entry: BalanceEntry, for id: CafeID) async throws(AdministrationError)
    -> Booking
  {
    let (answer, balance) = try await attempt { () throws(ServiceFault) in
      var reply = try await link.runReplicated(
        link.scripts.cafeBook,
        in: partition(of: id),
        [
          id.text, entry.kind, String(entry.amount.milliGCoin), entry.reference.text,
          entry.reason ?? "",
        ]
      )
      let answer = try reply.text()
      return (answer, reply.isAtEnd ? Money.zero : Money(milliGCoin: try reply.integer()))
    }
    switch answer {
    case "applied": return Booking(balance: balance, isApplied: true)
    case "repeated": return Booking(balance: balance, isApplied: false)
    case "unknown": throw .cafeNotFound(id)
    case "taken":
      throw .conflict("ref \(entry.reference) of cafe \(id) was booked for something else")
    case "below_zero":
      throw .conflict("the balance of cafe \(id), \(balance.gCoinText), would go below zero")
    case "above_maximum":
      throw .conflict("the balance of cafe \(id) would pass \(Money.maximumBalance.gCoinText)")
    default: throw unknown(answer)
    }
  }

  public func suspend(
    _ id: CafeID,
    endSessions: Bool
  ) async throws(AdministrationError) -> CafeReport {
    try await set(.suspended, for: id)
    if endSessions { try await endAllSessions(of: id) }
    return try await cafe(id)
  }

  public func resume(_ id: CafeID) async throws(AdministrationError) -> CafeReport {
    try await set(.active, for: id)
    return try await cafe(id)
  }

  private func set(
    _ status: CafeReport.Status,
    for id: CafeID
  ) async throws(AdministrationError) {
    let answer = try await attempt { () throws(ServiceFault) in
      var reply = try await link.run(
        link.scripts.cafeStatus,
        in: partition(of: id),
        [id.text, status.rawValue]
      )
      return try reply.text()
    }
    guard answer == "done" else { throw .cafeNotFound(id) }
  }

  private func endAllSessions(of id: CafeID) async throws(AdministrationError) {
    try await attempt { () throws(ServiceFault) in
      let key = link.keys.key(.live, id.text, in: partition(of: id))
      for member in try await link.send(RedisCommand("SMEMBERS", key)).texts {
        guard let session = link.gameSessionID(member) else { continue }
        _ = try await link.endByOperator(session)
      }
    }
  }

  private func secret(
    of id: CafeID,
    generation: Int64,
    salt: String
  ) throws(AdministrationError) -> IssuedSecret {
    let secret = secrets.secret(
      of: id,
      generation: String(generation),
      salt: salt,
      masterKeyID: secrets.currentKeyID
    )
    guard let secret else { throw .fault(.broken("no secret for the current master key")) }
    return IssuedSecret(cafe: id, launcherSecret: secret)
  }
}

extension BalanceEntry {
  fileprivate var kind: String {
    switch self {
    case .topup: LedgerKind.topup.rawValue
    case .adjustment: LedgerKind.adjustment.rawValue
    }
  }

  fileprivate var reason: String? {
    switch self {
    case .topup: nil
    case .adjustment(_, _, let reason): reason
    }
  }
}

extension RedisLink {
  /// Ends a session now with reason `operator`; a repeat in the same call answers the same.
  func endByOperator(_ session: GameSessionID) async throws(ServiceFault) -> EndOutcome {
    let request = "op_" + Hex.encode(RandomBytes.generate(count: 12))
    return try await end(session, arguments: ["", "operator", request])
  }
}

extension RedisReply {
  /// The texts of an array reply.
  var texts: [String] {
    guard case .array(let values) = self else { return [] }
    return values.compactMap(\.textIfAny)
  }
}
