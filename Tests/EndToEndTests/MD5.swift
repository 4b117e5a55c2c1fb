import Foundation

/// MD5 (RFC 1321), which TURN's long-term credentials are made of. Nothing else may rest on it, so
/// the service has none.
enum MD5 {
  private static let shifts: [[UInt32]] = [
    [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
  ]
  private static let sines = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }

  /// 16 bytes.
  static func digest(_ message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    let padding = [0x80] + [UInt8](repeating: 0, count: (119 - message.count % 64) % 64)
    let padded = message + padding + bytes(UInt64(message.count) * 8)
    for start in stride(from: 0, to: padded.count, by: 64) {
      mix(&state, words(padded[start..<start + 64]))
    }
    return state.flatMap(bytes)
  }

  private static func mix(_ state: inout [UInt32], _ block: [UInt32]) {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for step in 0..<64 {
      let (f, index) =
        switch step / 16 {
        case 0: ((b & c) | (~b & d), step)
        case 1: ((d & b) | (~d & c), (5 * step + 1) % 16)
        case 2: (b ^ c ^ d, (3 * step + 5) % 16)
        default: (c ^ (b | ~d), 7 * step % 16)
        }
      let sum = a &+ f &+ sines[step] &+ block[index]
      let shift = shifts[step / 16][step % 4]
      (a, d, c) = (d, c, b)
      b = b &+ (sum << shift | sum >> (32 - shift))
    }
    for (index, word) in [a, b, c, d].enumerated() { state[index] &+= word }
  }

  private static func words(_ bytes: ArraySlice<UInt8>) -> [UInt32] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: 4)
      .map { start in bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
  }

  private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
