import NIOCore

extension RedisClient {
  /// Runs a script by its digest. A server that lacks it gets the source once, and the call is
  /// repeated.
  ///
  /// Scripts run this way must be idempotent, as all scripts of this service are: when no
  /// connection is up, or the connection is lost and nobody knows whether the script ran, this
  /// waits for a connection within what is left of the timeout and repeats the script once. It
  /// never repeats after the timeout. A cancelled call and a reply that broke the protocol are
  /// not repeated either.
  public func run(
    _ script: RedisScript,
    keys: [String],
    arguments: [String],
    timeout: Duration? = nil
  ) async throws(RedisError) -> RedisReply {
    let start = NIODeadline.now()
    let deadline = deadline(timeout, from: start)
    let command = script.command(keys: keys, arguments: arguments)
    metrics.began()
    defer { metrics.ended(script: script.name, from: start) }
    do throws(RedisError) {
      // Nearly every call is done with this, so it is all in one function.
      return try await connection().begin(command, deadline: deadline).value()
    } catch {
      return try await attemptAgain(script, command, deadline: deadline, after: error)
    }
  }

  /// What is to be done after a first attempt that failed; often nothing.
  private func attemptAgain(
    _ script: RedisScript,
    _ command: RedisCommand,
    deadline: NIODeadline,
    after first: RedisError
  ) async throws(RedisError) -> RedisReply {
    do throws(RedisError) {
      let error: RedisError
      do throws(RedisError) {
        return try await loadIfMissing(script, command, deadline: deadline, after: first)
      } catch let failure {
        error = failure
      }
      guard error.isLostConnection, NIODeadline.now() < deadline else { throw error }
      return try await repeatOnce(script, command, deadline: deadline, after: error)
    } catch {
      metrics.failed()
      throw error
    }
  }

  /// If the first attempt may have run, a second one that did nothing does not change that, and
  /// its error would say too much: so the first error is the one to throw.
  private func repeatOnce(
    _ script: RedisScript,
    _ command: RedisCommand,
    deadline: NIODeadline,
    after first: RedisError
  ) async throws(RedisError) -> RedisReply {
    do throws(RedisError) {
      try await waitUntilConnected(until: deadline)
      return try await evaluate(script, command, deadline: deadline)
    } catch {
      throw !first.outcomeIsKnown && error.didNothing ? first : error
    }
  }

  private func evaluate(
    _ script: RedisScript,
    _ command: RedisCommand,
    deadline: NIODeadline
  ) async throws(RedisError) -> RedisReply {
    do throws(RedisError) {
      return try await connection().send(command, deadline: deadline)
    } catch {
      return try await loadIfMissing(script, command, deadline: deadline, after: error)
    }
  }

  /// Runs the script on a server that has said that it lacks it; other errors are thrown again.
  private func loadIfMissing(
    _ script: RedisScript,
    _ command: RedisCommand,
    deadline: NIODeadline,
    after error: RedisError
  ) async throws(RedisError) -> RedisReply {
    guard case .server(let answer) = error, answer.code == "NOSCRIPT" else { throw error }
    return try await loadAndEvaluate(script, command, deadline: deadline)
  }

  /// Both commands go in one round trip, so nothing can flush the scripts in between.
  private func loadAndEvaluate(
    _ script: RedisScript,
    _ command: RedisCommand,
    deadline: NIODeadline
  ) async throws(RedisError) -> RedisReply {
    let load = RedisCommand("SCRIPT", "LOAD", script.source)
    let replies = try await connection().send(pipeline: [load, command], deadline: deadline)
    for case .error(let error) in replies { throw .server(error) }
    guard let result = replies.last else {
      preconditionFailure("Two commands have two replies.")
    }
    return result
  }
}

extension RedisError {
  /// Whether the command did not reach a server that runs scripts.
  fileprivate var didNothing: Bool {
    switch self {
    case .notConnected, .queueFull: true
    case .server(let error): error.isWrongServer
    case .deadlineExceeded, .connectionLost, .protocolViolation, .cancelled: false
    }
  }

  fileprivate var isLostConnection: Bool {
    switch self {
    case .notConnected, .connectionLost: true
    case .queueFull, .deadlineExceeded, .protocolViolation, .server, .cancelled: false
    }
  }
}
