import ArgumentParser
import HTTPAPI
import JSON

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .customLong("env-file"),
    help: ArgumentHelp(
      "A file of NAME=value lines with settings.",
      discussion: "Settings in the environment win over those in the file.",
      valueName: "file"
    )
  )
  var environmentFile: String?

  @Flag(help: "Print one JSON document: an array for a list, else an object.")
  var json = false

  /// The settings from the environment and the file.
  func configuration() throws(ConfigurationError) -> Configuration {
    try Configuration.load(file: environmentFile)
  }

  /// Prints what a command found or did, in the form that was asked for.
  func show(_ output: CommandOutput) {
    print(json ? output.json.text : output.text)
  }
}
