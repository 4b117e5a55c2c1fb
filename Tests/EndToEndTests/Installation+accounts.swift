import Audit
import Domain
import Foundation
import HTTPAPI
import RedisStore
import Support
import Testing

@testable import playmeter

/// What tests of the accounts do again and again.
extension Installation {
  /// Moves the clock to so many and a half seconds before a month's end in Seoul.
  func goToMonthsEnd(secondsBefore: Int64) async throws -> (Month, end: Int) {
    let now = try await RedisLiveState(link: link).now()
    // Seoul is nine hours ahead of UTC all year.
    let inSeoul = Timestamp.text(of: now.advanced(bySeconds: 9 * 3600))
    let month = try #require(Month(String(inSeoul.prefix(7))))
    let seoul = try #require(TimeZone(identifier: "Asia/Seoul"))
    let end = try #require(month.bounds(in: seoul)).upperBound.milliseconds
    let passing = end - now.milliseconds - secondsBefore * 1000 - 500
    redis.clock.advance(by: .milliseconds(passing))
    return (month, Int(end))
  }

  /// Lets time pass, and beats.
  func pass(seconds: Int, of play: Play) async throws {
    pass(seconds: seconds)
    try await play.beatBoth()
  }

  func expectRefusal(of month: Month, _ parts: String...) async throws {
    let result = try await command(["settle", "--month", month.description])
    #expect(result.status == 1)
    #expect(result.standardOutput == "")
    for part in parts { #expect(result.standardError.contains(part)) }
  }

  /// The row of a cafe, as CSV.
  func settle(
    _ month: Month,
    _ cafe: Cafe,
    _ more: [String] = []
  ) async throws -> String {
    let words = ["settle", "--month", month.description, "--cafe", cafe.id, "--format", "csv"]
    let result = try await command(words + more)
    #expect(result.status == 0, "\(result.standardError)")
    return result.standardOutput.split(separator: "\n").dropFirst().joined(separator: "\n")
  }

  func reconcile() async throws -> CommandResult {
    try await command(["reconcile", "--json"])
  }

  /// Each finding's rule and what to look at.
  func findings(_ result: CommandResult) throws -> [String] {
    try result.json.array("findings")
      .map { finding in
        let ids = try finding.array("ids").map { try $0.string("") }
        return try finding.string("invariant") + " " + ids.joined(separator: " ")
      }
      .sorted()
  }

  func lines(of cafe: Cafe) async throws -> [LedgerLine] {
    let id = try #require(CafeID(cafe.id))
    return try await link.ledgerLines(in: Partition(of: id, count: Self.partitionCount))
  }

  /// Appends a line once more, under the next number.
  func append(_ line: LedgerLine, number: Int64, to key: String) async throws -> String {
    let members = line.members.map { member in
      switch member.value {
      case .integer(let value): "\(member.name) \(member.name == "seq" ? number : value)"
      case .text(let text): "\(member.name) \"\(text)\""
      }
    }
    let id = "\(line.instant.milliseconds)-\(number)"
    return try await redis.raw("XADD \(key) \(id) \(members.joined(separator: " "))")
  }
}

extension Play {
  /// Waits until the running worker has billed at least so many seconds.
  func waitUntilBilled(atLeast seconds: Int) async throws {
    try await Waiting.until("\(seconds) s of \(id) are billed", within: .seconds(20)) {
      try await report().integer("billable_sec") >= seconds
    }
  }
}
