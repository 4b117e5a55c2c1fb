import Domain
import Testing

struct MoneyTests {
  @Test(
    "G-coin with up to three decimals is read exactly",
    arguments: [
      ("0", 0), ("1", 1000), ("12.5", 12_500), ("230.125", 230_125), ("-3", -3000),
      ("+0.001", 1), ("-0.5", -500), ("9999999999.999", 9_999_999_999_999),
    ] as [(String, Int64)]
  )
  func reads(text: String, milliGCoin: Int64) {
    #expect(Money(gCoin: text) == Money(milliGCoin: milliGCoin))
  }

  @Test(
    "Anything else is refused",
    arguments: [
      "", "-", ".", "1.", ".5", "1.2345", "1e3", " 1", "1 ", "0x1", "--1", "1.2.3", "10000000000",
      "١", "1,5",
    ]
  )
  func refuses(text: String) {
    #expect(Money(gCoin: text) == nil)
  }

  @Test("The text form has three decimals and a sign below zero")
  func text() {
    #expect(Money(milliGCoin: 12_500).gCoinText == "12.500")
    #expect(Money(milliGCoin: -1).gCoinText == "-0.001")
    #expect(Money(milliGCoin: 0).gCoinText == "0.000")
  }

  @Test("A tariff is refused outside 0.06 to 100,000 G-coin an hour")
  func tariffRange() {
    #expect(Tariff(gCoinPerHour: "0.059") == nil)
    #expect(Tariff(gCoinPerHour: "0.06")?.milliGCoinPerHour == 60)
    #expect(Tariff(gCoinPerHour: "100000")?.milliGCoinPerHour == 100_000_000)
    #expect(Tariff(gCoinPerHour: "100000.001") == nil)
  }
}
