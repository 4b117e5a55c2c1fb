import Foundation

/// One of Debian's servers with a configuration file in a private directory, for everything that it
/// writes as well.
struct ConfiguredServer: Sendable {
  let directory: TemporaryDirectory
  let process: ChildProcess

  /// Starts it and does not wait.
  ///
  /// - Parameters:
  ///   - arguments: The command line; it ends with the path of the configuration file.
  ///   - configuration: The file's text, told where the directory is.
  static func start(
    _ program: String,
    arguments: [String],
    configuration: (String) throws -> String
  ) throws -> ConfiguredServer {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/\(program).conf"
    try Data(configuration(directory.path).utf8).write(to: URL(filePath: file))
    let log = "\(directory.path)/log"
    let process = try ChildProcess(
      program: try BuildProducts.program(program),
      arguments: arguments + [file],
      environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path],
      output: log,
      error: log
    )
    return ConfiguredServer(directory: directory, process: process)
  }

  /// Throws ``SupportError`` with the server's own words when it has ended.
  func expectRunning() throws {
    guard let status = process.exitStatus else { return }
    let said = FileManager.default.contents(atPath: "\(directory.path)/log") ?? Data()
    throw SupportError("it ended with \(status):\n\(String(decoding: said, as: UTF8.self))")
  }
}
