/// Reads settings one after the other and notes every fault instead of stopping at the first.
struct SettingsReader {
  /// What was wrong so far.
  private(set) var faults: [SettingFault] = []
  /// The settings that were asked for, for the test that holds the table and the reading together.
  private(set) var settingsRead: [Setting] = []
  private let source: SettingsSource
  private var faultySettings: Set<Setting> = []

  /// The files that secrets are in.
  var secretFiles: [SecretFile] { source.secretFiles }

  /// A reader of a source.
  init(_ source: SettingsSource) {
    self.source = source
  }

  /// A setting with a default. After a fault it is the default, so that reading can go on.
  mutating func value<Value>(_ setting: Setting, _ parse: (String) -> Value?) -> Value {
    guard let value = optional(setting, parse) ?? parse(setting.defaultText) else {
      preconditionFailure("The default of \(setting.name) breaks its own rule.")
    }
    return value
  }

  /// A setting that may be absent; nil also after a fault.
  mutating func optional<Value>(_ setting: Setting, _ parse: (String) -> Value?) -> Value? {
    settingsRead.append(setting)
    do throws(SettingFault) {
      guard let text = try source.text(of: setting) else { return nil }
      guard let value = parse(text.value) else {
        throw SettingFault(setting, origin: text.origin, value: text.value)
      }
      return value
    } catch {
      note(error, about: setting)
      return nil
    }
  }

  /// A setting that must be there; nil only after a fault.
  mutating func required<Value>(_ setting: Setting, _ parse: (String) -> Value?) -> Value? {
    let value = optional(setting, parse)
    if value == nil, !faultySettings.contains(setting) {
      note(SettingFault(setting.name, "is required: \(setting.rule)"), about: setting)
    }
    return value
  }

  /// A duration within its setting's range.
  mutating func duration(_ setting: Setting) -> Duration {
    guard let range = setting.durations else {
      preconditionFailure("\(setting.name) is no duration.")
    }
    return value(setting) { text in
      DurationText.duration(of: text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// Notes a fault of settings that contradict each other, unless one of them is faulty already:
  /// the values compared would not be the ones that were set.
  mutating func demand(_ isTrue: Bool, of setting: Setting, with other: Setting, _ rule: String) {
    guard !isTrue, !faultySettings.contains(setting), !faultySettings.contains(other) else {
      return
    }
    note(SettingFault(setting.name, rule), about: setting)
  }

  /// Notes a fault.
  mutating func note(_ fault: SettingFault, about setting: Setting) {
    faults.append(fault)
    faultySettings.insert(setting)
  }
}
