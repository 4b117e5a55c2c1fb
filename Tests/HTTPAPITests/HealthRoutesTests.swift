import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The probes")
struct HealthRoutesTests {
  @Test("Alive is alive, whatever else is wrong")
  func alive() async throws {
    let api = PublicAPI(readiness: ReadinessDouble(list: ["Redis is away"]))
    let answer = try await api.client().send(.get, "/healthz")
    #expect(answer.status == 200)
    #expect(answer.document == ["status": "ok"])
  }

  @Test("Ready lists what is wrong")
  func ready() async throws {
    let well = try await PublicAPI().client().send(.get, "/readyz")
    #expect(well.status == 200)
    #expect(well.document == ["status": "ready"])
    let faults = ReadinessDouble(list: ["Redis is away", "billing is late"])
    let api = ManagementAPI(
      administration: AdministrationDouble(),
      accounting: AccountingDouble(),
      hosts: HostsDouble(),
      readiness: faults,
      adminTokens: [],
      listener: .loopback()
    )
    let ill = try await Client(responder: api.responder).send(.get, "/readyz")
    #expect(ill.status == 503)
    #expect(ill.fields[.retryAfter] == "1")
    #expect(
      ill.document == ["status": "not ready", "faults": ["Redis is away", "billing is late"]]
    )
  }
}
