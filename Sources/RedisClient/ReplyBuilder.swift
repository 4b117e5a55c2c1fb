import CHiredis

/// Puts a reply together from its parts, in the order in which hiredis comes upon them.
///
/// hiredis would make an object of each part, to be copied and freed again when the reply is
/// complete: that was 3,000 instructions of each call.
struct ReplyBuilder {
  /// hiredis 0.14 stops at about this depth and 1.x later; one limit of ours makes both alike.
  static let maximumDepth = 7
  /// A header's claim is not believed before the elements come.
  private static let elementsAtOnce = 64

  /// An array of which elements are still missing.
  private struct Opened {
    var elements: [RedisReply] = []
    var missing: Int
  }

  /// The innermost is the last.
  private var arrays: [Opened] = []
  private var reply: RedisReply?
  /// Why a part was refused.
  private(set) var fault: RedisError?

  /// Hands out the reply, once it is complete.
  mutating func take() -> RedisReply? {
    defer { reply = nil }
    return reply
  }

  /// Each of these says whether the part was accepted.
  mutating func add(_ value: RedisReply) -> Bool {
    var value = value
    while let last = arrays.indices.last {
      arrays[last].elements.append(value)
      arrays[last].missing -= 1
      guard arrays[last].missing == 0 else { return true }
      value = .array(arrays.removeLast().elements)
    }
    reply = value
    return true
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer, type: Int32) -> Bool {
    guard (0...ReplyParser.maximumReplyBytes).contains(bytes.count) else {
      return refuse("a string's length is out of range")
    }
    guard let text = unsafe Self.text(bytes) else { return refuse("a string is not UTF-8") }
    switch type {
    case REDIS_REPLY_STRING: return add(.string(text))
    case REDIS_REPLY_STATUS: return add(.status(text))
    case REDIS_REPLY_ERROR: return add(.error(RedisServerError(message: text)))
    default: return refuse(Self.foreignType)
    }
  }

  mutating func addArray(of count: Int, type: Int32) -> Bool {
    guard type == REDIS_REPLY_ARRAY else { return refuse(Self.foreignType) }
    guard arrays.count < Self.maximumDepth else {
      return refuse("arrays are nested deeper than \(Self.maximumDepth)")
    }
    guard count > 0 else { return add(.array([])) }
    var array = Opened(missing: count)
    array.elements.reserveCapacity(min(count, Self.elementsAtOnce))
    arrays.append(array)
    return true
  }

  private mutating func refuse(_ reason: String) -> Bool {
    fault = .protocolViolation(reason)
    return false
  }

  private static let foreignType = "a reply is of a type that RESP2 does not have"

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
    // Nearly all strings are ASCII; for them the general way costs several times as much.
    if unsafe bytes.allSatisfy({ $0 < 0x80 }) {
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
    return unsafe String(validating: bytes, as: UTF8.self)
  }
}

extension UnsafeMutablePointer<ReplyBuilder> {
  /// The builder as hiredis calls it. It must outlive the reader.
  var sink: replySink {
    unsafe replySink(
      context: UnsafeMutableRawPointer(self),
      text: { context, type, bytes, length in
        let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(length))
        return unsafe Self(context).pointee.add(bytes, type: type)
      },
      integer: { context, number in unsafe Self(context).pointee.add(.integer(number)) },
      null: { context in unsafe Self(context).pointee.add(.null) },
      array: { context, type, count in
        unsafe Self(context).pointee.addArray(of: Int(count), type: type)
      }
    )
  }

  private init(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else {
      preconditionFailure("hiredis hands on what it was given.")
    }
    unsafe self = context.assumingMemoryBound(to: ReplyBuilder.self)
  }
}
