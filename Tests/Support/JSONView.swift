import Foundation

/// A JSON document, read by paths such as `data.games.0.game_id`. A path that leads nowhere and a
/// value of another type throw ``SupportError`` with the document.
public enum JSONView: Sendable, Equatable, Decodable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONView])
  case object([String: JSONView])

  public init(_ bytes: [UInt8]) throws {
    do {
      self = try JSONDecoder().decode(JSONView.self, from: Data(bytes))
    } catch {
      throw SupportError("no JSON: \(String(decoding: bytes, as: UTF8.self))")
    }
  }

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let boolean = try? value.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let array = try? value.decode([JSONView].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: JSONView].self))
    }
  }

  public func string(_ path: String) throws -> String {
    guard case .string(let value) = try self.value(path) else { throw mismatch(path, "string") }
    return value
  }

  public func integer(_ path: String) throws -> Int {
    guard case .integer(let value) = try self.value(path) else { throw mismatch(path, "integer") }
    return value
  }

  public func boolean(_ path: String) throws -> Bool {
    guard case .boolean(let value) = try self.value(path) else { throw mismatch(path, "boolean") }
    return value
  }

  /// Whether the member is there and null.
  public func isNull(_ path: String) throws -> Bool {
    try value(path) == .null
  }

  /// Whether the member is there, null or not.
  public func has(_ path: String) -> Bool {
    find(path) != nil
  }

  /// The elements of an array; of the document itself without a path.
  public func array(_ path: String = "") throws -> [JSONView] {
    guard case .array(let value) = try self.value(path) else { throw mismatch(path, "array") }
    return value
  }

  /// The names of an object's members; of the document itself without a path.
  public func keys(_ path: String = "") throws -> Set<String> {
    guard case .object(let value) = try self.value(path) else { throw mismatch(path, "object") }
    return Set(value.keys)
  }

  public func value(_ path: String) throws -> JSONView {
    guard let value = find(path) else { throw SupportError("no \(path) in \(self)") }
    return value
  }

  func find(_ path: String) -> JSONView? {
    var current = self
    for step in path.split(separator: ".") {
      switch current {
      case .object(let members):
        guard let next = members[String(step)] else { return nil }
        current = next
      case .array(let elements):
        guard let index = Int(step), elements.indices.contains(index) else { return nil }
        current = elements[index]
      case .null, .boolean, .integer, .number, .string:
        return nil
      }
    }
    return current
  }

  private func mismatch(_ path: String, _ type: String) -> SupportError {
    SupportError("\(path) is no \(type) in \(self)")
  }
}
