import Domain
import Logging
import ServiceLifecycle
import Signatures
import Synchronization

/// The games in memory, read anew whenever their version in Redis moves on.
///
/// One of them runs in each instance as a service; requests only look into memory.
public final class RedisGameCatalog: GameCatalog, Service {
  /// How often the version is looked at: twice within the two seconds in which every instance must
  /// have seen a change.
  private static let interval: Duration = .milliseconds(800)
  /// After so long without an answer an unknown key may be a new one: the caller is asked to come
  /// again instead of being refused.
  private static let staleAfter: Duration = .seconds(5)

  private struct State {
    var version = ""
    var games: [GameID: Game] = [:]
    var gamesByDigest: [KeyDigest: GameID] = [:]
    var readAt: ContinuousClock.Instant?
  }

  private let link: RedisLink
  private let logger: Logger
  private let state = Mutex(State())

  /// A catalogue over a link; it knows nothing before ``run()`` or ``refresh()``.
  public init(link: RedisLink, logger: Logger) {
    self.link = link
    self.logger = logger
  }

  /// Keeps the catalogue fresh until graceful shutdown.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do throws(ServiceFault) {
          try await self.refresh()
        } catch {
          self.logger.debug("games not read", metadata: ["fault": "\(error)"])
        }
        try? await Task.sleep(for: Self.interval)  // Ends early only when cancelled.
      }
    }
  }

  /// Reads the games when their version has moved on.
  public func refresh() async throws(ServiceFault) {
    let known = state.withLock { $0.version }
    var reply = try await link.run(link.scripts.gamesRead, in: link.keys.gamesPartition, [known])
    let snapshot = try GamesSnapshot(&reply)
    state.withLock { state in
      state.readAt = .now
      guard snapshot.version != known else { return }
      state.version = snapshot.version
      state.games = Dictionary(uniqueKeysWithValues: snapshot.games.map { ($0.game.id, $0.game) })
      state.gamesByDigest = snapshot.gamesByDigest
    }
  }

  /// Whether the games were read at least once.
  public var isLoaded: Bool { state.withLock { $0.readAt != nil } }

  public func game(apiKeyDigest: [UInt8]) throws(ServiceFault) -> Game? {
    let (game, readAt) = state.withLock { state in
      let match = state.gamesByDigest.index(forKey: KeyDigest(bytes: apiKeyDigest))
        .map { state.gamesByDigest[$0] }
      // The digest of a secret tells nothing of it by how far it agrees; compared all the same.
      guard let match, ConstantTime.isEqual(match.key.bytes, apiKeyDigest) else {
        return (nil as Game?, state.readAt)
      }
      return (state.games[match.value], state.readAt)
    }
    if let game { return game }
    guard let readAt, ContinuousClock.now - readAt < Self.staleAfter else {
      throw .unavailable("the games were not read lately")
    }
    return nil
  }

  public func games() throws(ServiceFault) -> [GameID: Game] {
    let (games, readAt) = state.withLock { ($0.games, $0.readAt) }
    guard readAt != nil else { throw .unavailable("the games were not read yet") }
    return games
  }
}
