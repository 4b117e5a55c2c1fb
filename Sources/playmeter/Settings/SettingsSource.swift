import Configuration

/// Where the texts of settings come from: the environment of the process first, then the file.
///
/// An empty value counts as not set, so that a line of the example file can be uncommented and left
/// empty, and a container's manifest can pass a variable on that nobody set.
struct SettingsSource {
  /// What all our variables start with; others are none of our business.
  static let prefix = "PLAYMETER_"
  /// More than any secret or URL takes.
  private static let maximumSecretBytes = 4096

  private let reader: ConfigReader
  /// Every name with our prefix, set or empty, and where it stands.
  private let places: [String: String]

  /// A source from an environment and a file.
  init(environment: [String: String], file: EnvironmentFile) {
    let ours = environment.filter { $0.key.hasPrefix(Self.prefix) }
    reader = ConfigReader(
      providers: [Self.provider(ours), Self.provider(file.values)]
    )
    let inFile = file.values.mapValues { _ in "the file" }
    places = ours.mapValues { _ in "the environment" }.merging(inFile) { first, _ in first }
  }

  /// The text of a setting and the variable that it came from; nil when it is not set.
  ///
  /// - Throws: A fault when a secret is set twice or its file cannot be used.
  func text(of setting: Setting) throws(SettingFault) -> (value: String, origin: String)? {
    let value = string(setting.name, isSecret: setting.isSecret)
    guard let fileName = setting.fileName, let path = string(fileName, isSecret: false) else {
      return value.map { ($0, setting.name) }
    }
    guard value == nil else {
      throw SettingFault(setting.name, "is set together with \(fileName); set only one of them")
    }
    var text = try BoundedFile.text(
      path: path,
      maximumBytes: Self.maximumSecretBytes,
      for: fileName
    )
    // Editors and `echo` leave one line feed at the end; more than one is part of the secret.
    if text.hasSuffix("\n") { text.removeLast() }
    guard !text.isEmpty else { throw SettingFault(fileName, "the file is empty") }
    return (text, fileName)
  }

  /// Names that no setting has. Their values are not shown: one may be a secret whose name was
  /// mistyped.
  var unknownNames: [SettingFault] {
    let known = Setting.all.flatMap { [$0.name] + [$0.fileName].compactMap(\.self) }
    return places.keys.filter { !known.contains($0) }.sorted()
      .map { name in
        let guess = NearMiss.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
        return SettingFault(
          Printable.text(name),
          "there is no such setting (in \(places[name] ?? "the environment"))\(guess)"
        )
      }
  }

  private static func provider(_ values: [String: String]) -> EnvironmentVariablesProvider {
    EnvironmentVariablesProvider(
      environmentVariables: values.filter { !$0.value.isEmpty },
      secretsSpecifier: .specific(Set(Setting.all.filter(\.isSecret).map(\.name)))
    )
  }

  /// The name is one component of the key, which the provider leaves as it is.
  private func string(_ name: String, isSecret: Bool) -> String? {
    reader.string(forKey: ConfigKey([name]), isSecret: isSecret)
  }
}
