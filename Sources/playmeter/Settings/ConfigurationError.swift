/// Everything that is wrong with the settings, at once, so that an operator mends them in one go.
struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The faults, in the order of the table, unknown names last; never empty.
  let faults: [SettingFault]

  /// One line of introduction and one line for each fault.
  var description: String {
    let count = faults.count == 1 ? "1 setting is wrong" : "\(faults.count) settings are wrong"
    return ([count + ":"] + faults.map { "  \($0)" }).joined(separator: "\n")
  }
}

/// One thing that is wrong with the settings. It never holds the value of a secret.
struct SettingFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// A value longer than this is shown in part: it is there to be recognised, not to be read.
  private static let shownCharacters = 64

  /// The variable, or the place in the file.
  let subject: String
  /// What is wrong, in words that say what to do.
  let text: String

  /// A fault in words.
  init(_ subject: String, _ text: String) {
    self.subject = subject
    self.text = text
  }

  /// A value that breaks its setting's rule; the value is shown unless it is a secret.
  ///
  /// - Parameter origin: The variable that the value came from.
  init(_ setting: Setting, origin: String, value: String) {
    let isFromFile = origin != setting.name
    let demand = isFromFile ? "the file must hold \(setting.rule)" : "must be \(setting.rule)"
    guard !setting.isSecret else {
      self.init(origin, demand)
      return
    }
    let shown = value.prefix(Self.shownCharacters)
    let ellipsis = shown.count < value.count ? "…" : ""
    self.init(origin, "\(demand), not \"\(Printable.text(String(shown)))\(ellipsis)\"")
  }

  /// One line.
  var description: String { "\(subject): \(text)" }
}
