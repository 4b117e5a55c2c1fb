/// What fuzzers make their inputs with.
extension SeededRandom {
  /// Lengths around which limits lie.
  public static let boundaries = [
    0, 1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1023, 2047, 2048, 2049, 4096,
    8191, 8192, 8193,
  ]

  public mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True once in so many times.
  public mutating func once(in count: Int) -> Bool { number(1...count) == 1 }

  /// One of some things, of which there must be any.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(0...elements.count - 1)]
  }

  /// The same bytes with a few faults: bits turned, parts lost, repeated or moved, words put in.
  public mutating func damaged(_ bytes: [UInt8], words: [String]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<number(1...4) { damage(&bytes, words) }
    return bytes
  }

  /// The same bytes in pieces as a network may deliver them, short ones above all.
  public mutating func pieces(of bytes: [UInt8], atMost limit: Int = 16) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let isLast = pieces.count + 1 >= limit
      let count = isLast ? rest.count : number(1...max(1, once(in: 2) ? 5 : rest.count))
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }

  private mutating func damage(_ bytes: inout [UInt8], _ words: [String]) {
    let place = number(0...bytes.count)
    let end = min(bytes.count, place + number(0...9))
    switch number(0...7) {
    case 0: bytes = Array(bytes.prefix(place))
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: number(0...bytes.count))
    case 3: bytes.insert(UInt8.random(in: .min ... .max, using: &self), at: place)
    case 4 where place < bytes.count: bytes[place] ^= 1 << UInt8(number(0...7))
    case 5 where place < bytes.count: bytes[place] = .random(in: .min ... .max, using: &self)
    default: bytes.insert(contentsOf: pick(words).utf8, at: place)
    }
  }
}
