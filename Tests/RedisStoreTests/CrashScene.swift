import Audit
import Domain
import RedisClient
import RedisStore
import Simulation
import Support
import Testing

/// A cafe at play, 70 s into a session, so that a tick is due; and what can be done there.
struct CrashScene {
  let stage: Stage
  let cafe = CafeID("north")!
  let pc = PCID("PC-1")!
  let user = ProviderUserID("1001")!
  let game: Game
  let keyID: String
  private(set) var launcher = LauncherSessionID.random(in: Partition(number: 0))
  private(set) var session = GameSessionID.random(in: Partition(number: 0))
  /// Issued and not used yet.
  private(set) var token = OneTimeToken.random(in: Partition(number: 0))

  var partition: Partition { Partition(of: cafe, count: stage.keys.partitionCount) }

  func request(_ token: OneTimeToken, key: String) -> VerifyRequest {
    VerifyRequest(token: token, user: user, game: game, idempotencyKey: key)
  }

  /// A cafe with money and a game, in an empty Redis.
  static func furnish(
    _ stage: Stage,
    _ instance: Instance,
    topUp: Int64 = 1_000_000
  ) async throws -> CrashScene {
    _ = try await stage.read([RedisCommand("FLUSHALL")])
    stage.server.clock.hold(atMilliseconds: Stage.epoch)
    let game = Game(
      id: GameID("tower")!,
      name: "Tower",
      tariff: Tariff(milliGCoinPerHour: 36_001)!,
      launchURL: nil,
      isEnabled: true
    )
    let key = try await instance.administration.createGame(game)
    let scene = CrashScene(stage: stage, game: game, keyID: key.keyID)
    let networks = [Network("203.0.113.0/24")!]
    _ = try await instance.administration.createCafe(
      NewCafe(id: scene.cafe, name: "North", networks: networks)
    )
    let money = BalanceEntry.topup(Money(milliGCoin: topUp), ref: BookingReference("first")!)
    _ = try await instance.administration.book(money, for: scene.cafe)
    return scene
  }

  /// Somebody plays.
  static func play(_ stage: Stage, _ instance: Instance) async throws -> CrashScene {
    var scene = try await furnish(stage, instance)
    let start = Call.startLauncher(scene.cafe, scene.pc, nonce: "first-nonce")
    guard case .launcher(.started(let launcher)) = await instance.perform(start) else {
      throw SupportError("the launcher was not started")
    }
    scene.launcher = launcher
    let first = try await scene.issueToken(instance)
    let verify = Call.verify(scene.request(first, key: "first"))
    guard case .verified(.started(let session)) = await instance.perform(verify) else {
      throw SupportError("the session was not started")
    }
    scene.session = session
    stage.server.clock.hold(atMilliseconds: Stage.epoch + 70_000)
    scene.token = try await scene.issueToken(instance)
    return scene
  }

  private func issueToken(_ instance: Instance) async throws -> OneTimeToken {
    guard case .token(.issued(let token)) = await instance.perform(.token(launcher, game)) else {
      throw SupportError("no token was issued")
    }
    return token
  }

  /// Everything that Redis holds, a key a line, with the random parts of identifiers left out. What
  /// only remembers that a call was made stands apart.
  func state() async throws -> [String] {
    var lines: [String] = []
    for key in try await stage.read([RedisCommand("KEYS", "*")])[0].texts {
      guard !key.contains(":nonce:"), !key.hasSuffix(":settings") else { continue }
      let replies = try await stage.read([
        RedisCommand("TYPE", key), RedisCommand("PEXPIRETIME", key),
      ])
      let value = try await stage.read([Self.reading(key, replies[0])])[0]
      lines.append(Self.plain("\(key) \(replies[1]) \(value.flat)"))
    }
    return lines.sorted()
  }

  private static func reading(_ key: String, _ type: RedisReply) -> RedisCommand {
    switch type {
    case .status("hash"): RedisCommand("HGETALL", key)
    case .status("set"): RedisCommand("SMEMBERS", key)
    case .status("zset"): RedisCommand("ZRANGE", key, "0", "-1", "WITHSCORES")
    case .status("stream"): RedisCommand("XRANGE", key, "-", "+")
    default:
      switch key {
      case let key where key.contains(":meter:"): PackedMeter.reading(key)
      case let key where key.hasSuffix(":clock"): PackedClock.reading(key)
      default: RedisCommand("GET", key)
      }
    }
  }

  /// Identifiers, salts and digests are random; instants of 13 digits are not.
  private static func plain(_ text: String) -> String {
    text.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}/) { match in
      let found = match.output.0
      return found.count == 13 && found.allSatisfy(\.isNumber) ? String(found) : "*"
    }
  }
}

extension RedisReply {
  fileprivate var texts: [String] {
    guard case .array(let values) = self else { return [] }
    return values.map(\.flat)
  }

  fileprivate var flat: String {
    switch self {
    case .string(let text), .status(let text): text
    case .integer(let number): String(number)
    case .null: "-"
    case .error(let error): error.message
    case .array(let values): "[" + values.map(\.flat).joined(separator: " ") + "]"
    }
  }
}
