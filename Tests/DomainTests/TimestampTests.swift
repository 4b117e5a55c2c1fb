import Domain
import Testing

@Suite("Timestamps")
struct TimestampTests {
  @Test(
    "An instant is written in UTC with milliseconds and read back",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (1_772_798_400_000, "2026-03-06T12:00:00.000Z"),
      (951_827_696_789, "2000-02-29T12:34:56.789Z"),
      (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
    ] as [(Int64, String)]
  )
  func text(milliseconds: Int64, text: String) {
    #expect(Timestamp.text(of: Instant(milliseconds: milliseconds)) == text)
    #expect(Timestamp.instant(of: text)?.milliseconds == milliseconds)
  }

  @Test("Days of many centuries are read back as they were written")
  func manyDays() {
    // A prime step meets every day of the year and every kind of leap year.
    for day in stride(from: Int64(-200_000), through: 200_000, by: 37) {
      let instant = Instant(milliseconds: day * 86_400_000 + 1)
      #expect(Timestamp.instant(of: Timestamp.text(of: instant)) == instant)
    }
  }

  @Test("Offsets and fractions are read")
  func offsets() {
    let noon: Int64 = 1_772_798_400_000
    for (text, expected) in [
      ("2026-03-06T21:00:00+09:00", noon), ("2026-03-06T07:30:00-04:30", noon),
      ("2026-03-06t12:00:00z", noon), ("2026-03-06T12:00:00.5Z", noon + 500),
      ("2026-03-06T12:00:00.123456789Z", noon + 123),
    ] {
      #expect(Timestamp.instant(of: text)?.milliseconds == expected)
    }
  }

  @Test(
    "What is no timestamp is refused",
    arguments: [
      "", "2026-03-06", "2026-03-06T12:00:00", "2026-02-29T12:00:00Z", "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-03-06T24:00:00Z",
      "2026-03-06T12:60:00Z", "2026-03-06T12:00:00.Z", "2026-03-06T12:00:00Z ",
      "2026-03-06T12:00:00+0900", "2026-03-06 12:00:00Z", "+026-03-06T12:00:00Z",
    ]
  )
  func refused(text: String) {
    #expect(Timestamp.instant(of: text) == nil)
  }
}
