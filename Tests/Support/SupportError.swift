/// What went wrong around a test, in words for whoever reads the failed run.
public struct SupportError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
