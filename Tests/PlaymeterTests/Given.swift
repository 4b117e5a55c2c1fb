import Foundation

@testable import playmeter

/// Settings as tests give them: never those of whoever runs the tests.
enum Given {
  /// A master key that is recognised anywhere it does not belong.
  static let masterKey = String(repeating: "5ec7e7", count: 10) + "c0de"

  /// Loads settings on top of the only required one.
  static func settings(
    _ environment: [String: String] = [:],
    file: String? = nil
  ) throws(ConfigurationError) -> Configuration {
    let masterKey = ["PLAYMETER_MASTER_KEY": masterKey]
    return try Configuration.load(
      environment: masterKey.merging(environment) { _, given in given },
      file: file
    )
  }

  /// The lines about what is wrong with the settings; none when nothing is.
  static func faults(_ environment: [String: String], file: String? = nil) -> [String] {
    do throws(ConfigurationError) {
      _ = try settings(environment, file: file)
      return []
    } catch {
      return error.faults.map(\.description)
    }
  }
}

/// A file that is gone with its owner.
final class ScratchFile {
  let path: String

  init(_ text: String) throws {
    let name = "playmeter-settings-\(UInt64.random(in: .min ... .max))"
    let url = FileManager.default.temporaryDirectory.appending(path: name)
    try Data(text.utf8).write(to: url)
    path = url.path
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      FileHandle.standardError.write(Data("could not remove \(path): \(error)\n".utf8))
    }
  }
}
