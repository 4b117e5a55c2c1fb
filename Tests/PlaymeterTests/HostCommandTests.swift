import ArgumentParser
import Domain
import HTTPAPI
import JSON
import Synchronization
import Testing

@testable import playmeter

@Suite("The commands for hosts")
struct HostCommandTests {
  @Test(
    "Every command asks the registry for what it says",
    arguments: [
      ("host list", ["hosts - matchable -", "hosts - matchable 1"]),
      (
        "host list --region eu-central --status busy",
        ["hosts eu-central busy -", "hosts eu-central busy 1"]
      ),
      ("host list --status all", ["hosts - all -", "hosts - all 1"]),
      ("host drain --id pc:07", ["drain pc:07 true"]),
      ("host drain --id pc-07 --undo", ["drain pc-07 false"]),
    ]
  )
  func calls(line: String, calls: [String]) async throws {
    let registry = Registry()
    _ = try await command(line).output(from: registry)
    #expect(registry.calls == calls)
  }

  @Test("A list shows every page, in snake_case, with what only operators see")
  func list() async throws {
    let output = try await command("host list --json --env-file f").output(from: Registry())
    #expect(
      output.json[0]?.text == #"{"host_id":"pc-07","room_id":"room-pc-07","#
        + #""region":"eu-central","status":"idle","drained":true,"capacity":2,"#
        + #""available_slots":2,"last_heartbeat_at":1772798400000,"ttl_sec":29}"#
    )
    #expect(output.json.array?.count == 2)
    #expect(
      output.text == """
        HOST   REGION      STATUS         FREE  OF  ROOM        LAST HEARTBEAT            TTL
        pc-07  eu-central  idle, drained     2   2  room-pc-07  2026-03-06T12:00:00.000Z  29s
        pc-08  eu-central  busy              0   2  room-pc-08  2026-03-06T12:00:00.000Z   1s
        """
    )
    #expect(CommandOutput.hosts([]).json == [])
    #expect(CommandOutput.hosts([]).text == "There are no such hosts.")
  }

  @Test("A drain says what holds now")
  func drain() async throws {
    let drained = try await command("host drain --id pc-07").output(from: Registry())
    #expect(drained.json == ["host_id": "pc-07", "drained": true])
    #expect(drained.text == "Host pc-07 is drained: nobody new is sent to it.")
    let undone = try await command("host drain --id pc-07 --undo").output(from: Registry())
    #expect(undone.json == ["host_id": "pc-07", "drained": false])
    #expect(undone.text == "Host pc-07 can be matched again.")
  }

  @Test("A host that does not live is a refusal with a sentence")
  func unknown() async throws {
    let drain = try command("host drain --id pc-07")
    let error = await #expect(throws: UnknownHost.self) {
      try await drain.output(from: Registry(isKnown: false))
    }
    #expect(error?.description == "there is no live host pc-07")
  }

  @Test("What is no command or no value ends with 2 and says why")
  func misuse() async {
    for (line, part) in [
      ("host drain", "--id"), ("host drain --id a/b", "1 to 64 of A-Z"),
      ("host list --status idle", "matchable, busy or all"), ("host list --region A", "a-z"),
      ("host nonsense", "nonsense"),
    ] {
      let ending = await Playmeter.ending(of: words(line))
      #expect(ending.status == 2)
      #expect(ending.output == "")
      #expect(ending.complaint.contains(part))
    }
  }

  private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  private func command(_ line: String) throws -> any HostCommand {
    try #require(try Playmeter.parseAsRoot(words(line)) as? any HostCommand)
  }
}

/// A registry with two hosts, one a page, that remembers what it was asked.
private final class Registry: HostRegistry {
  private let isKnown: Bool
  private let asked = Mutex<[String]>([])

  init(isKnown: Bool = true) { self.isKnown = isKnown }

  var calls: [String] { asked.withLock { $0 } }

  private func note(_ call: String) { asked.withLock { $0.append(call) } }

  func heartbeat(_ beat: HostBeat) async throws(ServiceFault) { note("heartbeat \(beat.id)") }

  func setStatus(_ status: HostStatus, of host: HostID) async throws(ServiceFault) -> Bool {
    note("status \(host) \(status.rawValue)")
    return isKnown
  }

  func leave(_ host: HostID) async throws(ServiceFault) -> Bool {
    note("leave \(host)")
    return isKnown
  }

  func drain(_ host: HostID, isDrained: Bool) async throws(ServiceFault) -> Bool {
    note("drain \(host) \(isDrained)")
    return isKnown
  }

  func hosts(
    _ filter: HostFilter,
    _ page: PageRequest
  ) async throws(ServiceFault) -> Page<HostReport> {
    note("hosts \(filter.region?.text ?? "-") \(filter.selection.rawValue) \(page.cursor ?? "-")")
    return page.cursor == nil
      ? Page(rows: [Sample.hosts[0]], nextCursor: "1")
      : Page(rows: [Sample.hosts[1]], nextCursor: nil)
  }
}
