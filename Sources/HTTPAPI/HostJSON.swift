import Domain
import JSON

// Hosts as JSON. Their programs speak camelCase, so operators see the same names.

extension HostReport {
  /// A host as everybody may see it; its room only for those who may know.
  func json(showsRoom: Bool) -> JSONValue {
    .object(members + (showsRoom ? [JSONValue.Member("roomId", .string(room.text))] : []))
  }

  /// A host as an operator sees it.
  public var json: JSONValue {
    .object(
      members + [
        JSONValue.Member("roomId", .string(room.text)),
        JSONValue.Member("drained", .bool(isDrained)),
        JSONValue.Member("ttlSeconds", .integer(ttlSeconds)),
      ]
    )
  }

  /// A host and how long its key still lives.
  var ttlJSON: JSONValue {
    ["hostId": .string(id.text), "ttlSeconds": .integer(ttlSeconds)]
  }

  /// How long its key still lives, up to whole seconds: 0 would look like a dead one.
  public var ttlSeconds: Int64 { (ttlMilliseconds + 999) / 1000 }

  private var members: [JSONValue.Member] {
    [
      .init("hostId", .string(id.text)),
      .init("region", .string(region.text)),
      .init("status", .string(status.rawValue)),
      .init("capacity", .integer(Int64(capacity))),
      .init("availableSlots", .integer(Int64(availableSlots))),
      .init("lastHeartbeat", .integer(lastHeartbeat.milliseconds)),
    ]
  }
}

extension HostID {
  /// What became of a host that an operator drained, or let go again.
  public func json(isDrained: Bool) -> JSONValue {
    ["hostId": .string(text), "drained": .bool(isDrained)]
  }
}
