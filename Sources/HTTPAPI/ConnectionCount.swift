import Domain
import Synchronization

/// Counts a listener's open connections, in all and of each address, and refuses those past the
/// limits.
final class ConnectionCount: Sendable {
  private struct Open {
    var all = 0
    var byAddress: [String: Int] = [:]
  }

  private let limits: ConnectionLimits
  private let proxies: [Network]
  private let open = Mutex(Open())

  /// - Parameter proxies: Peers that speak for many, so only the limit for all counts for them.
  init(_ limits: ConnectionLimits, proxies: [Network]) {
    self.limits = limits
    self.proxies = proxies
  }

  /// Counts a connection of that peer, or says which limit refuses it. Whoever was counted is taken
  /// off by ``left(_:)`` with the same peer.
  func enter(_ peer: IPAddress?) -> Limit? {
    let address = counted(peer)
    return open.withLock { open in
      guard open.all < limits.connections else { return .connections }
      if let address {
        let count = open.byAddress[address, default: 0]
        if let most = limits.connectionsPerAddress, count >= most { return .connectionsPerAddress }
        open.byAddress[address] = count + 1
      }
      open.all += 1
      return nil
    }
  }

  /// A connection of that peer has ended.
  func left(_ peer: IPAddress?) {
    let address = counted(peer)
    open.withLock { open in
      open.all -= 1
      guard let address, let count = open.byAddress[address] else { return }
      open.byAddress[address] = count > 1 ? count - 1 : nil
    }
  }

  /// How many addresses are kept, for the test that none is left over.
  var addressCount: Int { open.withLock { $0.byAddress.count } }

  private func counted(_ peer: IPAddress?) -> String? {
    guard let peer, !proxies.contains(where: { $0.contains(peer) }) else { return nil }
    return peer.household
  }
}
