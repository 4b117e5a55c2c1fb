import Foundation

/// A program of others that a test runs to its end, in an empty directory of its own.
enum Program {
  /// Runs it with a text on its standard input and nothing of the test's own environment.
  ///
  /// - Throws: ``SupportError`` when it has not ended within `limit` of real time.
  static func run(
    _ path: String,
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = [:],
    within limit: Duration
  ) async throws -> CommandResult {
    let directory = try TemporaryDirectory()
    let files = ["input", "output", "error"].map { "\(directory.path)/\($0)" }
    let home = "\(directory.path)/home"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
    try Data(input.utf8).write(to: URL(filePath: files[0]))
    let usual = ["PATH": "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"]
    let child = try ChildProcess(
      program: "/bin/sh",
      arguments: ["-c", "cd \"$HOME\" && exec \"$@\" <\"$0\"", files[0], path] + arguments,
      environment: usual.merging(environment) { _, given in given },
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
