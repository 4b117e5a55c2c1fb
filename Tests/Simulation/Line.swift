import Domain

/// A ledger line less what only its place in the stream decides.
struct Line: Equatable, CustomStringConvertible {
  private var members: [String: LedgerLine.Value]

  init(_ line: LedgerLine) {
    members = Dictionary(line.members.map { ($0.name, $0.value) }) { first, _ in first }
    members["seq"] = nil
    members["at"] = nil
  }

  /// A line of a cafe.
  init(_ kind: LedgerKind, _ cafe: CafeID) {
    members = ["kind": .text(kind.rawValue), "cafe_id": .text(cafe.text)]
  }

  /// A line of a whole partition.
  init(_ kind: LedgerKind) {
    members = ["kind": .text(kind.rawValue)]
  }

  /// The next line of a session.
  init(_ kind: LedgerKind, _ session: inout AuditedSession) {
    session.lines += 1
    self.init(kind, session.cafe)
    set("pc_id", session.pc.text)
    set("game_id", session.game.text)
    set("game_session_id", session.id.description)
    set("session_seq", session.lines)
    set("billed_sec", session.paid)
  }

  var session: String? { text("game_session_id") }

  func isOf(_ kind: LedgerKind) -> Bool { text("kind") == kind.rawValue }

  func text(_ name: String) -> String? {
    if case .text(let text) = members[name] { text } else { nil }
  }

  var description: String {
    members.sorted { $0.key < $1.key }
      .map { name, value in
        switch value {
        case .integer(let number): "\(name)=\(number)"
        case .text(let text): "\(name)=\(text)"
        }
      }
      .joined(separator: " ")
  }

  mutating func set(_ name: String, _ value: Int64?) {
    members[name] = value.map { .integer($0) }
  }

  mutating func set(_ name: String, _ value: String) {
    members[name] = .text(value)
  }
}

/// What the ledger must say next.
enum Expected {
  case line(Line)
  /// Warnings of a low balance, as many as have not been told.
  case warnings(Warnings)

  var isLine: Bool {
    if case .line = self { true } else { false }
  }
}

/// A cafe's remaining time, seen by a step.
struct Warnings {
  let cafe: CafeID
  let balance: Int64
  /// How many thresholds it is below.
  let level: Int
}

/// The lines that came with a call, read one after the other.
struct Pages {
  private let lines: [LedgerLine]
  private var index = 0

  init(_ lines: [LedgerLine]) {
    self.lines = lines
  }

  var isAtEnd: Bool { index == lines.count }
  var left: [Line] { lines[index...].map(Line.init) }
  /// The next line, which stays.
  var upcoming: Line? { isAtEnd ? nil : Line(lines[index]) }

  mutating func next() -> Line? {
    defer { index = min(index + 1, lines.count) }
    return upcoming
  }
}
