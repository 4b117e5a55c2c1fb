import Support

/// What `/metrics` of one instance showed at one moment.
struct Scrape: Sendable {
  let text: String
  /// Each sample by its name with its labels, as they are written.
  let samples: [String: Double]

  init(_ text: String) throws {
    self.text = text
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[space...].dropFirst())
      else { throw SupportError("no sample: \(line)") }
      guard samples.updateValue(value, forKey: String(line[..<space])) == nil else {
        throw SupportError("twice: \(line)")
      }
    }
    self.samples = samples
  }

  /// A sample, or nil when it is not known.
  subscript(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Double? {
    samples[Self.key(name, labels)]
  }

  /// The sum of all samples of a name that have these labels among theirs.
  func sum(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Double {
    let wanted = labels.map { "\($0.key)=\"\($0.value)\"" }
    return
      samples.filter { key, _ in
        (key == name || key.hasPrefix(name + "{")) && wanted.allSatisfy(key.contains)
      }
      .reduce(0) { $0 + $1.value }
  }

  /// The metrics that it has, without the parts of histograms.
  var families: Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
        .map { String($0.split(separator: " ")[2]) }
    )
  }

  private static func key(_ name: String, _ labels: KeyValuePairs<String, String>) -> String {
    guard !labels.isEmpty else { return name }
    let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
    return "\(name){\(pairs.joined(separator: ","))}"
  }
}

extension Installation {
  /// Scrapes the instance.
  func scrape() async throws -> Scrape {
    let answer = try await service.management.send("GET", "/metrics")
    guard answer.status == 200 else { throw SupportError("\(answer.status) \(answer.text)") }
    return try Scrape(answer.text)
  }

  /// Scrapes until something is seen, and returns the scrape that shows it.
  @discardableResult
  func scrape(
    until what: String,
    within limit: Duration = .seconds(25),
    _ condition: (Scrape) -> Bool
  ) async throws -> Scrape {
    var latest = try await scrape()
    do {
      try await Waiting.until(what, within: limit) {
        latest = try await scrape()
        return condition(latest)
      }
    } catch {
      throw SupportError("\(error)\n\(latest.text)")
    }
    return latest
  }
}
