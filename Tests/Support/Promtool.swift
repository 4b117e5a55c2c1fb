import Foundation

/// Prometheus' own judge of metrics, rules and their tests, from Debian's package `prometheus`.
public enum Promtool {
  /// It reads some hundred lines; a busy machine takes seconds to start it.
  private static let limit = Duration.seconds(60)

  /// Runs promtool to its end with a text on its standard input. Throws ``SupportError`` when it is
  /// not installed.
  public static func run(_ arguments: [String], input: String = "") async throws -> CommandResult {
    let program = try BuildProducts.program("promtool")
    let directory = try TemporaryDirectory()
    let files = ["input", "output", "error"].map { "\(directory.path)/\($0)" }
    try Data(input.utf8).write(to: URL(filePath: files[0]))
    let child = try ChildProcess(
      program: "/bin/sh",
      arguments: ["-c", "exec \"$@\" <\"$0\"", files[0], program] + arguments,
      environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path],
      output: files[1],
      error: files[2]
    )
    let status = try await child.wait(within: limit)
    let texts = files.map { FileManager.default.contents(atPath: $0) ?? Data() }
    return CommandResult(
      status: status,
      standardOutput: String(decoding: texts[1], as: UTF8.self),
      standardError: String(decoding: texts[2], as: UTF8.self)
    )
  }
}
