import Domain
import JSON

extension Pulse {
  /// The answer to a game heartbeat. In grace the client is asked to come back before the deadline.
  func members(heartbeatInterval: Duration) -> [JSONValue.Member] {
    let interval = heartbeatInterval.wholeSeconds
    let next = graceSeconds.map { max(1, min(interval, $0)) } ?? interval
    var members = [
      JSONValue.Member("result", .string(result)),
      JSONValue.Member("next_heartbeat_in", .integer(next)),
      JSONValue.Member("play_duration_sec", .integer(playSeconds)),
      JSONValue.Member("remaining_sec", remaining),
    ]
    if let graceSeconds {
      members.append(JSONValue.Member("grace_remaining_sec", .integer(graceSeconds)))
    }
    return members
  }

  /// What both the game server and the launcher are told.
  var result: String { graceSeconds == nil ? "OK" : "CHARGE_EXHAUSTED" }

  /// Nothing is left in grace, whatever the balance says: the rest of it pays no whole second.
  var remaining: JSONValue { graceSeconds == nil ? .optional(remainingSeconds) : 0 }
}

extension Duration {
  /// Whole seconds for a client, at least 1: shortened timings must not become a zero, which
  /// means "stop" to clients.
  var wholeSeconds: Int64 { max(1, components.seconds) }
}
