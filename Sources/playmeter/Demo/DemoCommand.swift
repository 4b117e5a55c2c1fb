import ArgumentParser
import Domain
import Foundation
import HTTPAPI
import JSON

/// `playmeter demo`: an evening in two cafes against a running service.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Perform an evening in two cafes against a running service.",
    discussion: """
      Plays launchers, game servers and the operator over HTTP, shows a live table on a terminal \
      and a line for each event elsewhere, and at the end compares every charge with the rule. It \
      ends with status 1 when anything differs.

      It needs two games and two cafes in which nobody plays; the cafes' networks must contain \
      this machine. Their credentials are in a file with one JSON document per line, as \
      `playmeter game create --json` and `playmeter cafe create --json` print them. The admin \
      token is taken from PLAYMETER_ADMIN_TOKEN. With a PLAYMETER_HOST_SECRET there are gaming PCs \
      as well, which join, are matched with clients, and crash; no other hosts may be registered \
      then. `make run` prepares all of this.

      The evening takes 20 heartbeats: under a minute where PLAYMETER_HEARTBEAT_INTERVAL is 2s, \
      40 minutes at the usual 120s. Sessions that it leaves behind when it is interrupted \
      end by themselves.

        playmeter demo --url http://127.0.0.1:8080 \\
          --management-url http://127.0.0.1:9090 --credentials credentials.jsonl
      """
  )

  @Option(help: "The public listener.", transform: DemoCommand.baseURL)
  var url: String
  @Option(
    name: .customLong("management-url"),
    help: ArgumentHelp("The management listener.", valueName: "url"),
    transform: DemoCommand.baseURL
  )
  var managementURL: String
  @Option(help: ArgumentHelp("The games' and the cafes' credentials.", valueName: "file"))
  var credentials: String
  @Flag(help: "Print the verdict as one JSON document; events go to standard error.")
  var json = false

  func run() async throws {
    let credentials = try readCredentials()
    let environment = ProcessInfo.processInfo.environment
    guard let token = environment["PLAYMETER_ADMIN_TOKEN"], !token.isEmpty else {
      throw DemoError.unusable("PLAYMETER_ADMIN_TOKEN is not set")
    }
    let form = DemoDisplay.form(isJSON: json, environment: environment)
    let evening = Evening.standard
    var board = Board(evening, cafes: credentials.cafes.map(\.id.text))
    let hostSecret = environment["PLAYMETER_HOST_SECRET"].flatMap { $0.isEmpty ? nil : $0 }
    if hostSecret != nil { board.hosts = Board.hosts }
    let verdict = try await DemoHTTP.withClient { client in
      try await Performance(
        evening: evening,
        credentials: credentials,
        http: DemoHTTP(client: client, baseURL: url),
        desk: DemoOperator(http: DemoHTTP(client: client, baseURL: managementURL), token: token),
        stage: Stage(board: board, display: DemoDisplay(form: form)),
        hosts: hostSecret.map {
          DemoHosts(http: DemoHTTP(client: client, baseURL: url), secret: $0)
        }
      )
      .perform()
    }
    let output = CommandOutput.verdict(verdict)
    StandardOutput.write(json ? output.json.text + "\n" : "\n" + output.text + "\n")
    guard verdict.isSound else { throw ExitCode.failure }
  }

  private func readCredentials() throws -> DemoCredentials {
    let most = 64 * 1024
    let text = try BoundedFile.text(path: credentials, maximumBytes: most, for: "--credentials")
    return try DemoCredentials(text: text)
  }

  private static func baseURL(_ text: String) throws -> String {
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
      parts.host?.isEmpty == false, ["", "/"].contains(parts.path), parts.query == nil
    else { throw ValidationError("It must be http or https, a host and a port.") }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }
}

extension Board {
  /// The script's hosts before they join.
  fileprivate static var hosts: [Host] {
    Evening.hosts.map { Host(evidence: HostEvidence(name: $0.name, slots: $0.slots)) }
  }

  /// The board before the evening: all PCs of the script, in cafes of these names.
  init(_ evening: Evening, cafes names: [String]) {
    self.init(
      cafes: zip(names, evening.cafes)
        .map { name, cafe in
          Cafe(id: name, seats: cafe.pcs.map { Seat(pc: $0.name) })
        }
    )
  }
}
