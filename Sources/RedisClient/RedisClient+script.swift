import NIOCore

extension RedisClient {
  /// Runs a script. A server that lacks it gets its library once, and the call is repeated.
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
      let call = ScriptCall(script: script, command: command, followers: [], deadline: deadline)
      return try await attemptAgain(call, after: error)[0]
    }
  }

  /// Runs a script like ``run(_:keys:arguments:timeout:)`` and, right behind it on the same
  /// connection, further commands.
  ///
  /// - Parameter commands: A repeat of the script repeats them, too, so they must be idempotent.
  /// - Returns: The script's reply, then those of the commands, error replies as `.error`.
  public func run(
    _ script: RedisScript,
    keys: [String],
    arguments: [String],
    followedBy commands: [RedisCommand],
    timeout: Duration? = nil
  ) async throws(RedisError) -> [RedisReply] {
    let start = NIODeadline.now()
    let call = ScriptCall(
      script: script,
      command: script.command(keys: keys, arguments: arguments),
      followers: commands,
      deadline: deadline(timeout, from: start)
    )
    metrics.began()
    defer { metrics.ended(script: script.name, from: start) }
    do throws(RedisError) {
      return try await send(call, behind: [])
    } catch {
      return try await attemptAgain(call, after: error)
    }
  }

  /// What is to be done after a first attempt that failed; often nothing.
  private func attemptAgain(
    _ call: ScriptCall,
    after first: RedisError
  ) async throws(RedisError) -> [RedisReply] {
    do throws(RedisError) {
      let error: RedisError
      do throws(RedisError) {
        return try await loadIfMissing(call, after: first)
      } catch let failure {
        error = failure
      }
      guard error.isLostConnection, NIODeadline.now() < call.deadline else { throw error }
      return try await repeatOnce(call, after: error)
    } catch {
      metrics.failed()
      throw error
    }
  }

  /// If the first attempt may have run, a second one that did nothing does not change that, and
  /// its error would say too much: so the first error is the one to throw.
  private func repeatOnce(
    _ call: ScriptCall,
    after first: RedisError
  ) async throws(RedisError) -> [RedisReply] {
    do throws(RedisError) {
      try await waitUntilConnected(until: call.deadline)
      return try await evaluate(call)
    } catch {
      throw !first.outcomeIsKnown && error.didNothing ? first : error
    }
  }

  private func evaluate(_ call: ScriptCall) async throws(RedisError) -> [RedisReply] {
    do throws(RedisError) {
      return try await send(call, behind: [])
    } catch {
      return try await loadIfMissing(call, after: error)
    }
  }

  /// Runs the script on a server that has said that it lacks it; other errors are thrown again.
  private func loadIfMissing(
    _ call: ScriptCall,
    after error: RedisError
  ) async throws(RedisError) -> [RedisReply] {
    guard case .server(let answer) = error, answer.isMissingFunction else { throw error }
    // All commands go in one round trip, so hardly anything can flush the functions in between.
    return try await send(call, behind: [call.script.library.load])
  }

  /// Sends the script behind some commands and before its followers.
  private func send(
    _ call: ScriptCall,
    behind commands: [RedisCommand]
  ) async throws(RedisError) -> [RedisReply] {
    if commands.isEmpty, call.followers.isEmpty {
      return [try await connection().send(call.command, deadline: call.deadline)]
    }
    let replies = try await connection()
      .send(
        pipeline: commands + [call.command] + call.followers,
        deadline: call.deadline
      )
    for case .error(let error) in replies.prefix(commands.count + 1) { throw .server(error) }
    return Array(replies.dropFirst(commands.count))
  }
}

/// A script with its arguments, what follows it, and until when.
private struct ScriptCall {
  let script: RedisScript
  let command: RedisCommand
  let followers: [RedisCommand]
  let deadline: NIODeadline
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
