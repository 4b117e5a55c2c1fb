public import Domain
import Signatures

/// The chain of hashes over the lines of one partition, in order.
///
/// A line's hash is the lower-case hex SHA-256 of the hash of the line before it, a line feed and
/// the line's exact bytes without `prev_hash` and `hash`. So whoever holds a later hash can tell
/// whether any earlier line was changed, removed or added.
public struct HashChain: Sendable, Equatable {
  /// What stands for the hash before the first line of a partition.
  public static let start = String(repeating: "0", count: 64)

  /// The hash of the latest line.
  public private(set) var hash: String

  /// A chain that goes on after a line with this hash.
  public init(after hash: String = start) {
    self.hash = hash
  }

  /// Adds the next line.
  public mutating func seal(_ line: LedgerLine) -> SealedLine {
    let body = line.json
    hash = HashChain.hash(of: body, after: hash)
    return SealedLine(line: line, body: body, hash: hash, previousHash: nil)
  }

  static func hash(of json: [UInt8], after previous: String) -> String {
    var input: [UInt8] = []
    input.reserveCapacity(previous.utf8.count + 1 + json.count)
    input += previous.utf8
    input.append(UInt8(ascii: "\n"))
    input += json
    return Hex.encode(Digest.sha256(input))
  }
}
