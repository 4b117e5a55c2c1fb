import HTTPAPI

/// What the texts of the limits mean; nil where a text breaks its setting's rule.
extension SettingText {
  /// A number of requests and the time that they are for: `20/s`.
  static func rateLimit(_ text: String) -> RateLimit? {
    guard text != "off" else { return .off }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let periods: [Substring: Duration] = [
      "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600),
    ]
    guard parts.count == 2, let count = integer(String(parts[0]), in: RateLimit.counts),
      let period = periods[parts[1]]
    else { return nil }
    return .requests(count, per: period)
  }

  /// A count of connections, `.some(nil)` for `off`; nil breaks the rule.
  static func connectionCount(_ text: String) -> Int?? {
    guard text != "off" else { return .some(nil) }
    guard let count = integer(text, in: ConnectionLimits.counts) else { return nil }
    return count
  }
}
