import Support
import Testing
@Suite struct ZZ {
  @Test func http() async throws {
    let service = try await ServiceProcess.start(environment: ["PLAYMETER_MASTER_KEY": "x"])
    var http = service.http
    http.headers = ["X-A": "1"]
    let a = try await http.send("PATCH", "/v1/x", json: "{}")
    #expect(a.status == 200)
    #expect(try a.json.string("ct") == "application/json")
    #expect(try a.json.string("h.0") == "1")
    #expect(a.header("content-length") != nil)
    let raw = try await RawHTTP.send(
      "GET /y HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-A: 2\r\n\r\n",
      toPort: service.publicPort
    )
    #expect(raw.status == 200)
    #expect(try JSONView(raw.body).string("h.1") == "2")
    #expect(service.logLines.count == 2)
    #expect(try await service.terminate() == 0)
    #expect(!service.isRunning)
    let other = try await ServiceProcess.start(environment: ["PLAYMETER_MASTER_KEY": "x"])
    try await other.kill()
    await #expect(throws: (any Error).self) { try await other.http.send("GET", "/") }
    await #expect(throws: (any Error).self) {
      try await RawHTTP.send("GET", toPort: other.publicPort)
    }
  }
}
