import Domain
public import RedisClient

/// Has replicas acknowledge what a caller is told that it is done: top-ups, adjustments,
/// compensations and ends of sessions. What one of them has survives the loss of the master, if the
/// Sentinels promote a replica that is up to date, which they do as far as they know.
///
/// When too few have acknowledged in time, the caller is told nothing but to try again (`503`): the
/// step is done and may be lost all the same. It is idempotent, so the repeat answers what was
/// recorded, once that is replicated. So every answer that was given is on so many replicas.
///
/// `WAIT` holds up its connection, so these calls have connections of their own. Sessions that the
/// billing worker or a heartbeat ends, and those that a new one replaces, wait for nobody.
public struct Replication: Sendable {
  /// How long replicas may take: Redis' own deadline, below that of the call. They are told at
  /// once, and need a round trip and, with `appendfsync always`, a write to their disks.
  public static let limit = Duration.seconds(1)

  /// Whose connections such calls use.
  public let client: RedisClient
  private let count: Int

  /// So many replicas, at least one, over a client's connections.
  public init(client: RedisClient, count: Int) {
    precondition(count > 0, "Without replicas nobody waits for them.")
    self.client = client
    self.count = count
  }

  /// What follows the script. Redis promises that `WAIT` waits for what its connection has written
  /// (up to 7.0 it waits for everything), and a repeated script writes nothing: so something always
  /// is.
  func barrier(_ key: String) -> [RedisCommand] {
    [
      RedisCommand("SET", key, "1"),
      RedisCommand("WAIT", String(count), String(Self.limit.wholeMilliseconds)),
    ]
  }

  /// Judges the replies to the barrier.
  func check(_ replies: [RedisReply]) throws(ServiceFault) {
    for case .error(let error) in replies { throw .unavailable("Redis answered \(error.message)") }
    guard case .integer(let acknowledged)? = replies.last, acknowledged >= count else {
      throw .unavailable(
        "it is recorded, but not on \(count) replicas within "
          + "\(Self.limit.components.seconds) s; repeat it until it is answered"
      )
    }
  }
}
