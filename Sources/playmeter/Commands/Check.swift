import ArgumentParser
import HTTPAPI
import JSON

/// `playmeter check`: whether the service could start and bill here.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the settings and Redis, and list what is wrong.",
    discussion: """
      Prints "ok", or one line for each fault, and then ends with status 1.

      Settings and their defaults, from the environment or the file of --env-file:

      \(settingsText)
      """
  )

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let faults = await faults()
    options.show(.faults(faults))
    guard faults.isEmpty else { throw ExitCode.failure }
  }

  /// Redis is only asked when the settings say how.
  private func faults() async -> [String] {
    do throws(ConfigurationError) {
      return await Playmeter.faults(try options.configuration())
    } catch {
      return error.faults.map(\.description)
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
  static func faults(_ faults: [String]) -> CommandOutput {
    let lines = faults.map { "fault: " + Printable.text($0) }
    return CommandOutput(
      json: ["ok": .bool(faults.isEmpty), "faults": .array(faults.map(JSONValue.string))],
      text: faults.isEmpty ? "ok" : lines.lines
    )
  }
}
