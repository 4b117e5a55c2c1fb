public import Domain
import JSON

/// A ledger line with the hash that chains it to the line before it in its partition.
///
/// Its text is the line's JSON with `"hash"` as the last member, and, where the line before it does
/// not stand before it in the same file, `"prev_hash"` in front of that. Neither is part of what is
/// hashed.
public struct SealedLine: Sendable, Equatable {
  /// The line.
  public let line: LedgerLine
  /// Lower-case hex of SHA-256; see ``HashChain``.
  public let hash: String
  /// The hash of the line before it, where the text carries it.
  public let previousHash: String?

  init(line: LedgerLine, hash: String, previousHash: String?) {
    self.line = line
    self.hash = hash
    self.previousHash = previousHash
  }

  /// Reads a line of a file; the line feed must have been taken off. Whether the hash is right is
  /// for ``ChainCheck`` to say.
  ///
  /// - Throws: ``LedgerFault/noLine(_:)``.
  public init(text: [UInt8]) throws(LedgerFault) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(bytes: text)
    } catch {
      throw .noLine("\(error)")
    }
    guard case .object(var members) = value else { throw .noLine("it is no object") }
    guard let last = members.popLast(), last.name == "hash", case .string(let hash) = last.value
    else { throw .noLine("its last member is not hash") }
    var previousHash: String?
    if let member = members.last, member.name == "prev_hash" {
      guard case .string(let text) = member.value else { throw .noLine("prev_hash is no text") }
      previousHash = text
      members.removeLast()
    }
    self.init(
      line: try LedgerLine(published: members),
      hash: hash,
      previousHash: previousHash
    )
  }

  /// The line of a file, without a line feed.
  public var text: [UInt8] {
    var bytes = line.json
    bytes.removeLast()
    if let previousHash { bytes += ",\"prev_hash\":\"\(previousHash)\"".utf8 }
    bytes += ",\"hash\":\"\(hash)\"}".utf8
    return bytes
  }

  /// The same line with or without the hash of the line before it in its text.
  public func with(previousHash: String?) -> SealedLine {
    SealedLine(line: line, hash: hash, previousHash: previousHash)
  }
}
