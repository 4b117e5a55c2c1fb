import Hummingbird
import HTTPTypes
import NIOCore

/// The bytes of a request's body, read no further than the bound.
enum BoundedBody: Sendable {
  /// Everything.
  case complete([UInt8])
  /// More than the bound, or announced to be more; the rest was not read.
  case tooLarge
  /// The connection broke or its bytes are no HTTP.
  case unreadable

  /// The largest body that the contract allows.
  static let maximumBytes = 16 * 1024

  /// Reads a body; a `Content-Length` is believed only when it is too large.
  static func read(_ request: Request) async -> BoundedBody {
    if let text = request.headers[.contentLength], (Int(text) ?? Int.max) > maximumBytes {
      return .tooLarge
    }
    var bytes: [UInt8] = []
    var iterator = request.body.makeAsyncIterator()
    do {
      while let buffer = try await iterator.next() {
        guard bytes.count + buffer.readableBytes <= maximumBytes else { return .tooLarge }
        bytes.append(contentsOf: buffer.readableBytesView)
      }
    } catch {
      return .unreadable
    }
    return .complete(bytes)
  }

  /// Whether the connection can carry another request afterwards.
  var isComplete: Bool {
    if case .complete = self { true } else { false }
  }
}
