/// What can be wrong with a ledger outside Redis.
public enum LedgerFault: Error, Sendable, Equatable {
  /// The bytes are no ledger line; says why.
  case noLine(String)
  /// A line does not fit those before it; says where and how.
  case broken(String)
  /// A file or directory of the archive cannot be used; says which and why.
  case file(String)
}

extension LedgerFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noLine(let why): "no ledger line: \(why)"
    case .broken(let why), .file(let why): why
    }
  }
}
