import Foundation

/// Where the things are that tests start: build products beside the test bundle, files of the
/// project, programs of the system.
public enum BuildProducts {
  /// The directory of the running test bundle: `.build/debug`, or what `--scratch-path` made of it.
  static var directory: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// The root of the source tree, two directories above this file's.
  public static var projectRoot: URL {
    URL(filePath: #filePath)
      .deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// A product of this package, such as `playmeter`. Throws when it has not been built.
  static func path(of product: String) throws -> String {
    let path = directory.appending(path: product).path
    guard FileManager.default.fileExists(atPath: path) else {
      throw SupportError("\(path) is missing: `swift build --build-tests` makes it")
    }
    return path
  }

  /// A program of the system, found as a shell would. Throws when there is none.
  static func program(_ name: String) throws -> String {
    let directories = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    // Where Debian puts servers, which is not in everybody's path.
    for directory in "\(directories):/usr/sbin".split(separator: ":") {
      let path = "\(directory)/\(name)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw SupportError("\(name) is not installed; `make test` installs what the tests need")
  }
}
