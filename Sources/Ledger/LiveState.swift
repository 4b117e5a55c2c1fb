public import Domain

/// A living session's meter, as the store holds it beside the ledger.
public struct LiveMeter: Sendable, Equatable {
  /// The cafe that pays.
  public let cafe: String
  /// The PC.
  public let pc: String
  /// The game.
  public let game: String
  /// In milli-G-coin per hour.
  public let rate: Int64
  /// When verify accepted the token.
  public let startedAt: Instant
  /// The last accepted heartbeat.
  public let lastHeartbeatAt: Instant
  /// Seconds that are paid.
  public let billedSeconds: Int64
  /// What was debited less what was credited back.
  public let charged: Money
  /// How many ledger lines the session has.
  public let sequence: Int64

  /// A meter from its parts.
  public init(
    cafe: String,
    pc: String,
    game: String,
    rate: Int64,
    startedAt: Instant,
    lastHeartbeatAt: Instant,
    billedSeconds: Int64,
    charged: Money,
    sequence: Int64
  ) {
    self.cafe = cafe
    self.pc = pc
    self.game = game
    self.rate = rate
    self.startedAt = startedAt
    self.lastHeartbeatAt = lastHeartbeatAt
    self.billedSeconds = billedSeconds
    self.charged = charged
    self.sequence = sequence
  }
}

/// Everything that the store holds of a session that lives or might live, seen in one step.
public struct LiveSession: Sendable, Equatable {
  /// Its identifier.
  public let id: String
  /// Its meter; nil when there is none.
  public let meter: LiveMeter?
  /// Whether its own key says that it is alive. A key that has expired is no fault: the session is
  /// closed at its next step.
  public let isAlive: Bool
  /// Whether it has a next step.
  public let isDue: Bool
  /// Whether its cafe lists it among the living.
  public let isListed: Bool
  /// The session that lives on its PC.
  public let sessionOnPC: String?

  /// What is held, from its parts.
  public init(
    id: String,
    meter: LiveMeter?,
    isAlive: Bool,
    isDue: Bool,
    isListed: Bool,
    sessionOnPC: String?
  ) {
    self.id = id
    self.meter = meter
    self.isAlive = isAlive
    self.isDue = isDue
    self.isListed = isListed
    self.sessionOnPC = sessionOnPC
  }
}

/// What the store holds of a cafe, seen in one step.
public struct LiveCafe: Sendable, Equatable {
  /// Its identifier.
  public let id: String
  /// Its balance; nil when the store does not know the cafe.
  public let balance: Money?
  /// What its living sessions cost together, in milli-G-coin per hour.
  public let spendingPerHour: Int64
  /// How many sessions it lists as living.
  public let liveSessions: Int64
  /// How many references it has booked.
  public let references: Int64

  /// What is held, from its parts.
  public init(
    id: String,
    balance: Money?,
    spendingPerHour: Int64,
    liveSessions: Int64,
    references: Int64
  ) {
    self.id = id
    self.balance = balance
    self.spendingPerHour = spendingPerHour
    self.liveSessions = liveSessions
    self.references = references
  }
}
