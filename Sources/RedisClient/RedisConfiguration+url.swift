/// Why a text is no Redis URL. The reason never quotes the text, which may hold a password, even
/// in the wrong place.
public struct RedisURLError: Error, Sendable, Equatable, CustomStringConvertible {
  public let reason: String

  /// The reason with the forms that are accepted.
  public var description: String {
    "\(reason); accepted are redis://[user[:password]@]host[:port][/database], the same with "
      + "rediss:// for TLS, unix://[user[:password]@]/path[?db=database], and "
      + "redis+sentinel://[user[:password]@]host[:port][,host[:port]...]/master[/database]"
  }
}

extension RedisConfiguration {
  /// Reads `redis://[user[:password]@]host[:port][/db]`, with IPv6 addresses in brackets, or
  /// `unix://[user[:password]@]/path[?db=N]`; `rediss://` is the first with TLS, for which ``tls``
  /// must be set afterwards. `redis+sentinel://[user[:password]@]host[:port][,…]/master[/db]` names
  /// Sentinels, whose port defaults to 26379, and what they call the master; user and password are
  /// those of Redis itself. User, password and path are
  /// percent-decoded. The port defaults to 6379, the database to 0.
  public init(url: String) throws(RedisURLError) {
    guard let schemeEnd = url.firstRange(of: "://") else {
      throw RedisURLError(reason: "the URL has no scheme")
    }
    let rest = url[schemeEnd.upperBound...]
    switch url[..<schemeEnd.lowerBound].lowercased() {
    case "redis": self = try Self.network(rest, isEncrypted: false)
    case "rediss": self = try Self.network(rest, isEncrypted: true)
    case "redis+sentinel": self = try Self.sentinel(rest)
    case "unix": self = try Self.unix(rest)
    default: throw RedisURLError(reason: "the URL's scheme is unknown")
    }
  }

  private static func network(
    _ text: Substring,
    isEncrypted: Bool
  ) throws(RedisURLError) -> RedisConfiguration {
    let slash = text.firstIndex(of: "/") ?? text.endIndex
    let (user, password, place) = try credentials(text[..<slash])
    let (host, port) = try hostAndPort(place)
    let path = text[slash...].dropFirst()
    guard !path.contains("?"), !path.contains("#") else {
      throw RedisURLError(reason: "a redis:// URL takes no query and no fragment")
    }
    return RedisConfiguration(
      address: .tcp(host: host, port: port),
      isEncrypted: isEncrypted,
      username: user,
      password: password,
      database: path.isEmpty ? 0 : try database(path)
    )
  }

  private static func sentinel(_ text: Substring) throws(RedisURLError) -> RedisConfiguration {
    let slash = text.firstIndex(of: "/") ?? text.endIndex
    let (user, password, places) = try credentials(text[..<slash])
    var members: [SentinelGroup.Member] = []
    for place in places.split(separator: ",", omittingEmptySubsequences: false) {
      let (host, port) = try hostAndPort(place, defaultPort: 26_379)
      members.append(SentinelGroup.Member(host: host, port: port))
    }
    let path = text[slash...].dropFirst()
      .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = path.first, !name.isEmpty, name.utf8.allSatisfy(isAllowedInHost) else {
      throw RedisURLError(reason: "after the Sentinels the URL names the master they watch")
    }
    return RedisConfiguration(
      address: .sentinel(SentinelGroup(members: members, master: String(name))),
      username: user,
      password: password,
      database: path.count == 2 ? try database(path[1]) : 0
    )
  }

  private static func unix(_ text: Substring) throws(RedisURLError) -> RedisConfiguration {
    guard let slash = text.firstIndex(of: "/") else {
      throw RedisURLError(reason: "a unix:// URL needs an absolute path")
    }
    let (user, password, host) = try credentials(text[..<slash])
    guard host.isEmpty else {
      throw RedisURLError(reason: "a unix:// URL has no host: write three slashes")
    }
    let question = text.firstIndex(of: "?") ?? text.endIndex
    guard question > slash else {
      throw RedisURLError(reason: "a \"?\" in user or password must be percent-encoded")
    }
    let path = try percentDecoded(text[slash..<question])
    guard path.count > 1, !path.utf8.contains(0) else {
      throw RedisURLError(reason: "the path of the socket is empty or holds a NUL")
    }
    return RedisConfiguration(
      address: .unixSocket(path: path),
      username: user,
      password: password,
      database: try databaseQuery(text[question...].dropFirst())
    )
  }

  /// Splits `user:password@place`. The last `@` counts, so a forgotten percent-encoding in the
  /// password does not turn its rest into a host name that errors would then show.
  private static func credentials(
    _ authority: Substring
  ) throws(RedisURLError) -> (user: String?, password: String?, place: Substring) {
    guard let at = authority.lastIndex(of: "@") else { return (nil, nil, authority) }
    let pair = authority[..<at]
    let place = authority[authority.index(after: at)...]
    let colon = pair.firstIndex(of: ":") ?? pair.endIndex
    let user = try percentDecoded(pair[..<colon])
    let password = colon < pair.endIndex ? try percentDecoded(pair[colon...].dropFirst()) : nil
    return (user.isEmpty ? nil : user, password, place)
  }

  private static func hostAndPort(
    _ place: Substring,
    defaultPort: Int = 6_379
  ) throws(RedisURLError) -> (host: String, port: Int) {
    var host = place
    var port: Substring?
    if place.hasPrefix("[") {
      guard let bracket = place.firstIndex(of: "]") else {
        throw RedisURLError(reason: "the IPv6 address has no closing bracket")
      }
      host = place[..<bracket].dropFirst()
      let tail = place[bracket...].dropFirst()
      guard tail.isEmpty || tail.hasPrefix(":") else {
        throw RedisURLError(reason: "after the IPv6 address only a port may follow")
      }
      port = tail.isEmpty ? nil : tail.dropFirst()
    } else if let colon = place.firstIndex(of: ":") {
      host = place[..<colon]
      port = place[colon...].dropFirst()
    }
    guard !host.isEmpty, host.utf8.allSatisfy(isAllowedInHost) else {
      throw RedisURLError(reason: "the URL has no host, or one with characters no host has")
    }
    guard let port else { return (String(host), defaultPort) }
    guard let number = decimal(port), (1...65_535).contains(number) else {
      throw RedisURLError(reason: "the port is not a number from 1 to 65535")
    }
    return (String(host), number)
  }

  /// Letters, digits and what names and IPv6 addresses with a zone need.
  private static func isAllowedInHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._:%".utf8.contains(byte)
    }
  }

  private static func databaseQuery(_ query: Substring) throws(RedisURLError) -> Int {
    if query.isEmpty { return 0 }
    guard query.hasPrefix("db=") else {
      throw RedisURLError(reason: "the only query parameter is db")
    }
    return try database(query.dropFirst(3))
  }

  private static func database(_ text: Substring) throws(RedisURLError) -> Int {
    guard let number = decimal(text) else {
      throw RedisURLError(reason: "the database is not a number")
    }
    return number
  }

  /// Digits only: `Int` alone would also take a sign. Nine of them are more than any port or
  /// database needs.
  private static func decimal(_ text: Substring) -> Int? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return Int(text)
  }

  private static func percentDecoded(_ text: Substring) throws(RedisURLError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = Substring(rest.prefix(2))
      guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
        let value = UInt8(digits, radix: 16)
      else { throw RedisURLError(reason: "a \"%\" is not followed by two hexadecimal digits") }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw RedisURLError(reason: "a percent-encoded part is not UTF-8")
    }
    return decoded
  }
}
