public import Domain
public import JSON

/// The published form of a ledger line: one JSON object, its members in a fixed order.
extension LedgerLine {
  /// The line as compact JSON, without a hash. The same line always gives the same bytes, which is
  /// what its hash rests on.
  public var json: [UInt8] {
    JSONWriter.object { object in
      publish { name, value in
        switch value {
        case .integer(let number): object.put(name, number)
        case .text(let text): object.put(name, text)
        }
      }
    }
  }

  /// The line as a JSON object, without a hash.
  public var document: JSONValue {
    var published: [JSONValue.Member] = []
    publish { published.append(JSONValue.Member($0, $1.json)) }
    return .object(published)
  }

  /// Hands out every member, `partition` and `id` included, in the published order.
  private func publish(_ take: (String, Value) -> Void) {
    take("partition", .integer(Int64(partition.number)))
    var isIDOut = false
    for member in members {
      take(member.name, member.value)
      guard !isIDOut, member.name == "seq" else { continue }
      take("id", .text(streamID))
      isIDOut = true
    }
    if !isIDOut { take("id", .text(streamID)) }
  }

  /// A line from its published members; `prev_hash` and `hash` must have been taken off.
  ///
  /// - Throws: ``LedgerFault/noLine(_:)`` for anything but an object of integers and texts with at
  ///   least `partition`, `seq`, `id`, `at` and `kind`.
  init(published members: [JSONValue.Member]) throws(LedgerFault) {
    var partition: Int64?
    var id: String?
    var rest: [Member] = []
    rest.reserveCapacity(members.count)
    for member in members {
      switch (member.name, member.value) {
      case ("partition", .integer(let number)): partition = number
      case ("id", .string(let text)): id = text
      case (let name, .integer(let number)):
        rest.append(Member(name: name, value: .integer(number)))
      case (let name, .string(let text)): rest.append(Member(name: name, value: .text(text)))
      case (let name, _): throw .noLine("\(name) is neither an integer nor a text")
      }
    }
    guard let partition, let partition = Int(exactly: partition), partition >= 0 else {
      throw .noLine("partition is missing")
    }
    guard let id else { throw .noLine("id is missing") }
    self.init(partition: Partition(number: partition), streamID: id, members: rest)
    guard sequence >= 1 else { throw .noLine("seq is missing") }
    guard integer("at") != nil else { throw .noLine("at is missing") }
    guard text("kind") != nil else { throw .noLine("kind is missing") }
  }
}

extension LedgerLine.Value {
  fileprivate var json: JSONValue {
    switch self {
    case .integer(let number): .integer(number)
    case .text(let text): .string(text)
    }
  }
}
