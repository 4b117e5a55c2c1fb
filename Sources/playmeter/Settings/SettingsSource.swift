import Configuration
import Foundation

/// Where the texts of settings come from: the environment of the process first, then the file.
/// Secrets may also be files, and credentials that systemd passes (`LoadCredential=`), named as
/// their settings.
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
  /// The directory of the credentials.
  private let credentials: String?
  private let file: EnvironmentFile

  /// A source from an environment and a file.
  init(environment: [String: String], file: EnvironmentFile) {
    self.file = file
    let ours = environment.filter { $0.key.hasPrefix(Self.prefix) }
    reader = ConfigReader(
      providers: [Self.provider(ours), Self.provider(file.values)]
    )
    credentials = environment["CREDENTIALS_DIRECTORY"]
    let inFile = file.values.mapValues { _ in "the file" }
    places = ours.mapValues { _ in "the environment" }.merging(inFile) { first, _ in first }
  }

  /// The text of a setting and the variable that it came from; nil when it is not set.
  ///
  /// - Throws: A fault when a secret is set twice or its file cannot be used.
  func text(of setting: Setting) throws(SettingFault) -> (value: String, origin: String)? {
    let value = string(setting.name, isSecret: setting.isSecret)
    if let credential = credential(setting) {
      guard value == nil else {
        throw SettingFault(setting.name, "is set although systemd passes it; set it in one place")
      }
      return (try secret(at: credential, from: setting.name), "credential \(setting.name)")
    }
    guard let fileName = setting.fileName, let path = string(fileName, isSecret: false) else {
      return value.map { ($0, setting.name) }
    }
    guard value == nil else {
      throw SettingFault(setting.name, "is set together with \(fileName); set only one of them")
    }
    return (try secret(at: path, from: fileName), fileName)
  }

  /// Where systemd has put a secret. It goes before the setting that names a file: that one is for
  /// commands, and the service may not read it.
  private func credential(_ setting: Setting) -> String? {
    guard setting.isSecret, let credentials else { return nil }
    let path = "\(credentials)/\(setting.name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  private func secret(at path: String, from origin: String) throws(SettingFault) -> String {
    var text = try BoundedFile.text(
      path: path,
      maximumBytes: Self.maximumSecretBytes,
      for: origin
    )
    // Editors and `echo` leave one line feed at the end; more than one is part of the secret.
    if text.hasSuffix("\n") { text.removeLast() }
    guard !text.isEmpty else { throw SettingFault(origin, "the file is empty") }
    return text
  }

  /// The files that secrets are in. Credentials are not among them: systemd keeps those.
  var secretFiles: [SecretFile] {
    let secrets = Setting.all.filter(\.isSecret)
    let own = secrets.compactMap(\.fileName)
      .compactMap { name in
        string(name, isSecret: false).map { SecretFile(subject: name, path: $0) }
      }
    guard let path = file.path, secrets.contains(where: { !(file.values[$0.name] ?? "").isEmpty })
    else { return own }
    return own + [SecretFile(subject: "--env-file", path: path)]
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
