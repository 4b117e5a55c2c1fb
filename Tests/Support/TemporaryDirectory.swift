import Foundation

/// A private directory below the system's temporary one, removed with its owner. Its path is short:
/// a Unix socket's may not be longer than 107 bytes.
public final class TemporaryDirectory: Sendable {
  public let path: String

  public init() throws {
    let name = "playmeter-\(UInt64.random(in: .min ... .max))"
    let url = FileManager.default.temporaryDirectory.appending(path: name)
    try FileManager.default.createDirectory(
      at: url,
      withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700]
    )
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
