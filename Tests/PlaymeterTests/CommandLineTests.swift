import ArgumentParser
import Domain
import HTTPAPI
import JSON
import Testing

@testable import playmeter

@Suite("The command line")
struct CommandLineTests {
  @Test(
    "Every command of the contract is there and asks the port for what it says",
    arguments: [
      ("game create --id tower --name T --rate 0.06", "create tower T 60"),
      ("game list", "games"),
      ("game update --id tower --rate 250 --disable", "update tower 250000 false"),
      ("game update --id tower --enable", "update tower 0 true"),
      ("game rotate-key --id tower", "rotate tower"),
      ("game revoke-key --id tower --key-id k1", "revoke k1 of tower"),
      (
        "cafe create --id a --name A --cidr 10.0.0.0/8 --cidr 2001:db8::/48",
        #"create a ["10.0.0.0/8", "2001:db8::/48"]"#
      ),
      ("cafe show --id a", "cafe a"),
      ("cafe topup --id a --amount 12.5 --ref INV-1", "book 12500 as INV-1 for a"),
      ("cafe adjust --id a --amount=-3 --ref F --reason r", "book -3000 as F for a"),
      (
        "cafe compensate --id a --from 1000 --to 1970-01-01T00:00:02Z --percent 5 --ref F",
        "compensate 1000 to 2000 5% for a"
      ),
      ("hold on", "hold true - -"),
      ("hold on --cafe a --game b", "hold true a b"),
      ("hold off --game b", "hold false - b"),
      ("hold list", "holds"),
      ("cafe adjust --id a --amount -0.001 --ref F --reason r", "book -1 as F for a"),
      ("cafe suspend --id a", "suspend a false"),
      ("cafe suspend --id a --end-sessions", "suspend a true"),
      ("cafe resume --id a", "resume a"),
      ("cafe rotate-secret --id a", "rotate a false"),
      ("cafe rotate-secret --id a --revoke-previous", "rotate a true"),
      ("session list --cafe a --from 7", "sessions of a from 7"),
      (
        "session list --from 2026-03-06T21:00:00+09:00 --to 1772798400001",
        "sessions of - from 1772798400000"
      ),
      ("session show gs_1", "session gs_1"),
      ("session end gs_1", "end gs_1"),
    ]
  )
  func calls(line: String, call: String) async throws {
    let port = Operator()
    _ = try await command(line).output(from: port)
    #expect(port.calls == [call])
  }

  @Test("Every command takes --json and --env-file")
  func globalOptions() throws {
    let options = try command("cafe list --json --env-file f").options
    #expect(options.json)
    #expect(options.environmentFile == "f")
    // One that needs no settings takes the file as well, for whoever gives it to every command.
    let verify = try parse("ledger verify --env-file f a.jsonl --json")
    #expect((verify as? LedgerCommands.Verify)?.options.environmentFile == "f")
    #expect((verify as? LedgerCommands.Verify)?.files == ["a.jsonl"])
    let serve = try parse("serve --json --env-file f")
    let check = try parse("check --json --env-file f")
    #expect(serve is Serve)
    #expect(check is Check)
  }

  @Test("A list asks for page after page until the last")
  func pages() async throws {
    let port = Operator()
    let output = try await command("cafe list").output(from: port)
    #expect(port.calls == ["cafes -", "cafes 1", "cafes 2"])
    #expect(output.json.array?.count == 3)
  }

  @Test("A list whose cursor stands still is a fault, not an endless loop")
  func endlessList() async {
    await #expect(throws: AdministrationError.self) {
      try await EveryPage.rows { _ throws(AdministrationError) in
        Page(rows: [1], nextCursor: "same")
      }
    }
  }

  @Test(
    "Wrong usage ends with 2, says what is wrong, and prints nothing on standard output",
    arguments: [
      ("nonsense", "nonsense"), ("cafe nonsense", "nonsense"), ("cafe show", "--id"),
      ("cafe show --id A", "1 to 64 of a-z"), ("cafe list extra", "extra"),
      ("cafe topup --id a --amount 1.2345 --ref R", "at most three decimals"),
      ("cafe topup --id a --amount 0 --ref R", "positive"),
      ("cafe compensate --id a --from 1 --to 2 --percent 0 --ref F", "1 to 100"),
      ("cafe compensate --id a --from 1 --to 2 --percent 101 --ref F", "1 to 100"),
      ("cafe compensate --id a --from 2 --to 2 --percent 5 --ref F", "--from must be before"),
      ("cafe topup --id a --amount=-1 --ref R", "positive"),
      ("cafe topup --id a --amount 1000000000.001 --ref R", "positive"),
      ("cafe adjust --id a --amount=0 --ref R --reason r", "not 0"),
      ("cafe adjust --id a --amount=1 --ref R", "--reason"),
      ("cafe create --id a --name A", "--cidr"),
      ("cafe create --id a --name A --cidr 10.0.0.1/8", "CIDR"),
      ("cafe create --id a --name \u{1B} --cidr 10.0.0.0/8", "printable"),
      ("game create --id a --name A --rate 0.059", "0.06 to 100000"),
      ("game create --id a --name A --rate 100001", "0.06 to 100000"),
      ("game update --id a", "--rate"), ("game update --id a --enable --disable", "--disable"),
      ("session list --from yesterday", "Unix milliseconds"),
      ("session list --from 2 --to 1", "before"), ("serve --port 1", "--port"),
      ("settle", "settle"),
    ]
  )
  func misuse(line: String, part: String) async {
    let ending = await Playmeter.ending(of: words(line))
    #expect(ending.status == 2)
    #expect(ending.output == "")
    #expect(ending.complaint.contains(part))
  }

  @Test(
    "Help that was asked for is no error",
    arguments: ["--help", "help cafe topup", "cafe", "cafe topup --help", "serve -h", ""]
  )
  func help(line: String) async {
    let ending = await Playmeter.ending(of: words(line))
    #expect(ending.status == 0)
    #expect(ending.output.contains("OVERVIEW"))
    #expect(ending.complaint == "")
  }

  @Test("The help of check lists every setting")
  func settingsInHelp() async {
    let ending = await Playmeter.ending(of: ["check", "--help"])
    for setting in Setting.all { #expect(ending.output.contains(setting.name)) }
  }

  @Test("Settings that are wrong end a command with 1 and are all named")
  func wrongSettings() async throws {
    let file = try ScratchFile("PLAYMETER_NO=1\nPLAYMETER_MAYBE=2\n")
    for line in ["cafe list --json", "serve", "session end gs_1"] {
      let ending = await Playmeter.ending(of: words(line) + ["--env-file", file.path])
      #expect(ending.status == 1)
      #expect(ending.output == "")
      #expect(ending.complaint.hasPrefix("playmeter: "))
      #expect(ending.complaint.contains("PLAYMETER_NO"))
      #expect(ending.complaint.contains("PLAYMETER_MAYBE"))
    }
    let check = await Playmeter.ending(of: ["check", "--env-file", file.path])
    #expect(check == CommandEnding(status: 1))
  }

  @Test(
    "Help for a command that is none is no help for another one",
    arguments: ["game key add --help", "gmae -h", "game lst --help"]
  )
  func helpForNothing(line: String) async {
    let ending = await Playmeter.ending(of: words(line))
    #expect(ending.status == 2)
    #expect(ending.output == "")
    #expect(ending.complaint.hasPrefix("Error: there is no command "))
  }

  @Test(
    "Help for every other command is there",
    arguments: ["--help", "game --help", "game create -h", "help game", "cafe compensate --help"]
  )
  func helpForAll(line: String) async {
    let ending = await Playmeter.ending(of: words(line))
    #expect(ending.status == 0)
    #expect(ending.output.contains("USAGE: playmeter"))
    guard line.contains("compensate") else { return }
    // The parser wraps it at any width.
    let text = ending.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains("with the same reference, --from, --to and --percent"))
  }

  @Test("A refusal is a sentence that cannot forge a line")
  func refusals() throws {
    let cafe = try #require(CafeID("a"))
    let game = try #require(GameID("g"))
    let errors: [(AdministrationError, String)] = [
      (.cafeNotFound(cafe), "there is no cafe a"), (.gameNotFound(game), "there is no game g"),
      (.sessionNotFound("x\ny"), "there is no session x\\ny"),
      (.conflict("INV-1 is\ntaken"), "INV-1 is\\ntaken"),
      (.fault(.unavailable("Redis: away")), "Redis: away"),
      (.fault(.broken("odd")), "an internal fault: odd"),
      (.fault(.damagedLedger("a gap")), "a gap"),
    ]
    for (error, sentence) in errors { #expect(error.sentence == sentence) }
  }

  private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  private func parse(_ line: String) throws -> any ParsableCommand {
    try Playmeter.parseAsRoot(words(line))
  }

  private func command(_ line: String) throws -> any AdministrationCommand {
    try #require(try parse(line) as? any AdministrationCommand)
  }
}
