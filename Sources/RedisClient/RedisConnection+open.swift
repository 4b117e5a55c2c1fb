import NIOCore
import NIOPosix
import TLS

extension RedisConnection {
  /// Connects and shakes hands: user, database, and a `PING` that finds out whether the server
  /// serves at all. Without it a server that still loads its data, or that wants a password we
  /// do not have, would look like a good one. With Sentinels it first asks them where to, and the
  /// server itself whether it is the master: for a moment they may name one that was.
  static func open(
    _ configuration: RedisConfiguration,
    on eventLoop: any EventLoop
  ) async throws -> RedisConnection {
    let master = try await SentinelLookup(configuration)?.master(on: eventLoop)
    let connection = try await connect(configuration, to: master, on: eventLoop)
    do {
      for command in configuration.handshake { _ = try await connection.send(command) }
      if let master { try await connection.expectRole(of: master) }
    } catch {
      connection.drop()
      throw error
    }
    return connection
  }

  /// Closes at once, without waiting for replies.
  func drop() {
    channel.close(promise: nil)
  }

  private func expectRole(of master: SentinelMaster) async throws(RedisError) {
    guard case .array(let facts) = try await send(RedisCommand("ROLE")),
      case .string(let role) = facts.first
    else { throw .notConnected("\(master.address) does not tell its role") }
    guard role == "master" else {
      throw .notConnected("\(master.address) is a \(role), though the Sentinels call it master")
    }
  }

  private static func connect(
    _ configuration: RedisConfiguration,
    to master: SentinelMaster?,
    on eventLoop: any EventLoop
  ) async throws -> RedisConnection {
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
    let initialize: @Sendable (any Channel) -> EventLoopFuture<RedisConnection> = { channel in
      channel.eventLoop.makeCompletedFuture {
        try RedisConnection(on: channel, configuration: configuration, master: master)
      }
    }
    switch master?.address ?? configuration.address {
    case .sentinel:
      preconditionFailure("The Sentinels were asked before.")
    case .tcp(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: initialize)
    case .unixSocket(let path):
      return try await bootstrap.connect(
        unixDomainSocketPath: path,
        channelInitializer: initialize
      )
    }
  }

  private convenience init(
    on channel: any Channel,
    configuration: RedisConfiguration,
    master: SentinelMaster?
  ) throws {
    let health = ConnectionHealth()
    let handler = RedisChannelHandler(
      eventLoop: channel.eventLoop,
      health: health,
      maximumInFlight: configuration.maximumInFlight
    )
    try channel.pipeline.syncOperations.addHandler(handler)
    try configuration.encrypt(channel)
    self.init(
      channel: channel,
      handler: handler,
      health: health,
      commandTimeout: configuration.commandTimeout,
      master: master
    )
  }
}

extension RedisConfiguration {
  /// Puts TLS in front, where it is wanted.
  fileprivate func encrypt(_ channel: any Channel) throws {
    guard isEncrypted, case .tcp(let host, _) = address else { return }
    guard let tls else { preconditionFailure("Encrypted connections need what makes them.") }
    try tls.secure(channel, host: host, within: connectTimeout)
  }

  fileprivate var handshake: [RedisCommand] {
    var commands: [RedisCommand] = []
    switch (username, password) {
    case (.none, .none): break
    case (.none, .some(let password)): commands.append(RedisCommand("AUTH", password))
    case (.some(let user), let password):
      commands.append(RedisCommand("AUTH", user, password ?? ""))
    }
    if database != 0 { commands.append(RedisCommand("SELECT", String(database))) }
    commands.append(RedisCommand("PING"))
    return commands
  }
}
