import Domain
import Testing

@testable import playmeter

@Suite("Texts of settings")
struct SettingTextTests {
  @Test(
    "A duration is a whole number and a unit",
    arguments: [
      ("250ms", 250), ("1s", 1000), ("240s", 240_000), ("5m", 300_000), ("4h", 14_400_000),
      ("40d", 3_456_000_000), ("0s", 0), ("007s", 7000), ("9999999999d", 863_999_999_913_600_000),
    ] as [(String, Int64)]
  )
  func durations(text: String, milliseconds: Int64) {
    #expect(DurationText.duration(of: text) == .milliseconds(milliseconds))
  }

  @Test(
    "Anything else is no duration",
    arguments: [
      "", "s", "5", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5sec", "5us", "5ss",
      "10000000000s", "٥s", "1h30m", "0x5s",
    ]
  )
  func noDurations(text: String) {
    #expect(DurationText.duration(of: text) == nil)
  }

  @Test("A duration is written with the largest unit that is exact")
  func durationTexts() {
    let texts = [0, 100, 1500, 120_000, 240_000, 3_600_000, 86_400_000 * 40]
      .map { DurationText.text(of: .milliseconds($0)) }
    #expect(texts == ["0s", "100ms", "1500ms", "2m", "4m", "1h", "40d"])
  }

  @Test(
    "An address is a host and a port",
    arguments: ["0.0.0.0:8080", "[::1]:9090", "[fe80::1%eth0]:1", "localhost:0", "a-b.c:65535"]
  )
  func addresses(text: String) {
    #expect(ListenAddress(text)?.description == text)
  }

  @Test(
    "Anything else is no address",
    arguments: [
      "", "host", "host:", ":80", "host:65536", "host:+80", "host:8 0", "::1:80", "[::1]",
      "[::1]80", "[::1", "[host]:80", "[]:80", "http://host:80", "ho st:80", "host:080000",
    ]
  )
  func noAddresses(text: String) {
    #expect(ListenAddress(text) == nil)
  }

  @Test("The distance of two names is the number of slips between them")
  func nearMisses() {
    let pairs = [("", ""), ("abc", "abc"), ("abc", "ab"), ("abc", "axc"), ("abc", "xabcy")]
    #expect(pairs.map { NearMiss.edits(Array($0.utf8), Array($1.utf8)) } == [0, 0, 1, 1, 2])
    #expect(NearMiss.of("PLAYMETER_X", among: Setting.all.map(\.name)) == nil)
  }
}
