import Logging
import NIOCore
import Synchronization

/// What the connections of one client have in common: the callers who wait for any of them to
/// come up, the last failure, and the log, which gets one line when an outage begins and one when
/// it is over, however many connections and attempts it takes.
final class ConnectionWatch: Sendable {
  private struct State {
    var waiters: [ObjectIdentifier: OneShot] = [:]
    var failing: Set<Int> = []
    var outageStart = NIODeadline.now()
    var lastFailure = "no connection has been made yet"
  }

  private let address: RedisAddress
  private let maximumWaiters: Int
  private let logger: Logger
  private let state = Mutex(State())

  init(address: RedisAddress, maximumWaiters: Int, logger: Logger) {
    self.address = address
    self.maximumWaiters = maximumWaiters
    self.logger = logger
  }

  /// Why the last attempt to connect failed, or the last connection ended.
  var lastFailure: String { state.withLock { $0.lastFailure } }

  func failed(slot: Int, reason: String) {
    let isFirst = state.withLock { state in
      state.lastFailure = reason
      let isFirst = state.failing.isEmpty
      if isFirst { state.outageStart = .now() }
      state.failing.insert(slot)
      return isFirst
    }
    guard isFirst else { return }
    logger.error(
      "Redis does not serve; trying again until it does",
      metadata: ["redis": "\(address)", "reason": "\(reason)"]
    )
  }

  func connected(slot: Int) {
    let (waiters, outage) = state.withLock { state -> ([OneShot], Duration?) in
      defer { state.waiters = [:] }
      let isLast = state.failing.remove(slot) != nil && state.failing.isEmpty
      let outage = isLast ? Duration(.now() - state.outageStart) : nil
      return (Array(state.waiters.values), outage)
    }
    for waiter in waiters { waiter.finish(.success(.null)) }
    guard let outage else { return }
    logger.notice(
      "Redis serves again",
      metadata: ["redis": "\(address)", "after": "\(outage)"]
    )
  }

  /// Adds a waiter, or refuses it when too many wait already.
  func add(_ waiter: OneShot) -> Bool {
    state.withLock { state in
      guard state.waiters.count < maximumWaiters else { return false }
      state.waiters[ObjectIdentifier(waiter)] = waiter
      return true
    }
  }

  func remove(_ waiter: OneShot) {
    state.withLock { _ = $0.waiters.removeValue(forKey: ObjectIdentifier(waiter)) }
  }
}
