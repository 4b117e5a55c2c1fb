/// A cafe to be created.
public struct NewCafe: Sendable {
  /// How many networks a cafe may have.
  public static let maximumNetworks = 32

  /// Its identifier.
  public let id: CafeID
  /// Its name for people, 1 to 100 characters.
  public let name: String
  /// The networks that its PCs call from, 1 to ``maximumNetworks``.
  public let networks: [Network]

  /// A cafe from its parts.
  public init(id: CafeID, name: String, networks: [Network]) {
    self.id = id
    self.name = name
    self.networks = networks
  }
}

/// A launcher secret, shown once: the service derives it anew whenever it needs it.
public struct IssuedSecret: Sendable {
  /// The cafe whose launchers sign with it.
  public let cafe: CafeID
  /// 32 bytes.
  public let launcherSecret: [UInt8]

  /// A secret from its parts.
  public init(cafe: CafeID, launcherSecret: [UInt8]) {
    self.cafe = cafe
    self.launcherSecret = launcherSecret
  }
}

/// A cafe as an operator sees it.
public struct CafeReport: Sendable, Equatable {
  /// Whether a cafe admits players.
  public enum Status: String, Sendable {
    /// It admits players.
    case active
    /// It admits nobody new.
    case suspended
  }

  /// Its identifier.
  public let id: CafeID
  /// Its name for people.
  public let name: String
  /// The networks that its PCs call from.
  public let networks: [Network]
  /// Whether it admits players.
  public let status: Status
  /// What is left of its money, after the latest debits.
  public let balance: Money
  /// How many game sessions live.
  public let liveSessions: Int64
  /// What these cost together, in milli-G-coin per hour.
  public let spendingPerHour: Money

  /// A report from its parts.
  public init(
    id: CafeID,
    name: String,
    networks: [Network],
    status: Status,
    balance: Money,
    liveSessions: Int64,
    spendingPerHour: Money
  ) {
    self.id = id
    self.name = name
    self.networks = networks
    self.status = status
    self.balance = balance
    self.liveSessions = liveSessions
    self.spendingPerHour = spendingPerHour
  }
}

/// A change of a balance by an operator.
public enum BalanceEntry: Sendable, Equatable {
  /// Money that the cafe paid in; positive.
  case topup(Money, ref: BookingReference)
  /// A correction, up or down, with the reason for it (1 to 200 characters).
  case adjustment(Money, ref: BookingReference, reason: String)

  /// What the entry does to the balance.
  public var amount: Money {
    switch self {
    case .topup(let amount, _), .adjustment(let amount, _, _): amount
    }
  }

  /// The reference that makes the entry unique for the cafe.
  public var reference: BookingReference {
    switch self {
    case .topup(_, let ref), .adjustment(_, let ref, _): ref
    }
  }
}

/// An invoice number or the like: 1 to 128 printable ASCII characters, unique for each cafe.
public struct BookingReference: Name {
  public static let rule = "1 to 128 printable ASCII characters without spaces at the ends"
  public let text: String
  public init?(_ text: String) {
    guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
      text.first != " ", text.last != " "
    else { return nil }
    self.text = text
  }
}

/// What became of a balance entry.
public struct Booking: Sendable, Equatable {
  /// The balance now.
  public let balance: Money
  /// False when the reference had been booked before with the same amount.
  public let isApplied: Bool

  /// A booking from its parts.
  public init(balance: Money, isApplied: Bool) {
    self.balance = balance
    self.isApplied = isApplied
  }
}
