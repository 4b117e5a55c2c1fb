import Domain
import HTTPTypes
import JSON
import Testing

@testable import HTTPAPI

@Suite("The admin API for accounts")
struct AdminAccountsTests {
  private func client(_ accounting: AccountingDouble = AccountingDouble()) -> Client {
    let api = ManagementAPI(
      administration: AdministrationDouble(),
      accounting: accounting,
      hosts: HostsDouble(),
      readiness: ReadinessDouble(),
      adminTokens: ["admin-token"],
      listener: .loopback()
    )
    return Client(responder: api.responder, fields: [.authorization: "Bearer admin-token"])
  }

  @Test("A settlement has its month, its bounds and its rows")
  func settlement() async throws {
    let accounting = AccountingDouble()
    let client = client(accounting)
    let answer = try await client.send(.get, "/v1/admin/settlements/2026-03")
    #expect(
      answer.data?.text == #"{"month":"2026-03","time_zone":"Asia/Seoul","from":1000,"to":2000,"#
        + #""preview":false,"settlements":[{"cafe_id":"north","game_id":"river","sessions":1,"#
        + #""play_duration_sec":75,"billable_sec":60,"unbilled_grace_sec":10,"held_sec":5,"#
        + #""debited_mgcoin":700,"reversed_mgcoin":100,"net_mgcoin":600}]}"#
    )
    let path = "/v1/admin/settlements/2026-12?cafe=north&game=river&preview=true"
    #expect(try await client.send(.get, path).status == 200)
    #expect(
      accounting.commands == ["settle 2026-03 - - false", "settle 2026-12 north river true"]
    )
  }

  @Test("A reconciliation has what was checked and every finding")
  func reconciliation() async throws {
    let answer = try await client().send(.get, "/v1/admin/reconciliation")
    #expect(
      answer.data?.text == #"{"sessions_checked":7,"cafes_checked":2,"lines_read":40,"#
        + #""lines_lost":0,"residual_mgcoin":5,"findings_total":1,"findings":[{"invariant":"I2","#
        + #""ids":["north"],"finding":"the balance is 5 mgcoin, its lines give 0"}]}"#
    )
  }

  @Test(
    "What is no month, no name or no flag is refused before anything is read",
    arguments: [
      "2026-3", "2026-13", "2026-00", "march", "2026-03?cafe=No%20Name", "2026-03?game=A",
      "2026-03?preview=yes",
    ]
  )
  func refused(path: String) async throws {
    let accounting = AccountingDouble()
    let answer = try await client(accounting).send(.get, "/v1/admin/settlements/\(path)")
    #expect((answer.status, answer.code) == (400, "BAD_REQUEST"))
    #expect(accounting.commands.isEmpty)
  }

  @Test("A month that cannot be settled is a conflict that says why")
  func conflict() async throws {
    let client = client(AccountingDouble(refusal: .conflict("2026-03 is not over")))
    let answer = try await client.send(.get, "/v1/admin/settlements/2026-03")
    #expect((answer.status, answer.code) == (409, "CONFLICT"))
    #expect(answer.message == "2026-03 is not over")
  }

  @Test("Nothing is told without the token")
  func token() async throws {
    var client = client()
    client.fields = [:]
    for path in ["settlements/2026-03", "reconciliation"] {
      let answer = try await client.send(.get, "/v1/admin/\(path)")
      #expect((answer.status, answer.code) == (401, "INVALID_ADMIN_TOKEN"))
    }
  }
}
