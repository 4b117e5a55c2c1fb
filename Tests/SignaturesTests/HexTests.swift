import Signatures
import Testing

@Suite("Hexadecimal text is strict")
struct HexTests {
  @Test("Every byte survives the way there and back, in lower case")
  func roundTrip() {
    let bytes = [UInt8](UInt8.min...UInt8.max)
    let text = Hex.encode(bytes)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
    #expect(Hex.decode(text) == bytes)
    #expect(Hex.encode([]).isEmpty)
  }

  @Test("Upper-case and mixed digits are read")
  func upperCase() {
    #expect(Hex.decode("00aAFf") == [0x00, 0xaa, 0xff])
    #expect(Hex.decode("") == [])
  }

  @Test(
    "Anything but pairs of digits is refused",
    arguments: [
      "0", "abc", "0x00", "g0", "0g", " 00", "0 ", "-1", "/0", ":0", "@0", "`0", "０", "é",
    ]
  )
  func refused(text: String) {
    #expect(Hex.decode(text) == nil)
  }
}
