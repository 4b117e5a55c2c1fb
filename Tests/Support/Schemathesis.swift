import Foundation

/// schemathesis, which tries a service by its own OpenAPI description.
/// `deploy/dependencies.sh test` installs it; `Tests/OpenAPI` says how it is to go about it.
public enum Schemathesis {
  /// It takes 20 s; on a busy machine several times that.
  private static let limit = Duration.seconds(600)

  /// Tries a listener by the description that the service has at `description`.
  ///
  /// - Parameters:
  ///   - filters: Which of the operations, as options.
  ///   - settings: What `Tests/OpenAPI/hooks.py` asks for, without `PLAYMETER_TEST_`.
  /// - Returns: Status 0 when all was as described.
  /// - Throws: ``SupportError`` when it is not installed.
  public static func run(
    _ listener: HTTPSession,
    by description: HTTPSession,
    _ filters: [String],
    settings: [String: String]
  ) async throws -> CommandResult {
    let root = BuildProducts.projectRoot.path
    let python = "\(root)/.build/schemathesis/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw SupportError("schemathesis is not installed; `make test` installs it")
    }
    let url = "http://127.0.0.1:\(listener.port)"
    let given = settings.map { ("PLAYMETER_TEST_\($0)", $1) }
    let own = [
      ("PLAYMETER_TEST_HOOKS", "\(root)/Tests/OpenAPI/hooks.py"),
      // The hooks lie in the source tree.
      ("PYTHONDONTWRITEBYTECODE", "1"),
    ]
    let configuration = ["--config-file", "\(root)/Tests/OpenAPI/schemathesis.toml"]
    let run = ["run", "--no-color", "--url", url]
    let location = "http://127.0.0.1:\(description.port)/openapi.yaml"
    return try await Program.run(
      python,
      ["-m", "schemathesis.cli"] + configuration + run + filters + [location],
      environment: Dictionary(uniqueKeysWithValues: own + given),
      within: limit
    )
  }
}
