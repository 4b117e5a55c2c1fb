import Audit
import Domain
import Ledger
import RedisClient
import Support
import Testing

@testable import RedisStore

@Suite("A charge is one text in its stream", .timeLimit(.minutes(15)))
struct ChargeLineTests {
  private static let partition = Partition(number: 3)
  private static let session = "gs_00030000-0000-8000-8000-000000000007"

  /// What makes a line of a debit or a reversal.
  private struct Charge {
    var at: Int64 = 1_772_798_400_123
    var sequence: Int64 = 42
    var kind = "debit"
    var cafe = "north"
    var pc = "PC-1"
    var game = "skyfall"
    var session = ChargeLineTests.session
    var number: Int64 = 7
    var amount: Int64 = -600
    var balance: Int64 = 999_400
    var billed: Int64 = 60

    var id: String { "\(at)-\(sequence)" }

    /// The entry as scripts write it.
    var entry: RedisReply {
      let text =
        "\(kind) \(cafe) \(pc) \(game) \(session) \(number) \(amount) \(balance) \(billed)"
      return ChargeLineTests.entry(id, ["charge", text])
    }

    /// The entry as it was before charges had a form of their own.
    var flatEntry: RedisReply {
      let members = [
        ("seq", "\(sequence)"), ("at", "\(at)"), ("kind", kind), ("cafe_id", cafe), ("pc_id", pc),
        ("game_id", game), ("game_session_id", session), ("session_seq", "\(number)"),
        ("amount_mgcoin", "\(amount)"), ("balance_mgcoin", "\(balance)"),
        ("billed_sec", "\(billed)"),
      ]
      return ChargeLineTests.entry(id, members.flatMap { [$0.0, $0.1] })
    }
  }

  private static func entry(_ id: String, _ fields: [String]) -> RedisReply {
    .array([.string(id), .array(fields.map { .string($0) })])
  }

  @Test("It is published byte by byte as it always was")
  func golden() throws {
    let expected =
      #"{"partition":3,"seq":42,"id":"1772798400123-42","at":1772798400123,"kind":"debit","#
      + #""cafe_id":"north","pc_id":"PC-1","game_id":"skyfall","game_session_id":"#
      + #""gs_00030000-0000-8000-8000-000000000007","session_seq":7,"amount_mgcoin":-600,"#
      + #""balance_mgcoin":999400,"billed_sec":60}"#
    // By sha256sum, over 64 zeros, a line feed and the text.
    let hash = "1cacc1a031736cf1bcbc1710b585706ae386cb3ed9acd2c0cfa648ca654f78bf"
    for entry in [Charge().entry, Charge().flatEntry] {
      let line = try LedgerLine(entry, in: Self.partition)
      #expect(String(decoding: line.json, as: UTF8.self) == expected)
      var chain = HashChain()
      #expect(chain.seal(line).hash == hash)
    }
  }

  @Test("Any charge is the line that its names and values were")
  func anyCharge() async throws {
    let largest: Int64 = 1 << 53
    try await Fuzzing("charges")
      .run { random in
        func number() -> Int64 {
          let bits = Int.random(in: 0...53, using: &random)
          return [0, 1, 10, 1_000_000_000_000, largest].randomElement(using: &random)
            .flatMap { Bool.random(using: &random) ? $0 : nil }
            ?? Int64.random(in: 0...(1 << bits), using: &random)
        }
        func name(_ alphabet: String) -> String {
          let letters = Array(alphabet)
          return String(
            (0..<Int.random(in: 1...64, using: &random))
              .map { _ in
                letters.randomElement(using: &random) ?? "a"
              }
          )
        }
        let slug = "abcdefghijklmnopqrstuvwxyz0123456789-"
        let charge = Charge(
          at: number(),
          sequence: number(),
          kind: Bool.random(using: &random) ? "debit" : "reversal",
          cafe: name(slug),
          pc: name(slug + "ABCXYZ_.:"),
          game: name(slug),
          session: name(slug + "_"),
          number: number(),
          amount: number() * (Bool.random(using: &random) ? 1 : -1),
          balance: number(),
          billed: number()
        )
        let line = try LedgerLine(charge.entry, in: Self.partition)
        let flat = try LedgerLine(charge.flatEntry, in: Self.partition)
        guard line == flat, line.json == flat.json else {
          throw SupportError("\(charge.entry) is \(line)")
        }
      }
  }

  @Test("The largest balance and the dearest game are written to the last digit")
  func largest() async throws {
    let balance = Money.maximumBalance.milliGCoin
    try await Cafe.open(balance: balance, rate: 100_000_000) { cafe in
      let (_, session) = try await cafe.play()
      cafe.pass(seconds: 100)
      try await cafe.bill()
      cafe.pass(seconds: 400)
      try await cafe.bill()
      let lines = try await cafe.link.ledgerLines(in: cafe.partition)
      let charges = lines.filter { $0.text("game_session_id") == session.description }
        .filter { $0.integer("amount_mgcoin") != nil }
      #expect(charges.map(\.kind) == [.debit, .reversal])
      #expect(charges.map(\.amount.milliGCoin) == [-2_777_777, 2_777_777])
      #expect(charges.map { $0.integer("balance_mgcoin") } == [balance - 2_777_777, balance])
    }
  }

  /// Of each the identifier and the text.
  private static let broken = [
    ("1-1", ""),
    ("1-1", "debit"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 999400"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 999400 60 1"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 999400 60 "),
    ("1-1", " debit north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-1", "debit north  PC-1 skyfall gs 7 -600 999400 60"),
    ("1-1", "debit north PC-1  gs 7 -600 999400 60"),
    ("1-1", "topup north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-1", "debits north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-1", "DEBIT north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-1", "debit north PC-1 skyfall gs x -600 999400 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 - 999400 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 --6 999400 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 +600 999400 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 9994e2 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 999400 60.0"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 9007199254740993 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 99999999999999999999 60"),
    ("1-1", "debit north PC-1 skyfall gs 7 -600 999400 ٦"),
    ("1", "debit north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-", "debit north PC-1 skyfall gs 7 -600 999400 60"),
    ("-1", "debit north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-1-1", "debit north PC-1 skyfall gs 7 -600 999400 60"),
    ("1-x", "debit north PC-1 skyfall gs 7 -600 999400 60"),
    ("18446744073709551615-1", "debit north PC-1 skyfall gs 7 -600 999400 60"),
  ]

  @Test("One that cannot be read is refused by its name", arguments: broken)
  func refused(id: String, text: String) throws {
    let fault = #expect(throws: ServiceFault.self) {
      try LedgerLine(Self.entry(id, ["charge", text]), in: Self.partition)
    }
    #expect("\(try #require(fault))".contains("line \(id) "))
  }

  @Test("Nothing stands beside the text, and it is a text")
  func alone() throws {
    let text = "debit north PC-1 skyfall gs 7 -600 999400 60"
    _ = try LedgerLine(Self.entry("1-1", ["charge", text]), in: Self.partition)
    let lists: [[RedisReply]] = [
      [.string("charge")],
      [.string("charge"), .string(text), .string("ref"), .string("more")],
      [.string("charge"), .integer(1)],
    ]
    for list in lists {
      let fault = #expect(throws: ServiceFault.self) {
        try LedgerLine(.array([.string("1-1"), .array(list)]), in: Self.partition)
      }
      #expect("\(try #require(fault))".contains("line 1-1 "))
    }
  }
}
