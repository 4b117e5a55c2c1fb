import Domain
import JSON
import Ledger
import Signatures

// What operators see, as JSON. `/v1/admin` and the command line's `--json` print these documents,
// so they stand here once.

extension IssuedKey {
  /// A new API key; the only document that ever shows it.
  public var json: JSONValue {
    ["game_id": .string(game.text), "key_id": .string(keyID), "api_key": .string(apiKey)]
  }
}

extension GameReport {
  /// A game with its keys' identifiers.
  public var json: JSONValue {
    [
      "game_id": .string(game.id.text),
      "name": .string(game.name),
      "rate_mgcoin_per_hour": .integer(game.tariff.milliGCoinPerHour),
      "launch_url": .optional(game.launchURL),
      "enabled": .bool(game.isEnabled),
      "keys": .array(keys.map(\.json)),
    ]
  }
}

extension KeyReport {
  /// An API key without the key.
  public var json: JSONValue {
    ["key_id": .string(id), "created_at": .integer(createdAt.milliseconds)]
  }
}

extension IssuedSecret {
  /// A new launcher secret as 64 hexadecimal digits; the only document that ever shows it.
  public var json: JSONValue {
    ["cafe_id": .string(cafe.text), "launcher_secret": .string(Hex.encode(launcherSecret))]
  }
}

extension CafeReport {
  /// A cafe with its money.
  public var json: JSONValue {
    [
      "cafe_id": .string(id.text),
      "name": .string(name),
      "networks": .array(networks.map { .string($0.description) }),
      "status": .string(status.rawValue),
      "balance_mgcoin": .integer(balance.milliGCoin),
      "live_sessions": .integer(liveSessions),
      "spending_mgcoin_per_hour": .integer(spendingPerHour.milliGCoin),
    ]
  }
}

extension Booking {
  /// What became of a top-up or an adjustment of a cafe's balance.
  public func json(of cafe: CafeID) -> JSONValue {
    [
      "cafe_id": .string(cafe.text),
      "balance_mgcoin": .integer(balance.milliGCoin),
      "applied": .bool(isApplied),
    ]
  }
}

extension CompensationReport {
  /// What became of a compensation.
  public func json(of cafe: CafeID) -> JSONValue {
    [
      "cafe_id": .string(cafe.text),
      "balance_mgcoin": .integer(balance.milliGCoin),
      "applied": .bool(isApplied),
      "sessions": .integer(sessions),
      "credited_mgcoin": .integer(credited.milliGCoin),
    ]
  }
}

extension HoldReport {
  /// A hold that is on.
  public var json: JSONValue {
    [
      "cafe_id": .optional(scope.cafe?.text),
      "game_id": .optional(scope.game?.text),
      "since_at": .integer(since.milliseconds),
      "partitions": .integer(Int64(partitions)),
    ]
  }
}

extension HoldScope {
  /// What became of switching a hold on or off.
  public func json(isOn: Bool, isApplied: Bool) -> JSONValue {
    [
      "cafe_id": .optional(cafe?.text),
      "game_id": .optional(game?.text),
      "on": .bool(isOn),
      "applied": .bool(isApplied),
    ]
  }
}

extension SessionReport {
  /// A session as a row of a list.
  public var json: JSONValue { .object(members) }

  /// A session with its ledger lines.
  public var jsonWithLedger: JSONValue {
    .object(members + [JSONValue.Member("ledger", .array(ledger.map(\.document)))])
  }

  private var members: [JSONValue.Member] {
    [
      .init("game_session_id", .string(id.description)),
      .init("cafe_id", .string(cafe.text)),
      .init("pc_id", .string(pc.text)),
      .init("game_id", .string(game.text)),
      .init("provider_user_id", .string(user.text)),
      .init("external_ip", .string(externalAddress)),
      .init("launcher_session_id", .string(launcher.description)),
      .init("rate_mgcoin_per_hour", .integer(tariff.milliGCoinPerHour)),
      .init("state", .string(state.rawValue)),
      .init("started_at", .integer(startedAt.milliseconds)),
      .init("first_heartbeat_at", .optional(firstHeartbeatAt?.milliseconds)),
      .init("last_heartbeat_at", .integer(lastHeartbeatAt.milliseconds)),
      .init("ended_at", .optional(endedAt?.milliseconds)),
      .init("end_reason", .optional(endReason?.rawValue)),
      .init("play_duration_sec", .integer(playSeconds)),
      .init("billable_sec", .integer(billedSeconds)),
      .init("unbilled_grace_sec", .integer(unbilledGraceSeconds)),
      .init("held_sec", .integer(heldSeconds)),
      .init("charged_mgcoin", .integer(charged.milliGCoin)),
    ]
  }
}
