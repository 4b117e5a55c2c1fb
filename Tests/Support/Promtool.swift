/// Prometheus' own judge of metrics, rules and their tests, from Debian's package `prometheus`.
public enum Promtool {
  /// It reads some hundred lines; a busy machine takes seconds to start it.
  private static let limit = Duration.seconds(60)

  /// Runs promtool to its end with a text on its standard input. Throws ``SupportError`` when it is
  /// not installed.
  public static func run(_ arguments: [String], input: String = "") async throws -> CommandResult {
    let program = try BuildProducts.program("promtool")
    return try await Program.run(program, arguments, input: input, within: limit)
  }
}
