import HTTPTypes
import NIOHTTP1

/// The header fields of a request, as they were read.
///
/// They stay bytes until somebody asks for one: a request has eight of them, and we look at three.
/// A string for each name and value was 8 % of a heartbeat's instructions.
struct RequestFields: Sendable {
  /// Where a field stands among the bytes.
  struct Place {
    let name: Range<Int>
    let value: Range<Int>

    /// What the field takes without the end of its line.
    var byteCount: Int { value.upperBound - name.lowerBound }
  }

  private let bytes: [UInt8]
  private let places: [Place]

  /// - Parameters:
  ///   - bytes: At least the fields; what else stands there does not matter.
  ///   - places: The fields in their order. Names are tokens (RFC 9110).
  init(_ bytes: [UInt8], at places: [Place]) {
    self.bytes = bytes
    self.places = places
  }

  init(_ headers: HTTPHeaders) {
    var bytes: [UInt8] = []
    places = headers.map { name, value in
      let start = bytes.count
      bytes += name.utf8
      let middle = bytes.count
      bytes += value.utf8
      return Place(name: start..<middle, value: middle..<bytes.count)
    }
    self.bytes = bytes
  }

  /// The value of a field; the values of one that is repeated are joined by commas.
  subscript(name: HTTPField.Name) -> String? {
    guard let first = places.firstIndex(where: { isName(name, at: $0) }) else { return nil }
    let value = text(places[first])
    let others = places[(first + 1)...].filter { isName(name, at: $0) }
    return others.isEmpty ? value : ([value] + others.map(text)).joined(separator: ", ")
  }

  /// The values of a field in their order.
  subscript(values name: HTTPField.Name) -> [String] {
    places.filter { isName(name, at: $0) }.map(text)
  }

  /// Whether a field is there once, with just this value.
  func has(_ name: HTTPField.Name, _ value: StaticString) -> Bool {
    guard let first = places.firstIndex(where: { isName(name, at: $0) }),
      !places[(first + 1)...].contains(where: { isName(name, at: $0) })
    else { return false }
    let bytes = bytes[places[first].value]
    return value.withUTF8Buffer { bytes.elementsEqual($0) }
  }

  /// Case does not matter in names, and is one bit in all characters that our own names have.
  private func isName(_ name: HTTPField.Name, at place: Place) -> Bool {
    let wanted = name.canonicalName.utf8
    guard place.name.count == wanted.count else { return false }
    var index = place.name.lowerBound
    for byte in wanted {
      guard bytes[index] | 0x20 == byte else { return false }
      index += 1
    }
    return true
  }

  private func text(_ place: Place) -> String {
    String(decoding: bytes[place.value], as: UTF8.self)
  }
}
