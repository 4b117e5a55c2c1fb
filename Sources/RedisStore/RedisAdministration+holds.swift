import Domain
import RedisClient

extension RedisAdministration {
  public func switchHold(
    _ isOn: Bool,
    for scope: HoldScope
  ) async throws(AdministrationError) -> Bool {
    if let game = scope.game {
      let isKnown = try await listGames().contains { $0.game.id == game }
      guard isKnown else { throw .gameNotFound(game) }
    }
    let partitions = scope.cafe.map { [partition(of: $0)] } ?? link.keys.partitions
    var isApplied = false
    for partition in partitions {
      switch try await switchHold(isOn, for: scope, in: partition) {
      case "done": isApplied = true
      case "already": continue
      case "full": throw .conflict("too many holds are on, or were on just now")
      case let answer:
        guard let cafe = scope.cafe, answer == "unknown" else { throw unknown(answer) }
        throw .cafeNotFound(cafe)
      }
    }
    return isApplied
  }

  private func switchHold(
    _ isOn: Bool,
    for scope: HoldScope,
    in partition: Partition
  ) async throws(AdministrationError) -> String {
    try await attempt { () throws(ServiceFault) in
      var reply = try await link.run(
        link.scripts.holdSet,
        in: partition,
        [isOn ? "on" : "off", scope.cafe?.text ?? "", scope.game?.text ?? ""]
      )
      return try reply.text()
    }
  }

  public func listHolds() async throws(AdministrationError) -> [HoldReport] {
    let clocks = try await attempt { () throws(ServiceFault) in
      try await link.send(
        link.keys.partitions.map { PartitionClock.reading(link.keys.key(.clock, in: $0)) }
      )
    }
    let starts = clocks.compactMap { PartitionClock($0)?.holds }.flatMap(Self.holdsThatAreOn)
    return Dictionary(grouping: starts, by: \.scope)
      .map { scope, holds in
        HoldReport(
          scope: scope,
          since: holds.map(\.since).min() ?? Instant(milliseconds: 0),
          partitions: holds.count
        )
      }
      .sorted { ($0.since, $0.scope.text) < ($1.since, $1.scope.text) }
  }

  /// The list that `lib/hold.lua` keeps: `<from>,<until>,<cafe>,<game>;` for each hold. One that is
  /// on has no end.
  private static func holdsThatAreOn(_ list: String) -> [(scope: HoldScope, since: Instant)] {
    list.split(separator: ";")
      .compactMap { entry in
        let fields = entry.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 4, fields[1].isEmpty, let from = Int64(stored: fields[0])
        else { return nil }
        let scope = HoldScope(cafe: CafeID(fields[2]), game: GameID(fields[3]))
        return (scope, Instant(milliseconds: from))
      }
  }
}

extension HoldScope {
  fileprivate var text: String { "\(cafe?.text ?? ""),\(game?.text ?? "")" }
}
