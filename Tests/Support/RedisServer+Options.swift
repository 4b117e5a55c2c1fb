extension RedisServer {
  /// How a test's server differs from the project's `config/redis.conf`.
  public struct Options: Sendable {
    /// Listen on a port of 127.0.0.1 that the kernel chooses, besides the Unix socket.
    public var listensOnTCP: Bool
    /// A cluster of this one node, which owns every slot. Needs ports, so it listens on TCP too.
    public var isCluster: Bool
    /// For the user `default`.
    public var password: String?
    /// Listen on a second port, with TLS. Needs ports, so it listens on TCP too.
    public var tls: TLSFiles?
    /// Directives that replace those of the file, such as `["appendfsync": "no"]`.
    public var settings: [String: String]

    public init(
      listensOnTCP: Bool = false,
      isCluster: Bool = false,
      password: String? = nil,
      tls: TLSFiles? = nil,
      settings: [String: String] = [:]
    ) {
      self.listensOnTCP = listensOnTCP
      self.isCluster = isCluster
      self.password = password
      self.tls = tls
      self.settings = settings
    }
  }

  /// What a server with TLS shows, and whom it trusts.
  public struct TLSFiles: Sendable {
    let authorityPath: String
    let identity: CertificateAuthority.Issued
    let asksClients: Bool

    /// - Parameter asksClients: Whether clients need a certificate of the authority.
    public init(
      _ authority: CertificateAuthority,
      _ identity: CertificateAuthority.Issued,
      asksClients: Bool = false
    ) {
      authorityPath = authority.certificatePath
      self.identity = identity
      self.asksClients = asksClients
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
    if let tls = options.tls {
      all["tls-port"] = String(ports.tls)
      all["tls-ca-cert-file"] = tls.authorityPath
      all["tls-cert-file"] = tls.identity.certificatePath
      all["tls-key-file"] = tls.identity.keyPath
      all["tls-auth-clients"] = tls.asksClients ? "yes" : "no"
    }
    all.merge(options.settings) { _, asked in asked }
    return all.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
  }
}
