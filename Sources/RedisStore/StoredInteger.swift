/// Integers as Redis keeps them.
///
/// The scripts compute in Lua, whose numbers are doubles, so nothing of ours is ever beyond 2^53.
/// Whatever is comes from somebody else, and would overflow where it is added to or multiplied.
extension Int64 {
  /// 2^53: even as seconds it is less than 2^63 milliseconds.
  private static let largestStored: Int64 = 1 << 53

  /// A number of a reply; nil for one that cannot be ours.
  init?(stored number: Int64) {
    guard number.magnitude <= Self.largestStored.magnitude else { return nil }
    self = number
  }

  /// The same written as text.
  init?(stored text: String) {
    guard let number = Int64(text) else { return nil }
    self.init(stored: number)
  }
}
