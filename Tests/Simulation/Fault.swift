/// What goes wrong around a call.
enum Fault: Sendable {
  /// The connection breaks, at the client's own repeat once more.
  case cut([CuttingProxy.Cut])
  /// The instance dies with the call under way.
  case drop
  /// Redis forgets all scripts.
  case flush
  /// Redis ends with the call under way (SIGTERM) and comes back with its append-only file.
  case stop
  /// The same as a crash (SIGKILL).
  case kill
  /// The clock of Redis jumps, in milliseconds.
  case jump(Int64)

  /// How the summary counts it.
  var name: String {
    switch self {
    case .cut(let cuts): "cut " + cuts.map(\.rawValue).joined(separator: "+")
    case .drop: "instance dropped"
    case .flush: "scripts flushed"
    case .stop: "redis stopped"
    case .kill: "redis killed"
    case .jump(let distance): distance < 0 ? "clock back" : "clock forth"
    }
  }

  /// Steps back beyond this are for nobody's clock; forth, a session outlives most of them.
  private static let back: ClosedRange<Int64> = -12_000...(-200)
  private static let forth: ClosedRange<Int64> = 1_000...200_000

  /// - Parameter allowsStepsBack: Not where outages are held. After a step back a launcher's key
  ///   expires before its deadline, and any hold that is remembered decides which of them counts.
  static func random(_ random: inout Randomness, allowsStepsBack: Bool) -> Fault {
    switch random.number(0...99) {
    case 0..<62:
      var cuts = [random.one(of: CuttingProxy.Cut.allCases)]
      if random.isLikely(60) { cuts.append(random.one(of: CuttingProxy.Cut.allCases)) }
      return .cut(cuts)
    case 62..<74: return .drop
    case 74..<84: return .flush
    case 84..<87: return .stop
    case 87..<90: return .kill
    case 90..<95 where allowsStepsBack: return .jump(random.number(back))
    default: return .jump(random.number(forth))
    }
  }
}
