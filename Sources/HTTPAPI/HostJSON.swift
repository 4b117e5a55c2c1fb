import Domain
import JSON

// Hosts as JSON: in camelCase for their programs, in snake_case for operators, like everything that
// these see.

extension HostReport {
  /// A host as everybody may see it; its room only for those who may know.
  func json(showsRoom: Bool) -> JSONValue {
    let members: [JSONValue.Member] = [
      .init("hostId", .string(id.text)),
      .init("region", .string(region.text)),
      .init("status", .string(status.rawValue)),
      .init("capacity", .integer(Int64(capacity))),
      .init("availableSlots", .integer(Int64(availableSlots))),
      .init("lastHeartbeat", .integer(lastHeartbeat.milliseconds)),
    ]
    return .object(members + (showsRoom ? [.init("roomId", .string(room.text))] : []))
  }

  /// A host as an operator sees it.
  public var json: JSONValue {
    [
      "host_id": .string(id.text),
      "room_id": .string(room.text),
      "region": .string(region.text),
      "status": .string(status.rawValue),
      "drained": .bool(isDrained),
      "capacity": .integer(Int64(capacity)),
      "available_slots": .integer(Int64(availableSlots)),
      "last_heartbeat_at": .integer(lastHeartbeat.milliseconds),
      "ttl_sec": .integer(ttlSeconds),
    ]
  }

  /// A host and how long its key still lives.
  var ttlJSON: JSONValue {
    ["hostId": .string(id.text), "ttlSeconds": .integer(ttlSeconds)]
  }

  /// How long its key still lives, up to whole seconds: 0 would look like a dead one.
  public var ttlSeconds: Int64 { (ttlMilliseconds + 999) / 1000 }
}

extension HostID {
  /// What became of a host that an operator drained, or let go again.
  public func json(isDrained: Bool) -> JSONValue {
    ["host_id": .string(text), "drained": .bool(isDrained)]
  }
}
