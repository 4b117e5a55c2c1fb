/// Writes RESP2 into space of a given size. Past the end it traps.
@unsafe struct RESPWriter {
  private let space: UnsafeMutableRawBufferPointer
  /// The bytes that were written.
  private(set) var count = 0

  /// The space must outlive the writer.
  init(space: UnsafeMutableRawBufferPointer) {
    unsafe self.space = space
  }

  /// Writes the beginning of an array.
  mutating func write(arrayOf number: Int) {
    unsafe require(RedisCommand.frameBytes)
    unsafe put(UInt8(ascii: "*"), number)
  }

  /// Writes a text as a bulk string.
  mutating func write(word text: String) {
    var text = text
    text.withUTF8 { bytes in
      unsafe require(RedisCommand.frameBytes + bytes.count)
      unsafe put(UInt8(ascii: "$"), bytes.count)
      unsafe copy(UnsafeRawBufferPointer(bytes))
      unsafe endLine()
    }
  }

  /// Writes a number that is not negative as a bulk string.
  mutating func write(number: Int) {
    unsafe require(2 * RedisCommand.frameBytes)
    unsafe put(UInt8(ascii: "$"), Self.digitCount(of: number))
    unsafe put(digitsOf: number)
    unsafe endLine()
  }

  /// Writes what is RESP2 already.
  mutating func write(encoded bytes: [UInt8]) {
    unsafe require(bytes.count)
    unsafe bytes.withUnsafeBytes { unsafe copy($0) }
  }

  /// All else relies on it, once for each part: to ask before each byte was a fifth of the work.
  private func require(_ bytes: Int) {
    precondition(unsafe bytes <= space.count - count, "The space was measured for the command.")
  }

  /// A mark, a number that is not negative, and a line end.
  private mutating func put(_ mark: UInt8, _ number: Int) {
    unsafe put(mark)
    unsafe put(digitsOf: number)
    unsafe endLine()
  }

  private mutating func put(digitsOf number: Int) {
    precondition(number >= 0, "A length is never negative.")
    // Divisions are slow, and most words are short.
    if number < 10 {
      unsafe put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number))
      return
    }
    let end = unsafe count + Self.digitCount(of: number)
    var rest = number
    for index in unsafe (count..<end).reversed() {
      unsafe space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    unsafe count = end
  }

  private static func digitCount(of number: Int) -> Int {
    var count = 1
    var rest = number
    while rest >= 10 {
      count += 1
      rest /= 10
    }
    return count
  }

  private mutating func endLine() {
    unsafe put(UInt8(ascii: "\r"))
    unsafe put(UInt8(ascii: "\n"))
  }

  private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: space[count...])
    unsafe rest.copyMemory(from: bytes)
    unsafe count += bytes.count
  }

  private mutating func put(_ byte: UInt8) {
    unsafe space[count] = byte
    unsafe count += 1
  }
}
