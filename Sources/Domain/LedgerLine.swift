/// One line of the ledger: a step in a session's life or a change of money, in the order in which
/// Redis accepted them.
public struct LedgerLine: Sendable, Equatable {
  /// The partition whose ledger it stands in.
  public let partition: Partition
  /// Its identifier in the stream, `<milliseconds>-<number>`.
  public let streamID: String
  /// The members in the published order, without `partition` and `id`: `seq, at, kind, …`.
  public let members: [Member]

  /// A line from its parts.
  public init(partition: Partition, streamID: String, members: [Member]) {
    self.partition = partition
    self.streamID = streamID
    self.members = members
  }

  /// A name and its value.
  public struct Member: Sendable, Equatable {
    /// The published name.
    public let name: String
    /// The value.
    public let value: Value

    /// A member from its parts.
    public init(name: String, value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// An integer or a text; the ledger has no other values.
  public enum Value: Sendable, Equatable {
    /// A count, an amount in milli-G-coin or an instant in Unix milliseconds.
    case integer(Int64)
    /// Anything else.
    case text(String)
  }

  /// The integer of that name, or nil.
  public func integer(_ name: String) -> Int64? {
    guard case .integer(let value) = members.first(where: { $0.name == name })?.value else {
      return nil
    }
    return value
  }

  /// The text of that name, or nil.
  public func text(_ name: String) -> String? {
    guard case .text(let value) = members.first(where: { $0.name == name })?.value else {
      return nil
    }
    return value
  }

  /// Its place in the partition's ledger, from 1 without gaps but those that a ``loss`` names.
  public var sequence: Int64 { integer("seq") ?? 0 }
  /// When Redis accepted it.
  public var instant: Instant { Instant(milliseconds: integer("at") ?? 0) }
  /// What it records, or nil for a kind of a later version.
  public var kind: LedgerKind? { text("kind").flatMap(LedgerKind.init) }
  /// What it did to the balance.
  public var amount: Money { Money(milliGCoin: integer("amount_mgcoin") ?? 0) }
}

/// What a ledger line records.
public enum LedgerKind: String, Sendable, CaseIterable {
  // The life of a session.
  case start, debit, reversal, exhausted, resumed, end
  // A cafe's balance will not last much longer.
  case lowBalance = "low_balance"
  // Money that an operator moved; a compensation names the session that it credits, but is none of
  // its steps.
  case topup, adjustment, compensation
  // What is needed to restore cafes and games.
  case cafeCreated = "cafe_created"
  case cafeChanged = "cafe_changed"
  case gameCreated = "game_created"
  case gameChanged = "game_changed"
  // A cafe's permission to admit players.
  case suspended
  case resumedCafe = "resumed_cafe"
  // Times that nobody pays: switched by hand, or because the service or a whole cafe was away.
  case holdOn = "hold_on"
  case holdOff = "hold_off"
  case outage
  // The clock of Redis went back.
  case clock
  // Lines that were acknowledged are lost for good, and somebody has accepted that.
  case loss
}
