import HTTPTypes
import NIOHTTP1

/// The header fields of a request, as the parser read them.
///
/// A search compares names in place. To make `HTTPFields` of them first, with a checked and
/// lower-cased name each, took 2 µs of the 30 that a request cost.
struct RequestFields: Sendable {
  private let headers: HTTPHeaders

  init(_ headers: HTTPHeaders) { self.headers = headers }

  /// The value of a field; the values of one that is repeated are joined by commas.
  subscript(name: HTTPField.Name) -> String? {
    let values = self[values: name]
    return values.count <= 1 ? values.first : values.joined(separator: ", ")
  }

  /// The values of a field in their order.
  subscript(values name: HTTPField.Name) -> [String] { headers[name.rawName] }
}
