import Domain

/// Where the performers of the evening meet: it keeps the board, shows it, and remembers what the
/// verdict needs.
actor Stage {
  /// A session that the script has opened.
  struct Part: Sendable {
    let session: String
    let seat: Board.SeatIndex
    /// Why the script lets it end.
    let expectedReason: EndReason
    /// Whether the service has been seen to have ended it.
    var hasEnded = false
  }

  private let start = ContinuousClock.now
  var board: Board
  private var display: DemoDisplay
  /// The sessions in the order in which they started.
  private(set) var parts: [Part] = []
  /// What was paid in and taken back, for each cafe.
  private(set) var booked: [Money]

  init(board: Board, display: DemoDisplay) {
    self.board = board
    self.display = display
    booked = board.cafes.map { _ in .zero }
  }

  /// Time since the start of the evening.
  var elapsed: Duration { start.duration(to: .now) }

  /// Whether every session that was opened has ended.
  var isOver: Bool { parts.allSatisfy(\.hasEnded) }

  /// The PCs whose sessions live.
  var livePCs: [String] { parts.filter { !$0.hasEnded }.map { board[$0.seat].pc } }

  /// What is left of the grace of a cafe's players, as they were told; nil while nobody was told.
  func graceSeconds(ofCafe cafe: Int) -> Int64? {
    board.cafes[cafe].seats.compactMap(\.graceSeconds).max()
  }

  /// Sets what the title of the board tells.
  func set(beat: Duration) { board.beat = beat }

  /// Notes an event of a PC.
  func note(_ text: String, at seat: Board.SeatIndex) { note(text, at: board[seat].pc) }

  /// Notes an event of a cafe.
  func note(_ text: String, atCafe cafe: Int) { note(text, at: board.cafes[cafe].id) }

  /// Notes money that the operator moved.
  func book(_ amount: Money, forCafe cafe: Int, _ text: String) {
    booked[cafe] = booked[cafe] + amount
    note(text, atCafe: cafe)
  }

  /// Seats a session that has just begun.
  func enter(_ part: Part, game: String, user: String) {
    let cafe = board.cafes[part.seat.cafe].id
    let pc = board[part.seat].pc
    board[part.seat] = Board.Seat(
      pc: pc,
      session: SessionEvidence(started: part.session, cafe: cafe, pc: pc, game: game, user: user)
    )
    parts.append(part)
  }

  /// Takes over what the game server of a session was told; an earlier session of the PC no longer
  /// shows.
  func tell(_ answer: String, graceSeconds: Int64?, session: String, at seat: Board.SeatIndex) {
    guard board[seat].session?.id == session else { return }
    board[seat].answer = answer
    board[seat].graceSeconds = graceSeconds
  }

  /// Takes over what the operator sees of a cafe, and returns the sessions that have ended since
  /// the last time.
  func observe(_ account: DemoOperator.Account, _ sessions: [SessionEvidence], cafe: Int) -> [Part]
  {
    board.cafes[cafe].show(account.balance)
    var ended: [Part] = []
    for index in parts.indices where parts[index].seat.cafe == cafe {
      let part = parts[index]
      guard let session = sessions.first(where: { $0.id == part.session }) else { continue }
      if board[part.seat].session?.id == session.id { board[part.seat].session = session }
      guard session.state == .ended, !part.hasEnded else { continue }
      parts[index].hasEnded = true
      ended.append(part)
    }
    return ended
  }

  /// Draws the board, where it is drawn.
  func draw() {
    board.elapsed = elapsed
    display.draw(board)
  }

  /// Notes an event of whoever has this name.
  func note(_ text: String, at place: String) {
    board.elapsed = elapsed
    display.show(board.note(text, at: place))
  }
}

extension SessionEvidence {
  /// A session that has just begun and was not looked at yet.
  fileprivate init(started id: String, cafe: String, pc: String, game: String, user: String) {
    self.init(
      id: id,
      cafe: cafe,
      pc: pc,
      game: game,
      user: user,
      state: .running,
      reason: nil,
      playSeconds: 0,
      billedSeconds: 0,
      unbilledSeconds: 0,
      heldSeconds: 0,
      charged: .zero
    )
  }
}
