/// Guesses which name was meant by a mistyped one.
enum NearMiss {
  /// Slips of the finger that still make a guess worthwhile.
  private static let maximumEdits = 3

  /// The name that is reached with the fewest edits, if few enough.
  static func of(_ name: String, among names: [String]) -> String? {
    let distances = names.map { (name: $0, edits: edits(Array(name.utf8), Array($0.utf8))) }
    guard let nearest = distances.min(by: { $0.edits < $1.edits }),
      nearest.edits <= maximumEdits
    else { return nil }
    return nearest.name
  }

  /// How many characters must be inserted, removed or replaced to turn one name into the other
  /// (Levenshtein distance).
  static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, character) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let replaced = previous[column] + (character == other ? 0 : 1)
        current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}
