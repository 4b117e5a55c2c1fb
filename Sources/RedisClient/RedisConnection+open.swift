import NIOCore
import NIOPosix
import TLS

extension RedisConnection {
  /// Connects and shakes hands: user, database, and a `PING` that finds out whether the server
  /// serves at all. Without it a server that still loads its data, or that wants a password we
  /// do not have, would look like a good one.
  static func open(
    _ configuration: RedisConfiguration,
    on eventLoop: any EventLoop
  ) async throws -> RedisConnection {
    let connection = try await connect(configuration, on: eventLoop)
    do {
      for command in configuration.handshake { _ = try await connection.send(command) }
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

  private static func connect(
    _ configuration: RedisConfiguration,
    on eventLoop: any EventLoop
  ) async throws -> RedisConnection {
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
    let initialize: @Sendable (any Channel) -> EventLoopFuture<RedisConnection> = { channel in
      channel.eventLoop.makeCompletedFuture {
        try RedisConnection(on: channel, configuration: configuration)
      }
    }
    switch configuration.address {
    case .tcp(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: initialize)
    case .unixSocket(let path):
      return try await bootstrap.connect(
        unixDomainSocketPath: path,
        channelInitializer: initialize
      )
    }
  }

  private convenience init(on channel: any Channel, configuration: RedisConfiguration) throws {
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
      commandTimeout: configuration.commandTimeout
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
