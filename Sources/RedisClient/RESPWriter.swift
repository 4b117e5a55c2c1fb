/// Writes RESP2 into space of a given size. Past the end it traps.
@unsafe struct RESPWriter {
  private let space: UnsafeMutableRawBufferPointer
  /// The bytes that were written.
  private(set) var count = 0

  /// The space must outlive the writer.
  init(space: UnsafeMutableRawBufferPointer) {
    unsafe self.space = space
  }

  /// Writes a mark, a number that is not negative, and a line end.
  mutating func write(_ mark: Unicode.Scalar, count number: Int) {
    precondition(number >= 0, "A length is never negative.")
    unsafe put(UInt8(ascii: mark))
    // Divisions are slow, and most arguments are short.
    if number < 10 {
      unsafe put(UInt8(ascii: "0") + UInt8(number))
      unsafe endLine()
      return
    }
    var power = 10
    while number / power >= 10 { power *= 10 }
    while power > 0 {
      unsafe put(UInt8(ascii: "0") + UInt8(number / power % 10))
      power /= 10
    }
    unsafe endLine()
  }

  /// Writes a text and a line end.
  mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: space[count...])
      unsafe rest.copyMemory(from: UnsafeRawBufferPointer(bytes))
      unsafe count += bytes.count
    }
    unsafe endLine()
  }

  private mutating func endLine() {
    unsafe put(UInt8(ascii: "\r"))
    unsafe put(UInt8(ascii: "\n"))
  }

  private mutating func put(_ byte: UInt8) {
    precondition(unsafe count < space.count, "The space was measured for the command.")
    unsafe space[count] = byte
    unsafe count += 1
  }
}
