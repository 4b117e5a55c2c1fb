import Signatures
import Testing

@Suite("Base64 agrees with the published vectors")
struct Base64Tests {
  @Test(
    "Every length of the last group gives the answer of RFC 4648",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]
  )
  func vectors(text: String, expected: String) {
    #expect(Base64.encode(Array(text.utf8)) == expected)
  }

  @Test("Bytes of all bits give the digits behind the letters")
  func allBits() {
    #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
  }
}
