/// Whether the service may serve: Redis there, fit to bill on, scripts loaded, billing up to date.
public protocol Readiness: Sendable {
  /// What is wrong, in words an operator can act on; empty when all is well. Never waits long.
  func faults() async -> [String]
}
