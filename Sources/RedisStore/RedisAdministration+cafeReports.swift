import Domain
import RedisClient

extension RedisAdministration {
  public func cafe(_ id: CafeID) async throws(AdministrationError) -> CafeReport {
    let report = try await attempt { () throws(ServiceFault) in try await reports(of: [id])[0] }
    guard let report else { throw .cafeNotFound(id) }
    return report
  }

  public func listCafes(
    _ page: PageRequest
  ) async throws(AdministrationError) -> Page<CafeReport> {
    try await attempt { () throws(ServiceFault) in
      let ids = try await cafeIDs().filter { id in page.cursor.map { id.text > $0 } ?? true }
      let rows = try await reports(of: Array(ids.prefix(page.limit))).compactMap { $0 }
      let isLast = ids.count <= page.limit
      return Page(rows: rows, nextCursor: isLast ? nil : ids[page.limit - 1].text)
    }
  }

  /// Every cafe of every partition, by identifier.
  func cafeIDs() async throws(ServiceFault) -> [CafeID] {
    let commands = link.keys.partitions.map { partition in
      RedisCommand("SMEMBERS", link.keys.key(.cafes, in: partition))
    }
    let replies = try await link.send(commands)
    return replies.flatMap(\.texts).compactMap(CafeID.init).sorted { $0.text < $1.text }
  }

  /// Reports in the order of the identifiers; nil where there is no such cafe.
  private func reports(of ids: [CafeID]) async throws(ServiceFault) -> [CafeReport?] {
    guard !ids.isEmpty else { return [] }
    let commands = ids.flatMap { id in
      let cafe = link.keys.key(.cafe, id.text, in: partition(of: id))
      let account = link.keys.key(.account, id.text, in: partition(of: id))
      let live = link.keys.key(.live, id.text, in: partition(of: id))
      return [
        RedisCommand("HMGET", cafe, "name", "networks"),
        RedisCommand("GET", account),
        RedisCommand("SCARD", live),
      ]
    }
    let replies = try await link.send(commands)
    var reports: [CafeReport?] = []
    for (index, id) in ids.enumerated() {
      reports.append(try report(of: id, replies[(3 * index)..<(3 * index + 3)]))
    }
    return reports
  }

  private func report(
    of id: CafeID,
    _ replies: ArraySlice<RedisReply>
  ) throws(ServiceFault) -> CafeReport? {
    let replies = Array(replies)
    let fields = replies[0].texts
    guard !fields.isEmpty else { return nil }
    guard fields.count == 2, let account = StoredAccount(replies[1]),
      case .integer(let liveSessions) = replies[2]
    else { throw .broken("cafe \(id) is incomplete") }
    return CafeReport(
      id: id,
      name: fields[0],
      networks: fields[1].split(separator: " ").compactMap { Network(String($0)) },
      status: account.status,
      balance: account.balance,
      liveSessions: liveSessions,
      spendingPerHour: account.spendingPerHour
    )
  }
}
