import Signatures
import Testing

@Suite("Random bytes")
struct RandomBytesTests {
  @Test("There are as many as asked for", arguments: [0, 1, 16, 4096])
  func count(count: Int) {
    #expect(RandomBytes.generate(count: count).count == count)
  }

  /// A repeat among a thousand 16-byte values has a probability below 2^-108.
  @Test("They do not repeat")
  func unique() {
    let values = Set((0..<1000).map { _ in RandomBytes.generate(count: 16) })
    #expect(values.count == 1000)
  }

  /// A value of 256 is missing among 64 KiB by chance with a probability below 10^-100.
  @Test("Every value occurs")
  func spread() {
    #expect(Set(RandomBytes.generate(count: 65_536)).count == 256)
  }
}
