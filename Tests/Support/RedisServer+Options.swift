extension RedisServer {
  /// How a test's server differs from the project's `config/redis.conf`.
  public struct Options: Sendable {
    /// Listen on a port of 127.0.0.1 that the kernel chooses, besides the Unix socket.
    public var listensOnTCP: Bool
    /// A cluster of this one node, which owns every slot. Needs ports, so it listens on TCP too.
    public var isCluster: Bool
    /// For the user `default`.
    public var password: String?
    /// Directives that replace those of the file, such as `["appendfsync": "no"]`.
    public var settings: [String: String]

    public init(
      listensOnTCP: Bool = false,
      isCluster: Bool = false,
      password: String? = nil,
      settings: [String: String] = [:]
    ) {
      self.listensOnTCP = listensOnTCP
      self.isCluster = isCluster
      self.password = password
      self.settings = settings
    }
  }

  /// The command line after the configuration file: what must differ on a test's machine, then
  /// what the test asked for.
  static func directives(
    for options: Options,
    directory: String,
    ports: Ports
  ) -> [String] {
    var all = [
      "port": String(ports.client),
      "bind": "127.0.0.1",
      "unixsocket": "\(directory)/redis.sock",
      "unixsocketperm": "700",
      "dir": directory,
      "daemonize": "no",
      "loglevel": "warning",
      "logfile": "",
      "enable-debug-command": "yes",
      // That thread waits until an instant of the wall clock, and where the clock stands it spins.
      "jemalloc-bg-thread": "no",
    ]
    if options.isCluster {
      all["cluster-enabled"] = "yes"
      all["cluster-port"] = String(ports.clusterBus)
    }
    if let password = options.password {
      all["requirepass"] = password
    }
    all.merge(options.settings) { _, asked in asked }
    return all.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
  }
}
