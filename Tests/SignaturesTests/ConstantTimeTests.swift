import Signatures
import Testing

@Suite("Secrets are compared whole")
struct ConstantTimeTests {
  @Test("Equal bytes are equal, also none at all")
  func equal() {
    #expect(ConstantTime.isEqual([], []))
    #expect(ConstantTime.isEqual([1, 2, 3], [1, 2, 3]))
  }

  @Test("One bit anywhere makes them unequal", arguments: 0..<32)
  func oneBit(position: Int) {
    let secret = RandomBytes.generate(count: 32)
    var other = secret
    other[position] ^= 1 << UInt8(position % 8)
    #expect(!ConstantTime.isEqual(secret, other))
  }

  @Test("A prefix is not equal to the whole, in either order")
  func lengths() {
    #expect(!ConstantTime.isEqual([1, 2], [1, 2, 3]))
    #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2]))
    #expect(!ConstantTime.isEqual([], [0]))
  }
}
