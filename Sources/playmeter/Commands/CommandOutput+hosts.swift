import Domain
import HTTPAPI
import JSON

extension HostReport {
  fileprivate var statusText: String {
    isDrained ? "\(status.rawValue), drained" : status.rawValue
  }
}

extension CommandOutput {
  /// Hosts as rows.
  static func hosts(_ hosts: [HostReport]) -> CommandOutput {
    let columns: [TextTable.Column] = [
      .text("HOST"), .text("REGION"), .text("STATUS"), .number("FREE"), .number("OF"),
      .text("ROOM"), .text("LAST HEARTBEAT"), .number("TTL"),
    ]
    let rows = hosts.map { host in
      [
        host.id.text, host.region.text, host.statusText, String(host.availableSlots),
        String(host.capacity), host.room.text, Timestamp.text(of: host.lastHeartbeat),
        "\(host.ttlSeconds)s",
      ]
    }
    return CommandOutput(
      json: .array(hosts.map(\.json)),
      text: hosts.isEmpty ? "There are no such hosts." : TextTable(columns, rows).text
    )
  }

  /// What became of a host that is drained, or let go again.
  static func drain(of host: HostID, isDrained: Bool) -> CommandOutput {
    CommandOutput(
      json: host.json(isDrained: isDrained),
      text: isDrained
        ? "Host \(host) is drained: nobody new is sent to it."
        : "Host \(host) can be matched again."
    )
  }
}
