import Domain
import PrometheusText
import RedisStore
import Support
import Testing

@testable import playmeter

/// What an operator sees at `/metrics`.
@Suite(.timeLimit(.minutes(15)))
struct MetricsTests {
  private static let beat = "/v1/game/session/heartbeat"

  /// Plays on one instance: 100 s until the money is spent, 100 s more that a top-up pays; and on
  /// another PC a minute that is credited back, because its launcher starts anew.
  private func playAnEvening(_ stage: Installation) async throws {
    let cafe = try await stage.cafe(balance: 1_000)
    let play = try await cafe.play(stage.tower)
    stage.pass(seconds: 101)
    #expect(try await play.beat().success().string("result") == "CHARGE_EXHAUSTED")
    _ = try await play.launcher.heartbeat().success()
    try await stage.scrape(until: "one session in grace") { scrape in
      scrape["playmeter_sessions", ["state": "grace"]] == 1
        && scrape["playmeter_sessions", ["state": "running"]] == 0
        && scrape["playmeter_launchers"] == 1 && scrape["playmeter_cafes"] == 1
    }
    stage.pass(seconds: 99)
    _ = try await cafe.topUp(6_600, ref: "rescue")
    #expect(try await play.beat().success().string("result") == "OK")
    let other = try await stage.cafe(balance: 5_000).play(stage.tower)
    try await stage.scrape(until: "two sessions that run") { scrape in
      scrape["playmeter_sessions", ["state": "grace"]] == 0
        && scrape["playmeter_sessions", ["state": "running"]] == 2
        && scrape["playmeter_launchers"] == 2 && scrape["playmeter_cafes"] == 2
    }
    _ = try await play.end().success()
    stage.pass(seconds: 61)
    try await other.waitUntilBilled(atLeast: 61)
    _ = try await other.launcher.cafe.startLauncher()
  }

  @Test("Counters move by exactly what happened, whichever instance did it")
  func evening() async throws {
    try await Installation.open { stage in
      let second = try await ServiceProcess.start(environment: stage.environment)
      let other = stage.through(second)
      try await playAnEvening(stage)
      try await stage.waitUntilArchived()
      let lines = try await stage.ledgerSums()
      try await Waiting.until("every line is counted", within: .seconds(10)) {
        let scrapes = [try await stage.scrape(), try await other.scrape()]
        return scrapes.sum("playmeter_ledger_lines_total") >= Double(lines.count)
      }
      let scrapes = [try await stage.scrape(), try await other.scrape()]
      let counted = scrapes.sum("playmeter_ledger_lines_total")
      #expect(counted == Double(lines.count))
      for (name, value) in [
        ("sessions_started_total", 2), ("sessions_exhausted_total", 1),
        ("sessions_resumed_total", 1), ("sessions_ended_total", 2), ("reversals_total", 1),
        ("topped_up_mgcoin_total", 12_600), ("debited_mgcoin_total", lines.debited),
        ("reversed_mgcoin_total", lines.reversed),
      ] {
        #expect(scrapes.sum("playmeter_" + name) == Double(value), "\(name)")
      }
      #expect(lines.debited - lines.reversed >= 2_000)
      #expect(lines.reversed >= 610)
      for reason in ["normal", "launcher_restart"] {
        #expect(scrapes.sum("playmeter_sessions_ended_total", ["reason": reason]) == 1)
      }
      let last = try await stage.scrape(until: "the last numbers") {
        $0["playmeter_ledger_last_seq"] == Double(lines.count)
      }
      #expect(last["playmeter_archive_faulty_groups"] == 0)
      try await expectRequests(stage)
      #expect(try await second.terminate() == 0)
    }
  }

  /// Every game call of ``playAnEvening(_:)`` went to the first instance.
  private func expectRequests(_ stage: Installation) async throws {
    let scrape = try await stage.scrape()
    let requests = "playmeter_http_requests_total"
    let seconds = "playmeter_http_request_duration_seconds"
    let beats: KeyValuePairs = ["listener": "public", "method": "PATCH", "route": Self.beat]
    #expect(scrape.sum(requests, beats) == 2)
    #expect(scrape[seconds + "_count", beats] == 2)
    #expect(scrape.sum(requests, ["route": "/v1/game/session/verify", "status": "200"]) == 2)
    #expect(scrape.sum(requests, ["route": "/v1/game/session/end", "status": "200"]) == 1)
    #expect(scrape.sum(requests, ["route": "/v1/admin/cafes/{id}/topups"]) == 3)
    // Every histogram's buckets, sum and count tell of the same requests.
    #expect(scrape.sum(seconds + "_bucket", ["le": "+Inf"]) == scrape.sum(seconds + "_count"))
    #expect(scrape.sum(requests) == scrape.sum(seconds + "_count"))
    let took = try #require(scrape[seconds + "_sum", beats])
    #expect(took > 0 && took < 20)
    let script = "playmeter_redis_command_duration_seconds_count"
    #expect(scrape[script, ["script": "game_heartbeat"]] == 2)
    #expect(scrape[script, ["script": "game_verify"]] == 2)
    #expect(scrape["playmeter_http_requests_in_flight", ["listener": "management"]] == 1)
    #expect(scrape["playmeter_http_requests_in_flight", ["listener": "public"]] == 0)
  }

  @Test("promtool finds nothing wrong, and every metric is declared and there")
  func lint() async throws {
    let settings = [
      "PLAYMETER_RECONCILE_INTERVAL": "1s", "PLAYMETER_WEBHOOK_URL": "http://127.0.0.1:1/",
      "PLAYMETER_WEBHOOK_SECRET": "secret",
    ]
    let all = Installation.hostSettings.merging(settings) { $1 }
    try await Installation.open(settings: all) { stage in
      try await stage.hostBeat("pc-1").hostSuccess()
      _ = try await stage.cafe().play().end().success()
      let scrape = try await stage.scrape(until: "everything was sampled") { scrape in
        scrape["playmeter_reconcile_coverage_ratio"] != nil && scrape["playmeter_ready"] == 1
          && scrape["playmeter_hosts", ["region": "local", "status": "idle"]] == 1
      }
      let verdict = try await Promtool.run(["check", "metrics"], input: scrape.text)
      #expect(verdict.status == 0, "\(verdict.standardOutput)\(verdict.standardError)")
      let declared = MetricCatalog.all.map(\.name) + [PrometheusRegistry.droppedName]
      // This one is there where there is a certificate, and the tests of TLS look at it there.
      let elsewhere = ["playmeter_tls_certificate_expiry_timestamp_seconds"]
      #expect(scrape.families == Set(declared).subtracting(elsewhere))
      #expect(scrape[PrometheusRegistry.droppedName] == 0)
      #expect(scrape["playmeter_reconcile_residual_mgcoin"] == 0)
      #expect(scrape["playmeter_reconcile_coverage_ratio"] == 1)
      #expect(scrape["playmeter_build_info", ["version": Playmeter.version]] == 1)
      let start = try #require(scrape["process_start_time_seconds"])
      let run = try #require(scrape["playmeter_reconcile_last_run_timestamp_seconds"])
      #expect(run >= start - 1 && run < start + 600)
      #expect(try #require(scrape["process_open_fds"]) < #require(scrape["process_max_fds"]))
    }
  }

  @Test("While Redis is away, what only Redis knows is absent, and comes back with it")
  func away() async throws {
    try await Installation.open { stage in
      _ = try await stage.cafe().play()
      try await stage.scrape(until: "a session") {
        $0["playmeter_sessions", ["state": "running"]] == 1
      }
      let connected = try await stage.scrape().sum("playmeter_redis_connections")
      #expect(try await stage.scrape().sum("playmeter_redis_connections_up") == connected)
      try await stage.redis.kill()
      let away = try await stage.scrape(until: "nothing is known") { scrape in
        scrape["playmeter_sessions", ["state": "running"]] == nil && scrape["playmeter_ready"] == 0
          && scrape["playmeter_billing_lag_seconds"] == nil
      }
      #expect(away.sum("playmeter_redis_connections_up") == 0)
      #expect(away.sum("playmeter_redis_command_failures_total") > 0)
      #expect(away["playmeter_launchers"] == nil)
      try await stage.redis.restart()
      try await stage.service.waitUntilReady(within: .seconds(15))
      let back = try await stage.scrape(until: "a session again") { scrape in
        scrape["playmeter_sessions", ["state": "running"]] == 1 && scrape["playmeter_ready"] == 1
          && scrape["playmeter_billing_lag_seconds"] != nil
      }
      #expect(back.sum("playmeter_redis_connections_up") == connected)
      #expect(back.sum("playmeter_redis_reconnects_total") >= connected)
    }
  }

  @Test("Hosts are counted by region and status, and reservations by what came of them")
  func hosts() async throws {
    try await Installation.open(settings: Installation.unlimitedHostSettings) { stage in
      for host in ["a", "b", "c"] { try await stage.hostBeat(host).hostSuccess() }
      let found = try await [stage.findHost().match(), stage.findHost().match()]
      #expect(try await stage.settle(found[0], "confirm").status == 200)
      #expect(try await stage.settle(found[0], "release").status == 200)
      #expect(try await stage.settle(found[1], "release").status == 200)
      try await stage.setHostStatus("a", "busy").hostSuccess()
      try await stage.hostBeat("b", in: "region-1").hostSuccess()
      #expect(try await stage.hostCall("DELETE", "/api/host/c").status == 200)
      let name = "playmeter_hosts"
      let scrape = try await stage.scrape(until: "hosts in two regions") { scrape in
        scrape[name, ["region": "local", "status": "busy"]] == 1
          && scrape[name, ["region": "region-1", "status": "idle"]] == 1
      }
      #expect(scrape.sum(name) == 2)
      let outcomes = ["pending": 2.0, "confirmed": 1, "released": 2, "lapsed": 0, "left": 0]
      for (outcome, count) in outcomes {
        #expect(scrape["playmeter_reservations_total", ["outcome": outcome]] == count)
      }
    }
  }
}

extension [Scrape] {
  /// The sum over instances.
  fileprivate func sum(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Double {
    reduce(0) { $0 + $1.sum(name, labels) }
  }
}

extension Installation {
  /// How many lines there are, and what they took and gave back.
  fileprivate func ledgerSums() async throws -> (count: Int, debited: Int, reversed: Int) {
    var sums = (count: 0, debited: 0, reversed: 0)
    for partition in link.keys.partitions + [link.keys.gamesPartition] {
      for line in try await ledgerLines(in: partition) {
        sums.count += 1
        if line.kind == .debit { sums.debited -= Int(line.amount.milliGCoin) }
        if line.kind == .reversal { sums.reversed += Int(line.amount.milliGCoin) }
      }
    }
    return sums
  }
}
