import Foundation

/// A file that a secret was read from.
struct SecretFile: Sendable {
  /// The setting or the option that names it.
  let subject: String
  let path: String

  private static let readableForOthers = 0o004
  private static let writableForOthers = 0o002

  /// Whoever has an account on this machine can read or change the secret; nil when not, and for a
  /// file that is gone.
  var warning: String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let mode = attributes?[.posixPermissions] as? Int else { return nil }
    let can: String
    if mode & Self.writableForOthers != 0 {
      can = "change"
    } else if mode & Self.readableForOthers != 0 {
      can = "read"
    } else {
      return nil
    }
    return "\(subject): everybody on this machine can \(can) \(Printable.text(path)): "
      + "run chmod o= on it, and replace the secret"
  }
}
