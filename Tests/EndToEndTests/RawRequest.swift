/// The bytes of a request, for what no client library would send.
enum RawRequest {
  static func text(
    _ method: String,
    _ path: String,
    _ headers: [String],
    body: String = ""
  ) -> String {
    (["\(method) \(path) HTTP/1.1", "Host: x"] + headers + ["", body]).joined(separator: "\r\n")
  }

  /// A game server's heartbeat.
  static func heartbeat(of play: Play) -> String {
    let headers = [
      "X-Api-Key: \(play.game.key)", "Content-Type: application/json",
      "Content-Length: \(play.heartbeatBody.utf8.count)",
    ]
    return text("PATCH", Installation.heartbeatPath, headers, body: play.heartbeatBody)
  }

  /// A body in chunks of at most so many bytes; its text is ASCII.
  static func chunked(_ body: String, size: Int) -> String {
    var rest = Substring(body)
    var text = ""
    while !rest.isEmpty {
      let chunk = rest.prefix(size)
      text += "\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n"
      rest = rest.dropFirst(size)
    }
    return text + "0\r\n\r\n"
  }
}
