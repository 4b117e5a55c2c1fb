import Foundation

/// A private directory, removed with its owner. Its path is short: a Unix socket's may not be
/// longer than 107 bytes.
///
/// It lies in memory where there is room: no test is about the disk, and servers that sync every
/// command to one keep each other waiting. `TMPDIR` overrules that.
public final class TemporaryDirectory: Sendable {
  /// Where it is.
  public let path: String

  /// Creates a directory of its own.
  public init() throws {
    let name = "playmeter-\(UInt64.random(in: .min ... .max))"
    let url = Self.home.appending(path: name)
    try FileManager.default.createDirectory(
      at: url,
      withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700]
    )
    path = url.path
  }

  /// More than all tests that run at once need; a container's may be 64 MiB.
  private static let roomInMemory = 2 << 30

  private static let home: URL = {
    let usual = FileManager.default.temporaryDirectory
    let memory = "/dev/shm"
    guard ProcessInfo.processInfo.environment["TMPDIR"] == nil,
      let system = try? FileManager.default.attributesOfFileSystem(forPath: memory),
      let room = system[.systemFreeSize] as? Int, room >= roomInMemory
    else { return usual }
    return URL(filePath: memory)
  }()

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      FileHandle.standardError.write(Data("could not remove \(path): \(error)\n".utf8))
    }
  }
}
