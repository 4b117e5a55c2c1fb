import Domain
import RedisClient
import Synchronization

/// The way from a store to Redis: a client, the key layout and the scripts. Every fault that Redis
/// can have becomes a ``ServiceFault`` here and nowhere else.
///
/// It is no structure: the scripts are many, and to copy them for each call was 5 % of the
/// instructions of a heartbeat.
public final class RedisLink: Sendable {
  /// The connections.
  public let client: RedisClient
  /// The key layout.
  public let keys: Keys
  let scripts: Scripts
  /// Who must have what is acknowledged; nil when the master alone is enough.
  private let replication: Replication?
  /// The highest ledger numbers that any reply has shown.
  public let watermark: LedgerWatermark
  private let numbers = Mutex(RandomStock())

  /// A link from its parts; the links of one service share a watermark.
  public init(
    client: RedisClient,
    keys: Keys,
    scripts: Scripts,
    watermark: LedgerWatermark = LedgerWatermark(),
    replication: Replication? = nil
  ) {
    self.client = client
    self.keys = keys
    self.scripts = scripts
    self.watermark = watermark
    self.replication = replication
  }

  /// A new identifier.
  func newID<ID: IssuedID>(in partition: Partition) -> ID {
    numbers.withLock { ID.random(in: partition, using: &$0) }
  }

  /// Runs a script in a partition and hands out its flat reply, less the ledger number before it.
  func run(
    _ script: RedisScript,
    in partition: Partition,
    _ arguments: [String]
  ) async throws(ServiceFault) -> ReplyReader {
    var reply = try await run(script, clock: keys.clock(of: partition), arguments)
    watermark.note(try reply.integer(), of: partition)
    return reply
  }

  /// Runs a script in a partition like ``run(_:in:_:)``, and answers only when replicas have what
  /// it did, where that is asked for.
  ///
  /// - Throws: `.unavailable` also when the script ran and too few replicas have it: repeat it.
  func runReplicated(
    _ script: RedisScript,
    in partition: Partition,
    _ arguments: [String]
  ) async throws(ServiceFault) -> ReplyReader {
    guard let replication else { return try await run(script, in: partition, arguments) }
    var (reply, barrier) = try await run(script, in: partition, arguments, with: replication)
    watermark.note(try reply.integer(), of: partition)
    try replication.check(barrier)
    return reply
  }

  private func run(
    _ script: RedisScript,
    in partition: Partition,
    _ arguments: [String],
    with replication: Replication
  ) async throws(ServiceFault) -> (reply: ReplyReader, barrier: [RedisReply]) {
    do throws(RedisError) {
      let replies = try await replication.client.run(
        script,
        keys: [keys.clock(of: partition)],
        arguments: arguments,
        followedBy: replication.barrier(keys.key(.barrier, in: partition))
      )
      return (try ReplyReader(replies[0], of: script.name), Array(replies.dropFirst()))
    } catch {
      throw ServiceFault(error)
    }
  }

  /// Runs a script on the keys that share a slot with a clock, and hands out its flat reply.
  func run(
    _ script: RedisScript,
    clock: String,
    _ arguments: [String]
  ) async throws(ServiceFault) -> ReplyReader {
    do throws(RedisError) {
      let reply = try await client.run(script, keys: [clock], arguments: arguments, timeout: nil)
      return try ReplyReader(reply, of: script.name)
    } catch {
      throw ServiceFault(error)
    }
  }

  /// Takes or renews the right to do some work alone.
  ///
  /// - Returns: How often the right has changed hands, or nil while another holder has it.
  func lease(
    _ work: String,
    in partition: Partition,
    holder: String,
    duration: Duration
  ) async throws(ServiceFault) -> Int64? {
    let arguments = [work, holder, String(duration.wholeMilliseconds)]
    var reply = try await run(scripts.lease, in: partition, arguments)
    let number = try reply.integer()
    return number > 0 ? number : nil
  }

  /// Sends commands over one connection. One that a broken connection left unanswered may have been
  /// done.
  func send(_ commands: [RedisCommand]) async throws(ServiceFault) -> [RedisReply] {
    do throws(RedisError) {
      let replies = try await client.send(pipeline: commands)
      for case .error(let error) in replies { throw RedisError.server(error) }
      return replies
    } catch {
      throw ServiceFault(error)
    }
  }

  /// Sends one command.
  func send(_ command: RedisCommand) async throws(ServiceFault) -> RedisReply {
    try await send([command])[0]
  }
}

extension ServiceFault {
  /// Error codes by which Redis says that it cannot work now, though the command is right.
  private static let passing: Set<String> = [
    "BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM", "NOREPLICAS",
    "OOM", "READONLY", "TRYAGAIN", "UNKILLABLE", "WRONGPASS",
  ]

  init(_ error: RedisError) {
    switch error {
    case .server(let reply) where reply.isFull: self = .unavailable(RedisServerError.fullFault)
    case .server(let reply)
    where !ServiceFault.passing.contains(reply.code) && !reply.isMissingFunction:
      self = .broken("Redis answered \(reply.message)")
    case .protocolViolation, .server, .notConnected, .queueFull, .deadlineExceeded,
      .connectionLost, .cancelled:
      self = .unavailable("\(error)")
    }
  }
}
