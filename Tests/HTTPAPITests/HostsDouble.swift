import Domain
import HTTPTypes
import Synchronization

@testable import HTTPAPI

/// Hosts and their matchmaker: answers what a test tells it, and a record of every command in
/// words.
final class HostsDouble: HostRegistry, Matchmaker {
  struct Script {
    var fault: ServiceFault?
    var isKnown = true
    var outcome = MatchOutcome.found(Sample.match)
    var rows = [Sample.host]
    var nextCursor: String?
    var beats: [HostBeat] = []
    var requests: [MatchRequest] = []
    var commands: [String] = []
  }

  private let script: Mutex<Script>
  /// What a reading of a list waits for.
  private let reading: @Sendable () async -> Void

  init(_ change: (inout Script) -> Void = { _ in }) {
    var script = Script()
    change(&script)
    self.script = Mutex(script)
    reading = {}
  }

  init(reading: @escaping @Sendable () async -> Void) {
    script = Mutex(Script())
    self.reading = reading
  }

  var asked: Script { script.withLock { $0 } }

  func change(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }

  @discardableResult
  private func note(
    _ command: String,
    _ change: (inout Script) -> Void = { _ in }
  ) throws(ServiceFault) -> Script {
    let now = script.withLock { script in
      script.commands.append(command)
      change(&script)
      return script
    }
    if let fault = now.fault { throw fault }
    return now
  }

  func heartbeat(_ beat: HostBeat) async throws(ServiceFault) {
    try note("heartbeat \(beat.id)") { $0.beats.append(beat) }
  }

  func setStatus(_ status: HostStatus, of host: HostID) async throws(ServiceFault) -> Bool {
    try note("status \(host) \(status.rawValue)").isKnown
  }

  func leave(_ host: HostID) async throws(ServiceFault) -> Bool {
    try note("leave \(host)").isKnown
  }

  func drain(_ host: HostID, isDrained: Bool) async throws(ServiceFault) -> Bool {
    try note("drain \(host) \(isDrained)").isKnown
  }

  func hosts(
    _ filter: HostFilter,
    _ page: PageRequest
  ) async throws(ServiceFault) -> Page<HostReport> {
    let region = filter.region?.text ?? "-"
    let row = "\(region) \(filter.selection.rawValue) \(page.cursor ?? "-") \(page.limit)"
    let script = try note("hosts \(row)")
    await reading()
    return Page(rows: script.rows, nextCursor: script.nextCursor)
  }

  func find(_ request: MatchRequest) async throws(ServiceFault) -> MatchOutcome {
    try note("find") { $0.requests.append(request) }.outcome
  }

  func confirm(_ reservation: ReservationID) async throws(ServiceFault) -> Bool {
    try note("confirm \(reservation)").isKnown
  }

  func release(_ reservation: ReservationID) async throws(ServiceFault) -> Bool {
    try note("release \(reservation)").isKnown
  }
}

/// A clock that stands until a test moves it.
final class ClockDouble: Sendable {
  private let instant = Mutex(ContinuousClock.now)

  var now: @Sendable () -> ContinuousClock.Instant { { self.instant.withLock { $0 } } }

  func move(_ duration: Duration) {
    instant.withLock { $0 = $0.advanced(by: duration) }
  }
}

extension HostAPISettings {
  /// Everything that can be set, and no limit that a test would run into unawares.
  static var sample: HostAPISettings {
    HostAPISettings(
      secrets: ["new-secret", "old-secret"],
      regions: [Sample.name("eu-central"), Sample.name("us-east-1"), Sample.name("local")],
      defaultRegion: Sample.name("local"),
      showsRoomsToEveryone: false,
      origins: .any,
      signalingURL: "wss://signal.example/ws",
      iceServers: ICEServers(
        stunURLs: ["stun:stun.example:3478"],
        turnURLs: ["turn:turn.example:3478?transport=udp"],
        turnSecret: "north"
      )
    )
  }
}

extension PublicAPI {
  /// An API over hosts, with their settings as a test wants them.
  static func ofHosts(
    _ hosts: HostsDouble = HostsDouble(),
    clock: ClockDouble = ClockDouble(),
    perAddress: RateLimit = .off,
    listener: Listener = .loopback(),
    _ change: (inout HostAPISettings) -> Void = { _ in }
  ) -> PublicAPI {
    var settings = HostAPISettings.sample
    change(&settings)
    let api = HostAPI(
      registry: hosts,
      matchmaker: hosts,
      settings: settings,
      clock: clock.now
    )
    var limits = RequestLimits()
    limits.perAddress = perAddress
    return PublicAPI(hosts: api, limits: limits, listener: listener, clock: clock)
  }
}

extension Client {
  static let host: HTTPFields = [
    .contentType: "application/json", .authorization: "Bearer new-secret",
  ]
}
