import ArgumentParser
import HTTPAPI
import JSON

/// `playmeter check`: whether the service could start and bill here.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the settings and Redis, and list what is wrong.",
    discussion: """
      Prints "ok", or one line for each fault, and then ends with status 1. A warning is \
      something that the service puts up with.

      Settings and their defaults, from the environment or the file of --env-file:

      \(settingsText)
      """
  )

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let (faults, warnings) = await look()
    options.show(.check(faults: faults, warnings: warnings))
    guard faults.isEmpty else { throw ExitCode.failure }
  }

  /// Redis is only asked when the settings say how.
  private func look() async -> (faults: [String], warnings: [String]) {
    do throws(ConfigurationError) {
      return await Playmeter.examine(try options.configuration())
    } catch {
      return (error.faults.map(\.description), [])
    }
  }

  /// Two lines for each setting, because the parser wraps help at the terminal's width.
  private static var settingsText: String {
    Setting.all
      .map { setting in
        let defaultText = setting.defaultText.isEmpty ? "" : " [\(setting.defaultText)]"
        return "  \(setting.name)\(defaultText)\n      \(setting.meaning)"
      }
      .joined(separator: "\n")
  }
}

extension CommandOutput {
  /// What is wrong.
  static func check(faults: [String], warnings: [String]) -> CommandOutput {
    let lines =
      (faults.isEmpty ? ["ok"] : faults.map { "fault: " + Printable.text($0) })
      + warnings.map { "warning: " + Printable.text($0) }
    return CommandOutput(
      json: [
        "ok": .bool(faults.isEmpty), "faults": .array(faults.map(JSONValue.string)),
        "warnings": .array(warnings.map(JSONValue.string)),
      ],
      text: lines.lines
    )
  }
}
