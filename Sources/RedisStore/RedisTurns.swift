import Domain
import RedisClient

/// Work that one instance does for all: whoever takes the turn first has it for some time.
///
/// A turn only saves work. Nothing may depend on there being one worker: a turn that runs out while
/// the work goes on is taken by another instance.
public struct RedisTurns: Sendable {
  private let link: RedisLink

  /// Turns behind a link.
  public init(link: RedisLink) {
    self.link = link
  }

  /// Takes the turn of some work, and tells whether it was still to be had.
  public func take(_ work: String, for duration: Duration) async throws(ServiceFault) -> Bool {
    let key = link.keys.key(.turn, work, in: link.keys.gamesPartition)
    let milliseconds = String(max(1, duration.wholeMilliseconds))
    return try await link.send(RedisCommand("SET", key, "taken", "NX", "PX", milliseconds)) != .null
  }
}
