import HTTPAPI
import JSON
import Testing

@testable import playmeter

@Suite("The hosts of the evening")
struct DemoHostsTests {
  /// A host with one slot, a life of six seconds and its last heartbeat at second ten.
  private func evidence(
    _ state: HostEvidence.State = .live,
    gone: Duration? = nil,
    matches: [HostEvidence.Holding] = []
  ) -> HostEvidence {
    var evidence = HostEvidence(name: "host-2", slots: 1)
    evidence.lifetime = .seconds(6)
    evidence.heard = .seconds(10)
    evidence.state = state
    evidence.gone = gone
    evidence.matches = matches
    return evidence
  }

  private func holding(_ client: String, _ from: Int, _ until: Int?) -> HostEvidence.Holding {
    HostEvidence.Holding(
      client: client,
      reservation: "rv_" + client,
      from: .seconds(from),
      until: until.map { .seconds($0) }
    )
  }

  @Test("Clients one after the other may have the same slot")
  func inTurn() {
    let evidence = evidence(matches: [holding("a", 1, 3), holding("b", 3, nil)])
    #expect(evidence.mostAtOnce == 1)
    #expect(HostVerdict(evidence).isSound)
  }

  @Test("A slot that two clients had at once is found")
  func twice() {
    let evidence = evidence(matches: [holding("a", 1, nil), holding("b", 3, 4)])
    #expect(HostVerdict(evidence).findings == ["2 clients at once on 1 slots"])
  }

  @Test("A crashed host that is gone one TTL after its last heartbeat is as it should be")
  func gone() {
    #expect(HostVerdict(evidence(.silent, gone: .seconds(17))).isSound)
  }

  @Test("A crashed host that is still listed is found")
  func listed() {
    let findings = HostVerdict(evidence(.silent)).findings
    #expect(findings == ["it has crashed, but is still listed"])
  }

  @Test("A crashed host that was listed for too long, or given up too early, is found")
  func wrongTime() {
    let late = HostVerdict(evidence(.silent, gone: .seconds(20))).findings
    #expect(late == ["it was listed for 10.0 s after its crash"])
    let early = HostVerdict(evidence(.silent, gone: .seconds(12))).findings
    #expect(early == ["it was given up after 2.0 s already"])
  }

  @Test("Its clients look for hosts while some are there, and one host crashes")
  func script() {
    let hosts = Evening.hosts
    #expect(hosts.filter { $0.end == .crashes }.count == 1)
    #expect(Set(hosts.map(\.name)).count == hosts.count)
    let first = hosts.map(\.joinBeat).max() ?? 0
    let last = hosts.filter { $0.end == .leaves }.map(\.endBeat).min() ?? 0
    for client in Evening.clients {
      #expect(client.findBeat > first)
      #expect((client.releaseBeat ?? client.findBeat) < last)
      #expect(client.releaseBeat.map { $0 > client.findBeat } ?? true)
    }
    let cues = hosts.map(\.endBeat) + Evening.clients.compactMap(\.releaseBeat)
    #expect(cues.allSatisfy { $0 < Evening.standard.lastBeat })
  }

  @Test("The board tells of a host its state, its free slots and its clients")
  func line() {
    var board = Board(cafes: [])
    let evidence = evidence(matches: [holding("viewer-1", 1, nil), holding("viewer-2", 1, 2)])
    board.hosts = [Board.Host(evidence: evidence, free: 0)]
    let row = board.lines(height: 24).map(\.plain).first { $0.contains("host-2") }
    #expect(row == "  host-2  streaming       0 of 1 free       viewer-1")
  }

  @Test("A board without hosts has no lines for them")
  func none() {
    #expect(Board(cafes: []).hostLines.isEmpty)
  }

  @Test("The last sentence tells of the hosts, and what differs there makes the verdict unsound")
  func sentence() {
    let sound = HostVerdict(evidence(.silent, gone: .seconds(16), matches: [holding("a", 1, 3)]))
    let text = CommandOutput.verdict(Verdict(sessions: [], cafes: [], hosts: [sound])).text
    let end = "No slot was handed out twice in 1 matches, and the crashed host is gone."
    #expect(text.hasSuffix(end))
    #expect(text.contains("crashed, gone after 6.0 s"))

    let wrong = Verdict(sessions: [], cafes: [], hosts: [HostVerdict(evidence(.silent))])
    #expect(!wrong.isSound)
    let output = CommandOutput.verdict(wrong)
    #expect(output.text.contains("host-2: it has crashed, but is still listed"))
    #expect(output.text.hasSuffix("1 of 1 hosts."))
    #expect(output.json["ok"] == false)
    #expect(output.json["hosts"]?[0]?["gone_after_ms"] == .null)
  }
}
