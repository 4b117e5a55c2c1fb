import Domain
import RedisClient
import Support
import Testing

@testable import RedisStore

/// A line of the hosts' stream of events.
struct HostEvent: Sendable {
  /// The flat names and values of the stream's entry.
  let fields: [String: String]

  var kind: String { fields["kind"] ?? "" }
  var host: String { fields["host_id"] ?? "" }
  var reservation: String? { fields["reservation_id"] }
  var reason: String? { fields["reason"] }
}

/// What a test looks at.
extension HostStage {
  /// Every live host.
  func list() async throws -> [HostReport] {
    try await hosts.hosts(HostFilter(selection: .all), PageRequest(limit: 1000)).rows
  }

  /// A live host, or nil.
  func report(_ id: String = "pc") async throws -> HostReport? {
    try await list().first { $0.id.text == id }
  }

  /// How many more clients a host would be handed, after what is over has lapsed; nil when it is
  /// dead.
  func free(_ id: String = "pc") async throws -> Int? {
    _ = try await hosts.sweep()
    return try await report(id)?.availableSlots
  }

  /// When the host's key expires, in Unix milliseconds; -2 when it is not there.
  func expiry(_ id: String = "pc") async throws -> Int64 {
    let key = link.keys.hostsKey(.host, id)
    let reply = try await link.client.send(RedisCommand("PEXPIRETIME", key))
    guard case .integer(let time) = reply else { throw SupportError("no time: \(reply)") }
    return time
  }

  /// Redis' time in Unix milliseconds.
  func now() async throws -> Int64 {
    guard case .array(let parts) = try await link.client.send(RedisCommand("TIME")),
      case .string(let seconds) = parts[0], case .string(let micros) = parts[1],
      let seconds = Int64(seconds), let micros = Int64(micros)
    else { throw SupportError("no time") }
    return seconds * 1000 + micros / 1000
  }

  func events() async throws -> [HostEvent] {
    let command = RedisCommand("XRANGE", link.keys.hostsKey(.events), "-", "+")
    guard case .array(let entries) = try await link.client.send(command) else { return [] }
    return entries.compactMap { entry in
      guard case .array(let parts) = entry, case .array(let words) = parts.last else { return nil }
      let texts = words.map { if case .string(let text) = $0 { text } else { "" } }
      let starts = stride(from: 0, to: texts.count - 1, by: 2)
      return HostEvent(
        fields: Dictionary(uniqueKeysWithValues: starts.map { (texts[$0], texts[$0 + 1]) })
      )
    }
  }

  /// The kinds of the events of a reservation, and the reason of its end.
  func story(of match: Match) async throws -> [String] {
    try await events().filter { $0.reservation == match.reservation.description }
      .flatMap { [$0.kind.dropping(prefix: "reservation_"), $0.reason].compactMap(\.self) }
  }

  /// Expects that each reservation became pending once, was confirmed at most once and ended at
  /// most once, in this order, and that those which have not ended are the ones that are there.
  func auditEvents() async throws {
    var stories: [String: [String]] = [:]
    for event in try await events() {
      guard let reservation = event.reservation else { continue }
      stories[reservation, default: []].append(event.kind.dropping(prefix: "reservation_"))
    }
    let whole = ["pending", "confirmed", "ended"]
    let right: Set = [whole, ["pending", "ended"], ["pending"], ["pending", "confirmed"]]
    #expect(stories.filter { !right.contains($0.value) } == [:])
    let living = Set(stories.filter { $0.value.last != "ended" }.keys)
    #expect(try await reservations() == living)
  }

  /// Expects that the counts which the scripts keep are what a count of everything gives: of living
  /// hosts by region and status, and of reservations by what came of them.
  func auditTally() async throws {
    while try await hosts.sweep().isMoreLeft {}
    let census = try await RedisCensus(link: link).take()
    let rows = try await list()
    let length = RedisCommand("ZCARD", link.keys.hostsKey(.hostNames))
    let recorded = try await link.client.send(length)
    #expect(.integer(census.hosts.reduce(0) { $0 + $1.count }) == recorded)
    // More than one page holds, or dead ones whose turn to be swept has not come, are not listed.
    if recorded == .integer(Int64(rows.count)) {
      let listed = Dictionary(grouping: rows) { "\($0.region.text) \($0.status.rawValue)" }
        .mapValues { Int64($0.count) }
      let counted = census.hosts.map { ("\($0.region) \($0.status)", $0.count) }
      #expect(Dictionary(uniqueKeysWithValues: counted) == listed)
    }
    // The stream forgets what is older than its latest 100,000 entries; a test may have deleted it.
    let all = try await events()
    guard (1..<90_000).contains(all.count) else { return }
    let events = all.filter { $0.reservation != nil }
    let outcomes = events.map { $0.reason ?? $0.kind.dropping(prefix: "reservation_") }
    let told = Dictionary(grouping: outcomes) { $0 }.mapValues { Int64($0.count) }
    #expect(census.reservations == told)
  }

  /// The reservations that have not ended.
  private func reservations() async throws -> Set<String> {
    let command = RedisCommand("HKEYS", link.keys.hostsKey(.reservations))
    guard case .array(let fields) = try await link.client.send(command) else { return [] }
    return Set(fields.compactMap { if case .string(let text) = $0 { text } else { nil } })
  }
}

extension String {
  fileprivate func dropping(prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
