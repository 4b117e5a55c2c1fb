import Support

/// What a fuzzer says on one connection, and what may come back.
struct HostileRequest: Sendable {
  /// The identifier of a request that stands in another one's body, and so is none.
  static let smuggledID = "smuggled"

  var text: [UInt8]
  /// The identifiers of the answers, in order, where that is known.
  var answers: [String]?
  /// Whether no answer but refusals may come.
  var isRefused = false
  /// Whether what stands in a body may have become a request by the damage.
  var isDamaged = false

  private static let embedded =
    "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: \(smuggledID)\r\n\r\n"

  /// Heads that say in two ways, or in none that is allowed, how long the body is.
  private static let framings = [
    "Content-Length: 0\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 0",
    "Content-Length: 0\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Content-Length: 0\r\ntransfer-encoding: CHUNKED", "Content-Length: +0", "Content-Length: -1",
    "Content-Length: 0x0", "Content-Length: 0 0", "Content-Length: 0;", "Content-Length: 0,5",
    "Content-Length: 0e0", "Content-Length: 18446744073709551616",
    "Content-Length: 99999999999999999999999999", "Content-Length : 0", "Content-Length\t: 0",
    "Transfer-Encoding : chunked", "Transfer-Encoding: xchunked", "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: \u{B}chunked", "Transfer-Encoding: chunked\u{0}",
    "Transfer-Encoding: \"chunked\"",
    "X: a\rContent-Length: 0", " Content-Length: 0", "Content-Length", ": 0", "A\u{0}: 0",
    "A: \u{0}", "A: \u{7F}", "A: \u{1}", "A B: 0", "A(: 0",
  ]

  /// Chunks that are none; what follows them is never a request.
  private static let chunks = [
    "-1\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "5\r\nhelloworld\r\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n", "\r\n5\r\nhello\r\n0\r\n\r\n", "g\r\n", "5 5\r\nhello\r\n0\r\n\r\n",
    "5\u{0}\r\nhello\r\n0\r\n\r\n", ";5\r\n",
  ]

  /// One of all kinds.
  init(_ play: Play, _ random: inout SeededRandom) {
    switch random.number(0...9) {
    case 0, 1: self = Self.ambiguous(&random)
    case 2: self = Self.chunked(&random)
    case 3, 4: self = Self.pipelined(play, &random)
    case 5, 6, 7: self = Self.odd(&random)
    default: self = Self.damaged(play, &random)
    }
  }

  private init(_ text: String, answers: [String]? = nil, isRefused: Bool = false) {
    self.text = Array(text.utf8)
    self.answers = answers
    self.isRefused = isRefused
  }

  private static func ambiguous(_ random: inout SeededRandom) -> HostileRequest {
    let head = "POST /v1/nothing HTTP/1.1\r\nHost: x\r\n\(random.pick(framings))\r\n\r\n"
    let body = random.pick(["", "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"])
    return HostileRequest(head + body + embedded, isRefused: true)
  }

  private static func chunked(_ random: inout SeededRandom) -> HostileRequest {
    let head = "POST /v1/nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    return HostileRequest(head + random.pick(chunks) + embedded, isRefused: true)
  }

  /// Right requests one behind the other, up to one that says that it is the last.
  private static func pipelined(_ play: Play, _ random: inout SeededRandom) -> HostileRequest {
    let count = random.number(1...6)
    let last = random.once(in: 3) ? random.number(0...count - 1) : count - 1
    var text = ""
    for number in 0..<count {
      var headers = ["X-Request-Id: r\(number)"]
      if number == last, last < count - 1 { headers.append("Connection: close") }
      switch random.number(0...3) {
      case 0: text += RawRequest.text("GET", "/healthz", headers)
      case 1: text += RawRequest.text("GET", "/v1/nothing?a=\(number)", headers)
      case 2:
        let size = random.pick([1, 5, 100])
        let all = headers + ["X-Api-Key: \(play.game.key)", "Content-Type: application/json"]
        let body = RawRequest.chunked(play.heartbeatBody, size: size)
        let path = Installation.heartbeatPath
        text += RawRequest.text("PATCH", path, all + ["Transfer-Encoding: chunked"], body: body)
      default:
        let length = "Content-Length: \(embedded.utf8.count)"
        text += RawRequest.text("POST", "/v1/nothing", headers + [length], body: embedded)
      }
    }
    return HostileRequest(text, answers: (0...last).map { "r\($0)" })
  }

  private static let targets = [
    "/", "*", "//", "/../../etc/passwd", "/%2e%2e/", "/%00", "/%0d%0aX-Injected:%201", "/%", "/%zz",
    "http://other/healthz", "other:443", "/healthz?", "/healthz?%0a=%00&&==", "/healthz#a", "/é",
    "/api/host/%0d%0a", "/api/match/a/confirm", "/v1/admin/cafes", "/v1/game/session/verify/",
    "?", "/a?b?c", "/\"<script>", "/\\..\\", "/api/hosts?cursor=%ff%fe&region=%00",
  ]

  private static let methods = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI", "FOO", "get",
    "PROPFIND", "M-SEARCH", "HEAD",
  ]

  private static let fields = [
    "Authorization: Bearer", "Authorization: Bearer ", "Authorization:",
    "Authorization: Basic YTpi",
    "Authorization: bearer a b c", "Authorization: Bearer \u{E9}", "X-Forwarded-For: ,,,",
    "X-Forwarded-For: 1.2.3.4, 127.0.0.1", "X-Forwarded-For: ::ffff:1.2.3.4, [::1]:80, unknown",
    "X-Forwarded-For: 999.1.1.1", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 10.0.0.1",
    "Expect: 100-continue", "Expect: nothing", "Upgrade: h2c\r\nConnection: Upgrade",
    "Upgrade: websocket\r\nConnection: Upgrade", "Connection: keep-alive, close, X-Api-Key",
    "X-Api-Key: \u{E9}", "X-Cafe-Id: {p0}\r\nX-Timestamp: 99999999999\r\nX-Nonce: a",
    "Cookie: a=\"b", "Content-Type: ;;", "Accept: */*;q=\u{9}1", "Content-Encoding: gzip",
    "X-Request-Id: a\"b", "X-Request-Id: \\r\\n", "Idempotency-Key: \u{E9}", "Host: a, b",
    "Origin: null", "Origin: \"><script>", "Access-Control-Request-Method: \\",
  ]

  /// A request whose form is right, and nothing else.
  private static func odd(_ random: inout SeededRandom) -> HostileRequest {
    var target = random.pick(targets)
    if random.once(in: 5) {
      target += String(repeating: "a", count: random.pick(SeededRandom.boundaries))
    }
    var headers = (0..<random.number(0...3)).map { _ in random.pick(fields) }
    if random.once(in: 5) {
      let length = random.pick(SeededRandom.boundaries)
      headers.append("X-Long: " + String(repeating: "a", count: length))
    }
    if random.once(in: 8) { headers += (0..<random.number(1...150)).map { "X-\($0): a" } }
    return HostileRequest(RawRequest.text(random.pick(methods), target, headers))
  }

  private static let words = [
    "\r\n", "\n", "\r", "\r\n\r\n", "\u{0}", " ", "\t", ":", "HTTP/1.1", "HTTP/0.9", "HTTP/2.0",
    "GET ",
    "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n",
    "\r\n folded\r\n", "%", "\u{1B}[31m", "é",
  ]

  private static func damaged(_ play: Play, _ random: inout SeededRandom) -> HostileRequest {
    var request = pipelined(play, &random)
    request.answers = nil
    request.isDamaged = true
    request.text = random.damaged(request.text, words: words)
    return request
  }
}
