public import TLS

/// Where the server listens.
public enum RedisAddress: Sendable, Equatable {
  case tcp(host: String, port: Int)
  case unixSocket(path: String)
  /// Wherever the Sentinels say that the master is.
  case sentinel(SentinelGroup)
}

/// Redis Sentinels, which agree on where a master is.
public struct SentinelGroup: Sendable, Equatable {
  /// A Sentinel's place.
  public struct Member: Sendable, Equatable {
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  /// At least one. All are asked at once, and one that answers is enough.
  public let members: [Member]
  /// The name under which they watch the master.
  public let master: String

  public init(members: [Member], master: String) {
    precondition(!members.isEmpty, "A group of Sentinels has members.")
    self.members = members
    self.master = master
  }
}

extension RedisAddress: CustomStringConvertible {
  /// The address for the log. An address holds no secret.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unixSocket(let path): path
    case .sentinel(let group):
      "\(group.master) of "
        + group.members.map { "\(RedisAddress.tcp(host: $0.host, port: $0.port))" }
        .joined(separator: ",")
    }
  }
}

/// How to reach a server and how long to wait for it.
public struct RedisConfiguration: Sendable {
  public var address: RedisAddress
  /// Whether connections are encrypted; then ``tls`` must be set. A Unix socket never is.
  public var isEncrypted: Bool
  /// What encrypted connections are made with.
  public var tls: ClientTLS?
  /// The ACL user; nil is the user `default`.
  public var username: String?
  public var password: String?
  /// What Sentinels ask for; they have no users of their own here.
  public var sentinelPassword: String?
  /// The number for `SELECT`; 0 needs no `SELECT`.
  public var database: Int
  /// How long a command may take, waiting included. 1.5 s lets an HTTP caller have its 503
  /// within 2 s.
  public var commandTimeout: Duration = .milliseconds(1_500)
  /// How long one attempt to connect may take, name resolution included.
  public var connectTimeout: Duration = .seconds(1)
  /// How many commands of one connection may wait for replies. At 150,000 commands a second,
  /// the full queue is a tenth of a second of work.
  public var maximumInFlight: Int = 16_384
  /// The bound of the first pause before a new attempt to connect. It doubles with each failure,
  /// and the pause is a random part of it, so that many clients do not come back at once.
  public var backoffInitial: Duration = .milliseconds(20)
  /// The bound no pause passes: a server that is back is found within this time.
  public var backoffMaximum: Duration = .seconds(1)

  /// The limits have defaults and can be changed afterwards.
  public init(
    address: RedisAddress,
    isEncrypted: Bool = false,
    username: String? = nil,
    password: String? = nil,
    database: Int = 0
  ) {
    self.address = address
    self.isEncrypted = isEncrypted
    self.username = username
    self.password = password
    self.database = database
  }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
  /// Leaves out user and password, so that printing a configuration leaks nothing.
  public var description: String {
    "\(address)\(isEncrypted ? " with TLS" : ""), database \(database)"
  }

  /// The same as `description`, for the same reason.
  public var debugDescription: String { description }
}
