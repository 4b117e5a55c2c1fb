import HTTPTypes
import NIOHTTP1

/// The header fields of a request, as the parser read them.
///
/// A search compares names in place; `HTTPFields` would first check and lower-case every name and
/// check every value, of which a request needs four.
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
