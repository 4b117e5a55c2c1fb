/// Numbers of a partition's ledger whose lines nobody has any more: Redis acknowledged them and
/// forgot them before they were archived.
///
/// Such numbers are never used again. A line of the kind ``LedgerKind/loss`` stands behind them in
/// the ledger and names them; nothing else may leave numbers out.
public struct LedgerLoss: Sendable, Hashable {
  /// The partition whose ledger it is.
  public let partition: Partition
  /// The first and the last number, from 1.
  public let numbers: ClosedRange<Int64>

  /// A loss from its parts.
  public init(partition: Partition, numbers: ClosedRange<Int64>) {
    self.partition = partition
    self.numbers = numbers
  }

  /// The loss of that name, `p3#11-12`, or `p3#11` for a single line; nil for any other text.
  public init?(_ name: String) {
    guard let parts = name.wholeMatch(of: /p([0-9]{1,4})#([0-9]{1,18})(?:-([0-9]{1,18}))?/)?.output,
      let partition = Int(parts.1), let first = Int64(parts.2), first >= 1,
      let last = parts.3.map({ Int64($0) }) ?? first, last >= first
    else { return nil }
    self.init(partition: Partition(number: partition), numbers: first...last)
  }
}

extension LedgerLoss: CustomStringConvertible {
  /// Its name: `p3#11-12`.
  public var description: String {
    let (first, last) = (numbers.lowerBound, numbers.upperBound)
    return "p\(partition.number)#\(first)" + (last > first ? "-\(last)" : "")
  }
}

extension LedgerLine {
  /// What this line states to be lost: the numbers right before its own. Nil for other kinds.
  public var loss: LedgerLoss? {
    guard isLoss, let first = integer("from_seq"), let last = integer("to_seq"),
      first >= 1, first <= last, last == sequence - 1
    else { return nil }
    return LedgerLoss(partition: partition, numbers: first...last)
  }

  /// Whether it is the next line behind the one with this number; 0 stands before the first line.
  public func follows(_ number: Int64) -> Bool {
    if isLoss { return loss?.numbers.lowerBound == number + 1 }
    return sequence == number + 1
  }

  /// To look for the name among those of all kinds takes several times as long, for each line.
  private var isLoss: Bool { text("kind") == LedgerKind.loss.rawValue }
}
