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
  /// The bytes that are hashed: the line as it is published, without the two members.
  let body: [UInt8]

  init(line: LedgerLine, body: [UInt8], hash: String, previousHash: String?) {
    self.line = line
    self.body = body
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
    var seal: [UInt8] = []
    Self.append(hash, previousHash, to: &seal)
    guard text.suffix(seal.count).elementsEqual(seal) else {
      throw .noLine("its hash is not written as it is published")
    }
    var body = Array(text[..<(text.count - seal.count)])
    body.append(UInt8(ascii: "}"))
    self.init(
      line: try LedgerLine(published: members),
      body: body,
      hash: hash,
      previousHash: previousHash
    )
  }

  /// The line of a file, without a line feed.
  public var text: [UInt8] {
    var text: [UInt8] = []
    append(to: &text)
    return text
  }

  /// Appends the line of a file, without a line feed.
  public func append(to file: inout [UInt8]) {
    file += body
    // The brace, which closes the object behind the hash.
    file.removeLast()
    Self.append(hash, previousHash, to: &file)
  }

  /// Appends what a text ends with, behind the members that are hashed.
  private static func append(_ hash: String, _ previousHash: String?, to text: inout [UInt8]) {
    if let previousHash {
      text += ",\"prev_hash\":\"".utf8
      text += previousHash.utf8
      text.append(UInt8(ascii: "\""))
    }
    text += ",\"hash\":\"".utf8
    text += hash.utf8
    text += "\"}".utf8
  }

  /// Whether its hash is the right one behind a line with this hash.
  func follows(hash previous: String) -> Bool {
    HashChain.hash(of: body, after: previous) == hash
  }

  /// The same line with or without the hash of the line before it in its text.
  public func with(previousHash: String?) -> SealedLine {
    SealedLine(line: line, body: body, hash: hash, previousHash: previousHash)
  }
}
