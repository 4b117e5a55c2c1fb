import NIOCore

/// Where a master is, as Sentinels say.
struct SentinelMaster: Sendable, Equatable {
  let host: String
  let port: Int
  /// It grows with each switch, so of two Sentinels the one with the larger number knows better.
  let epoch: Int64

  var address: RedisAddress { .tcp(host: host, port: port) }
}

/// Asks Sentinels where the master is. It is done for each connection, because an address that was
/// right a moment ago may be that of a server which is no master any more.
///
/// All are asked at once, on connections of their own, and the newest answer counts: a Sentinel
/// that was cut off from the others still names the former master.
struct SentinelLookup: Sendable {
  /// How long one may take, with connecting. They are near, and an outage lasts while we wait.
  private static let limit = Duration.milliseconds(500)

  let group: SentinelGroup
  /// What they ask for; nil when they ask for nothing.
  let password: String?

  /// The lookup of a configuration; nil when no Sentinels are to be asked.
  init?(_ configuration: RedisConfiguration) {
    guard case .sentinel(let group) = configuration.address else { return nil }
    self.group = group
    password = configuration.sentinelPassword
  }

  /// The master's place.
  ///
  /// - Throws: `.notConnected` with every Sentinel's reason when none tells.
  func master(on eventLoop: any EventLoop) async throws(RedisError) -> SentinelMaster {
    let answers = await withTaskGroup(of: Result<SentinelMaster, RedisError>.self) { tasks in
      for member in group.members {
        tasks.addTask { await self.answer(of: member, on: eventLoop) }
      }
      return await tasks.reduce(into: []) { $0.append($1) }
    }
    if let newest = answers.compactMap({ try? $0.get() }).max(by: { $0.epoch < $1.epoch }) {
      return newest
    }
    let reasons = answers.map { answer in
      if case .failure(let error) = answer { "\(error)" } else { "" }
    }
    throw .notConnected(
      "no Sentinel says where \(group.master) is: \(reasons.joined(separator: "; "))"
    )
  }

  private func answer(
    of member: SentinelGroup.Member,
    on eventLoop: any EventLoop
  ) async -> Result<SentinelMaster, RedisError> {
    let address = RedisAddress.tcp(host: member.host, port: member.port)
    var configuration = RedisConfiguration(address: address, password: password)
    configuration.connectTimeout = Self.limit
    configuration.commandTimeout = Self.limit
    do {
      let connection = try await RedisConnection.open(configuration, on: eventLoop)
      defer { connection.drop() }
      let replies = try await connection.send(
        pipeline: [
          RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", group.master),
          RedisCommand("SENTINEL", "MASTER", group.master),
        ],
        deadline: .now() + TimeAmount(Self.limit)
      )
      guard let master = Self.master(in: replies) else {
        return .failure(.notConnected("\(address) does not know it"))
      }
      return .success(master)
    } catch {
      return .failure(.notConnected("\(address): \(ConnectionSlot.reason(of: error))"))
    }
  }

  /// The first reply is the place, which already during a switch is the new master's; the second
  /// has names and values in turn.
  private static func master(in replies: [RedisReply]) -> SentinelMaster? {
    guard replies.count == 2, case .array(let place) = replies[0], place.count == 2,
      case .string(let host) = place[0], case .string(let port) = place[1],
      let number = Int(port), (1...65_535).contains(number),
      case .string(let epoch) = replies[1].value(of: "config-epoch"), let epoch = Int64(epoch)
    else { return nil }
    return SentinelMaster(host: host, port: number, epoch: epoch)
  }
}
