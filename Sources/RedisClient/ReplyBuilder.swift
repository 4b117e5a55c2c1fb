import CHiredis

extension RedisReply {
  /// hiredis 0.14 stops at about this depth and 1.x later; one limit of ours makes both alike.
  /// It also bounds the recursion here.
  static let maximumDepth = 7

  /// Copies a reply out of C memory. The caller still owns the C object and frees it afterwards.
  init(copying object: UnsafePointer<redisReply>, depth: Int) throws(RedisError) {
    switch unsafe object.pointee.type {
    case REDIS_REPLY_NIL:
      self = .null
    case REDIS_REPLY_INTEGER:
      self = .integer(unsafe Int64(object.pointee.integer))
    case REDIS_REPLY_STRING:
      self = .string(try unsafe Self.text(of: object))
    case REDIS_REPLY_STATUS:
      self = .status(try unsafe Self.text(of: object))
    case REDIS_REPLY_ERROR:
      self = .error(RedisServerError(message: try unsafe Self.text(of: object)))
    case REDIS_REPLY_ARRAY:
      self = .array(try unsafe Self.elements(of: object, depth: depth + 1))
    default:
      throw .protocolViolation("a reply is of a type that RESP2 does not have")
    }
  }

  private static func text(of object: UnsafePointer<redisReply>) throws(RedisError) -> String {
    let length = unsafe Int(object.pointee.len)
    guard let start = unsafe object.pointee.str,
      (0...ReplyParser.maximumReplyBytes).contains(length)
    else { throw .protocolViolation("a string's length is out of range") }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    // Nearly all strings are ASCII; for them the general way costs several times as much.
    if unsafe bytes.allSatisfy({ $0 < 0x80 }) {
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
      throw .protocolViolation("a string is not UTF-8")
    }
    return text
  }

  private static func elements(
    of object: UnsafePointer<redisReply>,
    depth: Int
  ) throws(RedisError) -> [RedisReply] {
    let count = unsafe Int(object.pointee.elements)
    guard depth <= maximumDepth else {
      throw .protocolViolation("arrays are nested deeper than \(maximumDepth)")
    }
    guard (0...Int(ReplyParser.maximumElements)).contains(count) else {
      throw .protocolViolation("an array's length is out of range")
    }
    var elements: [RedisReply] = []
    elements.reserveCapacity(count)
    for index in 0..<count {
      guard let element = unsafe object.pointee.element?[index] else {
        throw .protocolViolation("an array lacks an element")
      }
      elements.append(try unsafe RedisReply(copying: element, depth: depth))
    }
    return elements
  }
}
