import Domain
import HTTPTypes
import Testing

@testable import HTTPAPI

/// The description against the code. That the service behaves as it says, schemathesis tries.
@Suite("The OpenAPI description")
struct OpenAPITests {
  private static let text = OpenAPIRoutes.text(regions: HostAPISettings.sample.regions)

  /// `GET /healthz` and so on: paths stand at two spaces, their methods at four.
  private static var described: [String] {
    var path = ""
    var operations: [String] = []
    let lines = text.split(separator: "\n")
    let start = lines.firstIndex(of: "paths:") ?? lines.endIndex
    for line in lines[start...].prefix(while: { $0 != "components:" }) {
      if let match = line.wholeMatch(of: /\ \ (\/\S*):/) { path = String(match.1) }
      if let match = line.wholeMatch(of: /\ {4}(get|put|post|patch|delete):/) {
        operations.append("\(match.1.uppercased()) \(path)")
      }
    }
    return operations
  }

  private static var served: [String] {
    let management = ManagementAPI(
      administration: AdministrationDouble(),
      accounting: AccountingDouble(),
      hosts: HostsDouble(),
      readiness: ReadinessDouble(),
      metrics: MetricsExposition(contentType: "text/plain") { "" },
      adminTokens: [],
      listener: .loopback()
    )
    let routes = [PublicAPI.ofHosts().responder.routes, management.responder.routes]
    return routes.flatMap(\.endpoints).map { "\($0.method.rawValue) \($0.path)" }
  }

  @Test("Every route is described, and nothing else is")
  func routes() {
    // A parameter may have a clearer name where no code stands around it.
    func shapes(_ operations: [String]) -> Set<String> {
      Set(operations.map { $0.replacing(/\{\w+\}/, with: "{}") })
    }
    let (described, served) = (shapes(Self.described), shapes(Self.served))
    #expect(described.subtracting(served) == [])
    #expect(served.subtracting(described) == [])
    #expect(Set(Self.described).count == Self.described.count)
  }

  @Test("Every code that clients decide by is there")
  func codes() {
    let hidden: Set<ErrorCode> = [.missingHostSecret, .invalidHostSecret]
    let groups: [[String]] = [
      ErrorCode.allCases.filter { !hidden.contains($0) }.map(\.rawValue),
      FieldIssue.Code.allCases.map(\.rawValue), VerifyRefusal.allCases.map(\.rawValue),
      HostStatus.allCases.map(\.rawValue), SessionState.allCases.map(\.rawValue),
      EndReason.allCases.map(\.rawValue), Invariant.allCases.map(\.rawValue),
    ]
    let words = Set(Self.text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    let missing = groups.joined().filter { !words.contains($0) }
    #expect(missing == [])
  }

  @Test("It names the regions of the installation")
  func regions() {
    let text = OpenAPIRoutes.text(regions: [Sample.name("seoul"), Sample.name("true")])
    #expect(text.contains("      enum: ['seoul', 'true']\n"))
    #expect(!text.contains("us-east-1"))
  }

  @Test("Everybody may read it, pages of any origin too, and keep it for some minutes")
  func response() async throws {
    let client = PublicAPI.ofHosts { $0.origins = .listed([]) }.client()
    let answer = try await client.send(.get, "/openapi.yaml")
    #expect(answer.status == 200)
    #expect(answer.text == Self.text)
    #expect(answer.fields[.contentType] == "application/yaml")
    #expect(answer.fields[.cacheControl] == "max-age=300")
    #expect(answer.fields[.accessControlAllowOrigin] == "*")
    let head = try await client.send(.head, "/openapi.yaml")
    #expect(head.status == 200 && head.text.isEmpty)
    #expect(head.fields[.contentLength] == String(Self.text.utf8.count))
    let post = try await client.send(.post, "/openapi.yaml")
    #expect(post.status == 405)
    #expect(post.fields[.allow] == "GET, HEAD")
  }

  @Test("An address that asks again and again is told to wait")
  func limit() async throws {
    let api = PublicAPI.ofHosts(perAddress: .requests(1, per: .seconds(60)))
    for _ in 0..<2 {
      #expect(try await api.client().send(.get, "/openapi.yaml").status == 200)
    }
    let refused = try await api.client().send(.get, "/openapi.yaml")
    #expect(refused.status == 429)
    #expect(refused.fields[.retryAfter] == "60")
  }
}
