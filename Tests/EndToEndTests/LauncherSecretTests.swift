import Signatures
import Support
import Testing

/// A cafe's launcher secret while it is exchanged.
@Suite(.serialized, .timeLimit(.minutes(15)), .installation)
struct LauncherSecretTests {
  private func rotate(_ cafe: Cafe, _ json: String? = nil) async throws -> Cafe {
    let data = try await cafe.stage.admin("POST", "/cafes/\(cafe.id)/rotate-secret", json).success()
    #expect(try data.string("cafe_id") == cafe.id)
    let secret = try #require(Hex.decode(try data.string("launcher_secret")))
    #expect(secret.count == 32)
    return Cafe(stage: cafe.stage, id: cafe.id, secret: secret)
  }

  private func expect(_ cafe: Cafe, isValid: Bool) async throws {
    let answer = try await cafe.stage.send(cafe.signedStart())
    if isValid {
      _ = try answer.success()
    } else {
      try answer.refusal(401, "INVALID_SIGNATURE")
    }
  }

  @Test("The previous secret stays valid until the next rotation")
  func rotation() async throws {
    let first = try await Installation.shared.cafe()
    let second = try await rotate(first)
    #expect(first.secret != second.secret)
    try await expect(first, isValid: true)
    try await expect(second, isValid: true)
    let third = try await rotate(second)
    try await expect(first, isValid: false)
    try await expect(second, isValid: true)
    try await expect(third, isValid: true)
  }

  @Test("A rotation may revoke the previous secret at once; launchers that run go on")
  func revocation() async throws {
    let first = try await Installation.shared.cafe()
    let launcher = try await first.startLauncher(pc: "PC-2")
    let second = try await rotate(first, #"{"revoke_previous":true}"#)
    try await expect(first, isValid: false)
    try await expect(second, isValid: true)
    _ = try await launcher.heartbeat().success()
  }

  @Test("The command line does the same")
  func commandLine() async throws {
    let stage = try Installation.shared
    let first = try await stage.cafe()
    let command = ["cafe", "rotate-secret", "--id", first.id, "--revoke-previous", "--json"]
    let result = try await stage.command(command)
    #expect(result.status == 0)
    #expect(try result.json.string("cafe_id") == first.id)
    let secret = try #require(Hex.decode(try result.json.string("launcher_secret")))
    try await expect(first, isValid: false)
    try await expect(Cafe(stage: stage, id: first.id, secret: secret), isValid: true)
  }
}
