/// What happens at the hosts.
extension Stage {
  /// A host was registered.
  func join(_ host: String, lifetime: Duration) {
    change(host) {
      $0.lifetime = lifetime
      $0.state = .live
    }
    hear(host)
    note("a gaming PC joins and offers \(slots(of: host))", at: host)
  }

  /// A heartbeat of a host was answered.
  func hear(_ host: String) {
    let now = elapsed
    change(host) { $0.heard = now }
  }

  /// A host says nothing more.
  func crash(_ host: String) {
    change(host) { $0.state = .silent }
    note("the gaming PC crashes; its heartbeats stop", at: host)
  }

  /// A host is about to leave.
  func leave(_ host: String) {
    change(host) { $0.state = .left }
    note("the gaming PC leaves", at: host)
  }

  /// A client was given a slot.
  func match(_ client: String, with match: DemoHosts.Match) {
    let now = elapsed
    change(match.host) {
      $0.matches.append(.init(client: client, reservation: match.reservation, from: now))
    }
    note("is matched with \(match.host)", at: client)
  }

  /// A client is about to give its slot back.
  func unmatch(_ match: DemoHosts.Match) {
    let now = elapsed
    change(match.host) { host in
      for index in host.matches.indices
      where host.matches[index].reservation == match.reservation {
        host.matches[index].until = now
      }
    }
  }

  /// Notes an event of a client.
  func note(_ text: String, ofClient client: String) { note(text, at: client) }

  /// Takes over which hosts are listed, with their free slots.
  func observe(hosts listed: [String: Int64]) {
    let now = elapsed
    for index in board.hosts.indices {
      let host = board.hosts[index].evidence
      board.hosts[index].free = listed[host.name]
      guard host.state == .silent, host.gone == nil, listed[host.name] == nil else { continue }
      board.hosts[index].evidence.gone = now
      let after = ClockText.seconds(of: board.hosts[index].evidence.goneAfter ?? .zero)
      note("is given up \(after) after its last heartbeat", at: host.name)
    }
  }

  private func change(_ host: String, _ body: (inout HostEvidence) -> Void) {
    guard let index = board.hosts.firstIndex(where: { $0.evidence.name == host }) else { return }
    body(&board.hosts[index].evidence)
  }

  private func slots(of host: String) -> String {
    let slots = board.hosts.first { $0.evidence.name == host }?.evidence.slots ?? 0
    return slots == 1 ? "1 slot" : "\(slots) slots"
  }
}
