import Domain
import Testing

@testable import playmeter

@Suite("The script of the evening")
struct DemoEveningTests {
  private static let pcs = Evening.standard.cafes.flatMap(\.pcs)

  private static var endings: [EndReason] {
    pcs.flatMap(\.cues)
      .compactMap { cue in
        if case .play(_, _, let reason) = cue.action { reason } else { nil }
      }
  }

  @Test("Its sessions end for every reason there is, each once")
  func everyReason() {
    #expect(Self.endings.count == EndReason.allCases.count)
    #expect(Set(Self.endings) == Set(EndReason.allCases))
  }

  @Test("It has two cafes and six PCs with different names")
  func cast() {
    #expect(Evening.standard.cafes.count == 2)
    #expect(Set(Self.pcs.map(\.name)).count == 6)
  }

  @Test("The cues of a PC are in the order of time", arguments: pcs.indices)
  func order(pc: Int) {
    let beats = Self.pcs[pc].cues.map(\.beat)
    #expect(beats == beats.sorted())
  }

  @Test("Every launcher is closed or crashes in the end", arguments: pcs.indices)
  func launchersEnd(pc: Int) {
    let last = Self.pcs[pc].cues.last?.action
    #expect(last == .exitLauncher || last == .crashLauncher)
  }

  @Test("Everybody has started playing before the operator takes money back")
  func startsBeforeCorrections() {
    for cafe in Evening.standard.cafes {
      let starts = cafe.pcs.flatMap(\.cues)
        .filter { cue in
          if case .play = cue.action { true } else { false }
        }
      #expect(starts.allSatisfy { $0.beat < cafe.correctionBeat })
    }
  }

  @Test("At a heartbeat every 2 s its cues take less than a minute")
  func length() {
    #expect(Evening.standard.lastBeat == 20)
    #expect(Evening.standard.lastBeat * 2 < 60)
  }

  @Test("A session that replaces another one does not add to what a cafe may spend at once")
  func spending() throws {
    let cheap = try #require(Tariff(milliGCoinPerHour: 1000))
    let dear = try #require(Tariff(milliGCoinPerHour: 5000))
    let pcs = [
      Evening.PC("A") {
        Evening.Cue(1, .play(.first, user: "1", endsAs: .replaced))
        Evening.Cue(2, .play(.second, user: "2", endsAs: .normal))
      },
      Evening.PC("B") { Evening.Cue(1, .play(.first, user: "3", endsAs: .normal)) },
    ]
    let cafe = Evening.Cafe(pcs: pcs, correctionBeat: 9, rescue: .enough)
    #expect(cafe.milliGCoinPerHour { $0 == .first ? cheap : dear } == 6000)
  }
}

@Suite("What the operator of the demonstration pays in and takes back")
struct DemoAllowanceTests {
  /// 3 G-coin a second.
  private static let rate: Int64 = 3 * 3600 * 1000
  private let allowance = Allowance(beat: .seconds(2))

  @Test("The opening lasts for fifteen beats and a minute")
  func opening() {
    #expect(allowance.opening(milliGCoinPerHour: Self.rate) == Money(milliGCoin: 270_000))
  }

  @Test("A correction leaves money for two beats and less than one G-coin more")
  func correction() {
    let balance = Money(milliGCoin: 100_999)
    let amount = allowance.correction(of: balance, milliGCoinPerHour: Self.rate)
    #expect(amount == Money(milliGCoin: 88_000))
  }

  @Test("Nothing is taken back where no more than two beats' money is left")
  func noCorrection() {
    let balance = Money(milliGCoin: 11_000)
    #expect(allowance.correction(of: balance, milliGCoinPerHour: Self.rate) == .zero)
  }

  @Test("Too little stays too little at the published heartbeat", arguments: [2, 10, 120])
  func tooLittle(seconds: Int) {
    let amount = Allowance(beat: .seconds(seconds))
      .rescue(.tooLittle, milliGCoinPerHour: Self.rate)
    #expect(amount > .zero)
    #expect(amount <= Money(milliGCoin: 90_000))
  }

  @Test("Amounts are whole G-coin at any rate", arguments: [60, 5_000_123, 100_000_000] as [Int64])
  func wholeCoins(rate: Int64) {
    let opening = allowance.opening(milliGCoinPerHour: rate)
    #expect(opening.milliGCoin % 1000 == 0)
    #expect(opening > .zero)
  }
}
