import Domain
import JSON

/// The signed start of a launcher session.
extension LauncherRoutes {
  /// How much a launcher may say about its PC's hardware, in bytes of compact JSON.
  private static let maximumHardwareBytes = 2048

  func start(_ call: Call) async throws -> JSONValue {
    let (signature, access) = try await authenticate(call)
    try callers.admit(signature.cafe)
    let payload = try call.payload()
    let pc = try payload.name("pc_id", PCID.self)
    let evidence = try evidence(of: payload)
    guard let address = clientAddress.address(of: call.request) else {
      throw ServiceFault.broken("the connection does not tell its peer's address")
    }
    // The catalogue is read first: a start that succeeded must not be answered with a failure.
    let games = try enabledGames()
    let start = LauncherStart(
      cafe: signature.cafe,
      pc: pc,
      nonce: signature.nonce,
      externalAddress: address,
      isInsideCafe: access.networks.contains { $0.contains(address) },
      evidence: evidence
    )
    return try await answer(to: start, games)
  }

  private func answer(to start: LauncherStart, _ games: JSONValue) async throws -> JSONValue {
    switch try await sessions.start(start) {
    case .started(let launcher):
      return [
        "launcher_session_id": .string(launcher.description),
        "session_token": .string(tokens.token(for: launcher, of: start.cafe)),
        "is_pc_cafe": true,
        "next_heartbeat_in": .integer(timings.heartbeatInterval.wholeSeconds),
        "games": games,
      ]
    case .replayed:
      throw Self.invalidSignature
    case .outsideCafe:
      throw APIError(.notPCCafe, "The caller's address is not one of the cafe's.")
    case .suspended:
      throw APIError(.cafeSuspended, "The cafe is suspended.")
    case .tooManyPCs:
      throw APIError(.conflict, "The cafe has as many PCs as it may have.")
    }
  }

  /// Checks the signature. Cafes that exist and cafes that do not are refused alike, so that nobody
  /// learns the names of our customers.
  private func authenticate(_ call: Call) async throws -> (LauncherSignature, CafeAccess) {
    guard let signature = LauncherSignature(call) else { throw Self.invalidSignature }
    guard signature.isFresh(at: now()) else {
      let limit = LauncherSignature.toleranceSeconds
      throw APIError(.invalidSignature, "X-Timestamp is more than \(limit) s off.")
    }
    let access = try await sessions.access(to: signature.cafe)
    let isSigned = signature.isSigned(byOneOf: access?.launcherSecrets ?? [])
    guard let access, isSigned else { throw Self.invalidSignature }
    return (signature, access)
  }

  private func evidence(of payload: Payload) throws(APIError) -> LauncherEvidence {
    guard let address = IPAddress(try payload.string("internal_ip")) else {
      throw Payload.refusal("internal_ip", "an IPv4 or IPv6 address")
    }
    return LauncherEvidence(
      internalAddress: address.description,
      bootID: try payload.optionalLabel("boot_id"),
      launcherVersion: try payload.optionalLabel("launcher_version"),
      hardware: try hardware(of: payload)
    )
  }

  private func hardware(of payload: Payload) throws(APIError) -> String? {
    guard let value = payload.value("hardware") else { return nil }
    guard case .object = value else { throw Payload.refusal("hardware", "an object") }
    let text = value.text
    guard text.utf8.count <= Self.maximumHardwareBytes else {
      throw Payload.refusal("hardware", "at most \(Self.maximumHardwareBytes) bytes")
    }
    return text
  }

  private func enabledGames() throws -> JSONValue {
    let games = try catalog.games().values.filter(\.isEnabled).sorted { $0.id.text < $1.id.text }
    return .array(
      games.map { game in
        [
          "game_id": .string(game.id.text),
          "name": .string(game.name),
          "launch_url": .optional(game.launchURL),
        ]
      }
    )
  }

  private static let invalidSignature = APIError(
    .invalidSignature,
    "The signature is missing, malformed, wrong or was used before."
  )
}
