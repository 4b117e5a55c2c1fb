import Domain

extension RedisHosts {
  /// Hosts that one call looks at; keeps it below two milliseconds.
  private static let readAtOnce = 200
  /// Hosts looked at for one page. Where few match, a page is not full but goes on.
  private static let mostExamined = 5_000

  public func hosts(
    _ filter: HostFilter,
    _ page: PageRequest
  ) async throws(ServiceFault) -> Page<HostReport> {
    var rows: [HostReport] = []
    var after = page.cursor ?? ""
    var examined = 0
    repeat {
      let (reports, next) = try await read(after: after)
      for report in reports where filter.accepts(report) {
        rows.append(report)
        if rows.count == page.limit { return Page(rows: rows, nextCursor: report.id.text) }
      }
      after = next
      examined += Self.readAtOnce
    } while !after.isEmpty && examined < Self.mostExamined
    return Page(rows: rows, nextCursor: after.isEmpty ? nil : after)
  }

  private func read(after: String) async throws(ServiceFault) -> ([HostReport], next: String) {
    var reply = try await run(link.scripts.hostsRead, [after, String(Self.readAtOnce)])
    let next = try reply.text()
    var reports: [HostReport] = []
    while !reply.isAtEnd { reports.append(try reply.hostReport()) }
    return (reports, next)
  }
}

extension HostFilter {
  fileprivate func accepts(_ host: HostReport) -> Bool {
    if let region, region != host.region { return false }
    switch selection {
    case .matchable: return host.availableSlots > 0
    case .busy: return host.status == .busy
    case .all: return true
    }
  }
}

extension ReplyReader {
  fileprivate mutating func hostReport() throws(ServiceFault) -> HostReport {
    let id = try parsed(HostID.init)
    let room = try parsed(RoomID.init)
    let region = try parsed(Region.init)
    let status = try parsed(HostStatus.init)
    let isDrained = try text() == "1"
    let capacity = try integer()
    let free = try integer()
    let beat = try integer()
    let ttl = try integer()
    return HostReport(
      id: id,
      room: room,
      region: region,
      status: status,
      isDrained: isDrained,
      capacity: Int(capacity),
      availableSlots: Int(free),
      lastHeartbeat: Instant(milliseconds: beat),
      ttlMilliseconds: ttl
    )
  }
}
