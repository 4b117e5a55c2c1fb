import Domain

/// What the audience sees of the evening: the PCs of both cafes, their money, and what happened.
///
/// A plain value. Performers change it through the ``Stage``, a display draws it.
struct Board: Sendable {
  /// How many events are kept; more than fit on any terminal.
  private static let maximumEvents = 100

  /// The cafes in the order of the script.
  var cafes: [Cafe]
  /// The hosts in the order of the script; none where the service takes none.
  var hosts: [Host] = []
  /// What happened, the latest last.
  private(set) var events: [Event] = []
  /// Time since the start of the evening.
  var elapsed: Duration = .zero
  /// The time between two heartbeats.
  var beat: Duration = .zero

  /// A cafe and its PCs.
  struct Cafe: Sendable {
    let id: String
    /// The balance, once it was read.
    private(set) var balance: Money?
    /// The highest balance so far; the bar is drawn against it.
    private(set) var highest: Money = .zero
    var seats: [Seat]

    init(id: String, seats: [Seat]) {
      self.id = id
      self.seats = seats
    }

    mutating func show(_ balance: Money) {
      self.balance = balance
      highest = max(highest, balance)
    }
  }

  /// A PC.
  struct Seat: Sendable {
    let pc: String
    /// Its latest session, once there was one.
    var session: SessionEvidence?
    /// What the game server was told last.
    var answer = ""
    /// What is left of the grace, as the game server was told last; nil outside grace.
    var graceSeconds: Int64?
  }

  /// Something that happened.
  struct Event: Sendable, Equatable {
    /// Time since the start of the evening.
    let elapsed: Duration
    /// The cafe or the PC.
    let place: String
    let text: String
  }

  /// A seat's place on the board.
  struct SeatIndex: Sendable, Hashable {
    let cafe: Int
    let seat: Int
  }

  /// A seat by its place.
  subscript(_ index: SeatIndex) -> Seat {
    get { cafes[index.cafe].seats[index.seat] }
    set { cafes[index.cafe].seats[index.seat] = newValue }
  }

  /// Notes what happened just now.
  mutating func note(_ text: String, at place: String) -> Event {
    let event = Event(elapsed: elapsed, place: place, text: text)
    events.append(event)
    if events.count > Self.maximumEvents { events.removeFirst() }
    return event
  }
}
