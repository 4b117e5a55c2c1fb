import Domain

/// The latest events, for whoever reads a failed run.
struct Chronicle {
  /// A call as it went. It is put into words only when somebody asks: that takes longer than the
  /// call.
  struct Event {
    let at: Moment
    let call: Call
    let answer: Answer
    /// The fault around it, or what else was special.
    let circumstance: String
    let lines: [LedgerLine]

    var text: String {
      let written = lines.map { "\n      " + Line($0).description }.joined()
      return "\(at.now) \(call) -> \(answer) \(circumstance)\(written)"
        .replacing("Domain.", with: "")
    }
  }

  private static let kept = 1_000
  private static let shown = 25

  private var events: [Event] = []

  mutating func note(_ event: Event) {
    events.append(event)
    if events.count >= 2 * Self.kept { events.removeFirst(Self.kept) }
  }

  /// The latest events of the session that the text names, or of everybody, in words.
  func latest(about text: String) -> [String] {
    let texts = events.map(\.text)
    guard let session = text.firstMatch(of: /gs_[0-9a-f-]{36}/).map({ String($0.output) }) else {
      return texts.suffix(Self.shown)
    }
    return texts.filter { $0.contains(session) }.suffix(Self.shown) + ["…"] + texts.suffix(1)
  }
}
