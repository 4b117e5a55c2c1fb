import Domain
import RedisClient

/// What is done on every new connection before it is used: Redis is examined, begins a new
/// append-only file if it has not since its start, and gets the scripts.
///
/// So a Redis that the service may not bill on is never used, however it came to be at that
/// address.
public struct RedisPreparation: Sendable {
  private let requirements: RedisRequirements
  private let scripts: Scripts
  private let fence: LedgerFence?
  private let onForgotten: @Sendable (ForgottenLines) throws -> Void

  /// A preparation.
  ///
  /// - Parameters:
  ///   - watermark: What is known of the ledger outside Redis. Without one a Redis that went back
  ///     in time is used as it is: for restoring it, and where there is no archive.
  ///   - onForgotten: Told of each partition in which a Redis is refused, at every attempt, so that
  ///     what this process knows of it can be kept.
  public init(
    requirements: RedisRequirements,
    scripts: Scripts,
    watermark: LedgerWatermark? = nil,
    onForgotten: @escaping @Sendable (ForgottenLines) throws -> Void = { _ in }
  ) {
    self.requirements = requirements
    self.scripts = scripts
    self.onForgotten = onForgotten
    fence = watermark.map { LedgerFence(keys: requirements.keys, watermark: $0) }
  }

  /// Examines the server, has its file renewed and loads the scripts.
  ///
  /// - Throws: ``UnfitRedis`` when the service may not bill on it, `RedisError` when it does not
  ///   answer.
  public func prepare(_ connection: RedisConnection) async throws {
    do {
      try await examineAndLoad(connection)
    } catch RedisError.server(let reply) where reply.isFull {
      throw UnfitRedis(faults: [RedisServerError.fullFault])
    }
  }

  private func examineAndLoad(_ connection: RedisConnection) async throws {
    let replies = try await connection.send(pipeline: requirements.commands)
    let faults = requirements.faults(in: replies)
    guard faults.isEmpty else { throw UnfitRedis(faults: faults) }
    try await examineLedger(over: connection)
    try await requirements.fileRenewal(in: replies)?.perform(over: connection)
    try await loadScripts(over: connection)
  }

  /// Claims Redis, and loads the scripts if they are not there, in place of those of other versions
  /// and settings. An instance that still uses these loads them again at its next call.
  private func loadScripts(over connection: RedisConnection) async throws {
    let library = scripts.library
    let look = RedisCommand("FUNCTION", "LIST", "LIBRARYNAME", ScriptAssembly.libraryPrefix + "*")
    let replies = try await connection.send(pipeline: [requirements.claim, look])
    let known = RedisPreparation.libraryNames(in: replies[1])
    guard !known.contains(library.name) else { return }
    _ = try await connection.send(library.load)
    for name in known {
      do throws(RedisError) {
        _ = try await connection.send(RedisCommand("FUNCTION", "DELETE", name))
      } catch .server {
        // Another connection was faster.
      }
    }
  }

  /// Each library is an array of names and values.
  private static func libraryNames(in reply: RedisReply) -> [String] {
    guard case .array(let libraries) = reply else { return [] }
    return libraries.compactMap { library -> String? in
      if case .string(let name) = library.value(of: "library_name") { name } else { nil }
    }
  }

  private func examineLedger(over connection: RedisConnection) async throws {
    guard let fence else { return }
    let known = fence.watermark.all
    let replies = try await connection.send(pipeline: fence.commands(for: known))
    let forgotten = fence.forgotten(of: known, in: replies)
    guard let fault = LedgerFence.fault(of: forgotten) else { return }
    do {
      for lines in forgotten { try onForgotten(lines) }
    } catch {
      throw UnfitRedis(faults: [fault, "a restart would forget what was known: \(error)"])
    }
    throw UnfitRedis(faults: [fault])
  }
}

/// A Redis that the service may not bill on.
public struct UnfitRedis: Error, CustomStringConvertible {
  /// What is wrong and how to mend it.
  public let faults: [String]

  /// An error from its faults.
  public init(faults: [String]) {
    self.faults = faults
  }

  /// The faults in one line.
  public var description: String { faults.joined(separator: "; ") }
}

extension RedisServerError {
  /// What an operator is told of a full Redis.
  static let fullFault = fullFault(more: "more")

  /// The same where it is known how many bytes it may use.
  static func fullFault(more: String) -> String {
    "Redis is full and refuses to write: run CONFIG SET maxmemory with \(more) bytes and set it in "
      + "redis.conf"
  }

  /// Whether the server refuses to write because it has no memory for more.
  var isFull: Bool { code == "OOM" }
}
