public import Domain

/// Checks sealed lines as they come, of any partitions mixed: each must follow the one before it in
/// its partition, in number and hash. Numbers may only be missing where a line names them as lost.
public struct ChainCheck: Sendable {
  /// The latest line of a partition.
  public struct Position: Sendable, Equatable {
    /// Its number.
    public let sequence: Int64
    /// Its identifier in the stream.
    public let streamID: String
    /// Its hash.
    public let hash: String

    /// A position from its parts.
    public init(sequence: Int64, streamID: String, hash: String) {
      self.sequence = sequence
      self.streamID = streamID
      self.hash = hash
    }
  }

  /// Where each partition stands.
  public private(set) var positions: [Partition: Position]
  /// How many lines were checked.
  public private(set) var count = 0
  /// How many times lines were left out, a missing beginning included.
  public private(set) var gaps = 0
  /// The lines that nobody has, as the ledger itself states.
  public private(set) var losses: [LedgerLoss] = []
  private let allowsGaps: Bool

  /// A check that goes on from known positions.
  ///
  /// - Parameter allowsGaps: Whether lines may be left out, as in a filtered export; each line
  ///   behind a gap must then carry the hash of the line before it.
  public init(from positions: [Partition: Position] = [:], allowsGaps: Bool = false) {
    self.positions = positions
    self.allowsGaps = allowsGaps
  }

  /// Checks the next line.
  ///
  /// - Throws: ``LedgerFault/broken(_:)`` that names partition and number.
  public mutating func add(_ sealed: SealedLine) throws(LedgerFault) {
    let line = sealed.line
    let place = "partition \(line.partition.number), seq \(line.sequence)"
    let previous = try previousHash(of: sealed, place)
    guard sealed.follows(hash: previous) else {
      throw .broken("\(place): the hash does not fit: the line or one before it was changed")
    }
    if !line.follows(positions[line.partition]?.sequence ?? 0) { gaps += 1 }
    if let loss = line.loss { losses.append(loss) }
    positions[line.partition] = Position(
      sequence: line.sequence,
      streamID: line.streamID,
      hash: sealed.hash
    )
    count += 1
  }

  private func previousHash(
    of sealed: SealedLine,
    _ place: String
  ) throws(LedgerFault) -> String {
    let line = sealed.line
    if line.kind == .loss, line.loss == nil {
      throw .broken("\(place): it does not name the lost lines right before it")
    }
    guard let last = positions[line.partition] else {
      if line.follows(0) { return HashChain.start }
      guard let previous = sealed.previousHash else {
        throw .broken("\(place): the lines before it are missing")
      }
      return previous
    }
    if line.follows(last.sequence) {
      guard sealed.previousHash == nil || sealed.previousHash == last.hash else {
        throw .broken("\(place): prev_hash is not the hash of the line before it")
      }
      return last.hash
    }
    let first = line.loss?.numbers.lowerBound ?? line.sequence
    guard allowsGaps, first > last.sequence, let previous = sealed.previousHash else {
      throw .broken("\(place): it follows seq \(last.sequence)")
    }
    return previous
  }
}
