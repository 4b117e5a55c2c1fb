/// The hosts as lines of the board.
extension Board {
  /// A gaming PC that offers itself for streaming.
  struct Host: Sendable {
    var evidence: HostEvidence
    /// How many of its slots are free, as the list of hosts says; nil when it is not listed.
    var free: Int64?
  }

  /// The hosts with a heading, or nothing where none take part.
  var hostLines: [StyledLine] {
    guard !hosts.isEmpty else { return [] }
    return [StyledLine("Gaming PCs for streaming", .heading)] + hosts.map(\.line) + [StyledLine()]
  }
}

extension Board.Host {
  fileprivate var line: StyledLine {
    let clients = evidence.matches.filter { $0.until == nil }.map(\.client)
    let text =
      ["  " + evidence.name.column(6), stateText.column(14), freeText.column(18)]
      .joined(separator: "  ") + clients.joined(separator: ", ")
    return StyledLine(text, style)
  }

  private var stateText: String {
    switch evidence.state {
    case .away: ""
    case .live: "streaming"
    case .silent: evidence.gone == nil ? "silent" : "gone"
    case .left: "left"
    }
  }

  private var freeText: String {
    free.map { "\($0) of \(evidence.slots) free" } ?? ""
  }

  private var style: StyledLine.Style {
    switch evidence.state {
    case .away, .left: .faded
    case .live: .good
    case .silent: evidence.gone == nil ? .warning : .plain
    }
  }
}
