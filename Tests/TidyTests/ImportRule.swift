/// Which module may import what. The arrows of the architecture point one way only.
enum ImportRule {
  /// The project's own modules that each module may import.
  static let layers: [String: Set<String>] = [
    "Domain": [],
    "JSON": [],
    "Ledger": ["Domain", "JSON", "Signatures"],
    "Signatures": ["COpenSSL"],
    "PrometheusText": [],
    "TLS": [],
    "RedisClient": ["CHiredis", "TLS"],
    "RedisStore": ["Domain", "Ledger", "RedisClient", "Signatures"],
    "Archive": ["CZlib", "Domain", "JSON", "Ledger"],
    "HTTPAPI": ["Domain", "JSON", "Ledger", "Signatures", "TLS"],
    "playmeter": [
      "Archive", "Domain", "HTTPAPI", "JSON", "Ledger", "PrometheusText", "RedisClient",
      "RedisStore", "Signatures", "TLS",
    ],
  ]

  /// Modules that only declare C functions.
  static let cModules: Set<String> = ["CHiredis", "COpenSSL", "CZlib"]

  /// Modules of others that stay where they belong: at the edge.
  static let confined: [String: Set<String>] = [
    "Hummingbird": ["HTTPAPI", "playmeter"],
    "HummingbirdCore": ["HTTPAPI", "playmeter"],
    "Foundation": ["Archive", "HTTPAPI", "playmeter"],
    "FoundationEssentials": ["HTTPAPI", "playmeter"],
    "ArgumentParser": ["playmeter"],
    "Configuration": ["playmeter"],
    "NIOSSL": ["TLS"],
    "NIOTLS": ["TLS"],
  ]

  /// Modules that import nothing but what `layers` says, not even a library.
  static let pure: Set<String> = ["Domain", "JSON", "Signatures"]

  static func findings(in file: SourceFile) -> [String] {
    let steps = file.path.split(separator: "/")
    guard file.kind == "swift", steps.first == "Sources", steps.count > 2 else { return [] }
    let module = String(steps[1])
    guard let allowed = layers[module] else { return ["\(file.path): \(module) is in no layer"] }
    return file.lines.enumerated()
      .compactMap { index, line in
        guard let imported = importedModule(line) else { return nil }
        return mayImport(imported, from: module, allowed)
          ? nil : "\(file.place(index)): \(module) must not import \(imported)"
      }
  }

  private static func mayImport(
    _ imported: String,
    from module: String,
    _ allowed: Set<String>
  ) -> Bool {
    let isOurs = layers[imported] != nil || cModules.contains(imported)
    if isOurs || pure.contains(module) { return allowed.contains(imported) }
    return confined[imported]?.contains(module) ?? true
  }

  /// `Name` of `private import struct Name.Part`.
  private static func importedModule(_ line: Substring) -> String? {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "." })
    guard let keyword = words.firstIndex(of: "import") else { return nil }
    let modifiers: Set<Substring> = ["private", "fileprivate", "internal", "package", "public"]
    guard words[..<keyword].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else {
      return nil
    }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let"]
    return words[(keyword + 1)...].first { !kinds.contains($0) }.map(String.init)
  }
}
