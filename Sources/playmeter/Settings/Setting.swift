/// A setting as an operator knows it. The table of all settings is in `Setting+all.swift`.
struct Setting: Sendable, Hashable {
  /// The environment variable.
  let name: String
  /// What holds when the variable is not set; empty when nothing does.
  let defaultText: String
  /// Whether its value must never be shown. Such a setting can also be given as a file.
  let isSecret: Bool
  /// What a value must be, to complete "must be …".
  let rule: String
  /// What it is for, in one line.
  let meaning: String
  /// The durations that make sense; nil for other settings.
  let durations: ClosedRange<Duration>?

  /// A setting that is text of some kind.
  init(
    _ name: String,
    default defaultText: String = "",
    secret isSecret: Bool = false,
    rule: String,
    _ meaning: String
  ) {
    self.name = name
    self.defaultText = defaultText
    self.isSecret = isSecret
    self.rule = rule
    self.meaning = meaning
    durations = nil
  }

  /// A setting that is a duration.
  init(
    _ name: String,
    default defaultText: String,
    durations: ClosedRange<Duration>,
    _ meaning: String
  ) {
    let least = DurationText.text(of: durations.lowerBound)
    let most = DurationText.text(of: durations.upperBound)
    self.name = name
    self.defaultText = defaultText
    isSecret = false
    rule = "a whole number with one of the units ms, s, m, h, d, from \(least) to \(most)"
    self.meaning = meaning
    self.durations = durations
  }

  /// The variable that names a file with the value instead; nil unless the setting is a secret.
  var fileName: String? { isSecret ? name + "_FILE" : nil }
}
