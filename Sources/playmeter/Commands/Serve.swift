import ArgumentParser
import Logging

/// `playmeter serve`: the service itself.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the service until SIGTERM or SIGINT.",
    discussion: """
      It logs to standard error and prints nothing else. `playmeter check --help` lists the
      settings. The first signal lets it finish what is under way, within 10 s, and ends it with
      status 0; a second one ends it at once, by that signal (143 or 130 in a shell).

        playmeter serve --env-file /etc/playmeter/playmeter.env
      """
  )

  @OptionGroup var options: GlobalOptions

  /// From here on a failure is a line of the log, in the log's form.
  func run() async throws {
    let configuration = try options.configuration()
    LineLogHandler.bootstrap(level: configuration.logLevel, format: configuration.logFormat)
    do {
      try await Playmeter.serve(configuration)
    } catch {
      Logger(label: "playmeter").critical("the service failed", metadata: ["error": "\(error)"])
      throw ExitCode.failure
    }
  }
}
