/// Writes the parts of a response one after the other into space of a given size. Past the end it
/// traps.
struct ResponseWriter {
  /// What stands around a field's name and value.
  static let fieldBytes = 4

  private let space: UnsafeMutableRawBufferPointer
  /// The bytes that were written.
  private(set) var count = 0

  /// The space must outlive the writer.
  init(space: UnsafeMutableRawBufferPointer) {
    self.space = space
  }

  mutating func write(_ text: StaticString) {
    write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func write(text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  mutating func write(bytes: [UInt8]) {
    bytes.withUnsafeBytes { write($0) }
  }

  /// A field with its line's end.
  mutating func write(field name: String, _ value: String) {
    write(text: name)
    write(": ")
    write(text: value)
    write("\r\n")
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= space.count - count, "The space was measured for the response.")
    UnsafeMutableRawBufferPointer(rebasing: space[count...]).copyMemory(from: bytes)
    count += bytes.count
  }
}
