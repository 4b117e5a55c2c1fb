import Audit
import Domain
import Signatures
import Support
import Testing

/// A cafe of the installation, whose launchers call from ``address``.
struct Cafe: Sendable {
  static let address = "203.0.113.7"
  static let network = "203.0.113.0/24"

  let stage: Installation
  let id: String
  let secret: [UInt8]

  /// A start of the launcher on a PC, signed and not yet sent.
  func signedStart(pc: String = "PC-1") -> SignedStart {
    SignedStart(
      cafe: id,
      secret: secret,
      body: #"{"pc_id":"\#(pc)","internal_ip":"192.168.0.7"}"#
    )
  }

  /// Starts the launcher on a PC.
  func startLauncher(pc: String = "PC-1") async throws -> Launcher {
    let data = try await stage.send(signedStart(pc: pc)).success()
    return Launcher(
      cafe: self,
      id: try data.string("launcher_session_id"),
      token: try data.string("session_token")
    )
  }

  /// Starts a launcher and a game session on a PC.
  func play(_ game: GameAccess? = nil, pc: String = "PC-1") async throws -> Play {
    try await startLauncher(pc: pc).play(game)
  }

  func topUp(_ amount: Int, ref: String) async throws -> JSONView {
    let json = #"{"amount_mgcoin":\#(amount),"ref":"\#(ref)"}"#
    return try await stage.admin("POST", "/cafes/\(id)/topups", json).success()
  }

  func report() async throws -> JSONView {
    try await stage.admin("GET", "/cafes/\(id)").success()
  }

  func balance() async throws -> Int {
    try await report().integer("balance_mgcoin")
  }

  func suspend() async throws {
    _ = try await stage.admin("POST", "/cafes/\(id)/suspend").success()
  }

  func resume() async throws {
    _ = try await stage.admin("POST", "/cafes/\(id)/resume").success()
  }

  /// Changes the balance in Redis by so much, as nobody may.
  func falsify(by amount: Int) async throws {
    let key = try key("account:\(id)")
    let stored = try await stage.redis.raw("GET \(key)").split(separator: "\r\n").last
    var words = try #require(stored).split(separator: " ").map(String.init)
    words[0] = String(try #require(Int(words[0])) + amount)
    _ = try await stage.redis.raw("SET \(key) \"\(words.joined(separator: " "))\"")
  }

  /// A key of the cafe's partition.
  func key(_ name: String) throws -> String {
    guard let cafe = CafeID(id) else { throw SupportError("\(id) is no cafe's name") }
    let partition = Partition(of: cafe, count: Installation.partitionCount)
    return "pm:{p\(partition.number)}:\(name)"
  }
}

extension Installation {
  /// A new cafe with so much money. Without a name it gets one of its own.
  func cafe(
    _ name: String? = nil,
    balance: Int = 1_000_000,
    networks: [String] = [Cafe.network]
  ) async throws -> Cafe {
    let id = name ?? "cafe-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    let list = networks.map { "\"\($0)\"" }.joined(separator: ",")
    let json = #"{"cafe_id":"\#(id)","name":"A cafe","networks":[\#(list)]}"#
    let secret = try await admin("POST", "/cafes", json).success().string("launcher_secret")
    guard let bytes = Hex.decode(secret), bytes.count == 32 else {
      throw SupportError("a launcher secret is 64 hexadecimal digits")
    }
    let cafe = Cafe(stage: self, id: id, secret: bytes)
    if balance > 0 {
      _ = try await cafe.topUp(balance, ref: "first")
    }
    return cafe
  }

  /// The operator's calls; the path is the one after `/v1/admin`.
  func admin(
    _ method: String,
    _ path: String,
    _ json: String? = nil
  ) async throws -> HTTPSession.Answer {
    let credentials = ["Authorization": "Bearer \(Self.adminToken)"]
    let http = service.management
    guard let json else {
      return try await http.send(method, "/v1/admin" + path, headers: credentials)
    }
    return try await http.send(method, "/v1/admin" + path, headers: credentials, json: json)
  }
}

extension Installation {
  /// Returns when the billing worker has just looked at the cafe's partition, so that it will not
  /// come again for most of a second. Nobody else may be busy there.
  func justAfterWorker(in cafe: Cafe) async throws {
    let key = try cafe.key("clock")
    let look = "EVAL \"\(PackedClock.script)\" 1 \(key)"
    let before = try await redis.raw(look)
    redis.clock.advance(by: .milliseconds(1))
    try await Waiting.until("the worker's look", within: .seconds(10)) {
      try await redis.raw(look) != before
    }
  }
}
