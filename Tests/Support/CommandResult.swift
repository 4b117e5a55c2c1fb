/// What a command of the program's command line left behind.
public struct CommandResult: Sendable {
  /// 0 done, 1 refused or failed, 2 usage; a signal's number if one ended it.
  public let status: Int32
  public let standardOutput: String
  public let standardError: String

  /// The document that `--json` prints. Throws ``SupportError`` with what the command said when
  /// standard output is none.
  public var json: JSONView {
    get throws {
      guard let document = try? JSONView(Array(standardOutput.utf8)) else {
        throw SupportError("status \(status), no JSON: \(standardOutput)\(standardError)")
      }
      return document
    }
  }
}
