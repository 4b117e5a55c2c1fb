import Foundation

/// One text file of the project, and the tree of all of them.
struct SourceFile: Sendable {
  /// From the project's root, such as `Sources/Domain/Money.swift`.
  let path: String
  let text: String
  let lines: [Substring]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }
  var kind: String { name.split(separator: ".").last.map(String.init) ?? "" }

  /// How editors count: the empty rest after the last line feed is no line.
  var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }

  /// `path:line`, counted from 1, for a finding.
  func place(_ index: Int) -> String { "\(path):\(index + 1)" }

  /// Two directories above this file's.
  static let projectRoot = URL(filePath: #filePath)
    .deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every file that people write in a programming language.
  static func all() throws -> [SourceFile] {
    let directories = ["Sources", "Tests", "deploy", ".ci"]
    let paths = try directories.flatMap(files) + ["Package.swift", "Makefile", ".luacheckrc"]
    return try paths.filter(isProgram).map(load)
  }

  static func load(_ path: String) throws -> SourceFile {
    let text = try String(contentsOf: projectRoot.appending(path: path), encoding: .utf8)
    return SourceFile(path: path, text: text)
  }

  /// The files below a directory, with their paths from the project's root.
  private static func files(in directory: String) throws -> [String] {
    let root = projectRoot.appending(path: directory).resolvingSymlinksInPath()
    return try FileManager.default.subpathsOfDirectory(atPath: root.path)
      .sorted()
      .map { "\(directory)/\($0)" }
  }

  private static func isProgram(_ path: String) -> Bool {
    let kinds = [
      ".swift", ".lua", ".py", ".c", ".h", ".sh", "Makefile", ".ci/run", ".luacheckrc",
    ]
    return kinds.contains { path.hasSuffix($0) }
  }
}
