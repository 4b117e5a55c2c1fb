import Support
import Testing

/// What tests that attack the service have in common.
extension Installation {
  static let probe = RawRequest.text("GET", "/healthz", [])

  /// How often a limit has refused something on the public listener.
  func limited(by limit: String) async throws -> Int {
    let labels: KeyValuePairs = ["limit": limit, "listener": "public"]
    return Int(try await scrape()["playmeter_http_limited_total", labels] ?? -1)
  }

  /// Expects that an attack never makes the service use more than so many further MiB of memory,
  /// and that the service answers as ever afterwards.
  func expectFlatMemory(
    megabytes: Int,
    _ location: SourceLocation = #_sourceLocation,
    _ attack: () async throws -> Void
  ) async throws {
    // What is made once, at the first requests of all, is no growth.
    for _ in 0..<100 { _ = try await service.http.send("GET", "/healthz") }
    let before = try service.peakResidentBytes
    try await attack()
    let grown = (try service.peakResidentBytes - before) / 1_048_576
    #expect(grown <= megabytes, "grown by \(grown) MiB", sourceLocation: location)
    #expect(try await service.http.send("GET", "/healthz").status == 200)
  }
}
