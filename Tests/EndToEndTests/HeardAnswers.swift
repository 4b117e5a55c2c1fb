import Support

/// The answers that came on one connection, read as strictly as a proxy would.
struct HeardAnswers {
  struct Answer {
    let status: Int
    let id: String
  }

  private(set) var answers: [Answer] = []
  private static let endOfHead = Array("\r\n\r\n".utf8)

  /// Throws ``SupportError`` with whatever is no answer. `isHead` says that none has a body.
  init(_ bytes: [UInt8], isHead: Bool) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let end = rest.firstRange(of: Self.endOfHead) else { throw Self.fault("no head", rest) }
      let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
        .split(separator: "\r\n", omittingEmptySubsequences: false)
      guard let match = lines[0].wholeMatch(of: /HTTP\/1\.1 ([1-5][0-9][0-9]) [ -~]+/),
        let status = Int(match.1)
      else { throw Self.fault("no status line", rest) }
      let fields = try Self.fields(lines.dropFirst())
      rest = rest[end.upperBound...]
      guard status >= 200 else { continue }
      guard let id = fields["x-request-id"], id.wholeMatch(of: /[A-Za-z0-9_.-]{1,128}/) != nil
      else { throw SupportError("no request id: \(fields)") }
      answers.append(Answer(status: status, id: id))
      guard !isHead, status != 204 else { continue }
      guard let length = fields["content-length"].flatMap({ Int($0) }), length <= rest.count
      else { throw Self.fault("no whole body after \(fields)", rest) }
      rest = rest.dropFirst(length)
    }
  }

  /// Names are in lower case. No name comes twice, and no value has anything but printable ASCII.
  private static func fields(_ lines: ArraySlice<Substring>) throws -> [String: String] {
    var fields: [String: String] = [:]
    for line in lines {
      guard let match = line.wholeMatch(of: /([A-Za-z-]+): ([ -~]*)/),
        fields.updateValue(String(match.2), forKey: match.1.lowercased()) == nil
      else { throw SupportError("no header: \(line)") }
    }
    return fields
  }

  private static func fault(_ what: String, _ bytes: ArraySlice<UInt8>) -> SupportError {
    SupportError("\(what): \(String(decoding: bytes.prefix(500), as: UTF8.self))")
  }
}
