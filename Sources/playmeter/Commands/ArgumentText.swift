import ArgumentParser
import Domain
import HTTPAPI

/// What the texts of arguments mean. What breaks a rule is refused with the rule in words.
enum ArgumentText {
  private static let maximumNameCharacters = 100
  private static let maximumReasonCharacters = 200
  /// More than any launcher's link needs.
  private static let maximumURLCharacters = 2048

  /// An identifier or a reference.
  static func name<Value: Name>(_ text: String) throws -> Value {
    guard let name = Value(text) else { throw refusal(Value.rule) }
    return name
  }

  /// A name for people.
  static func title(_ text: String) throws -> String {
    try printable(text, maximumCharacters: maximumNameCharacters)
  }

  /// The reason for an adjustment.
  static func reason(_ text: String) throws -> String {
    try printable(text, maximumCharacters: maximumReasonCharacters)
  }

  /// What a launcher opens.
  static func launchURL(_ text: String) throws -> String {
    try printable(text, maximumCharacters: maximumURLCharacters)
  }

  /// G-coin per hour.
  static func tariff(_ text: String) throws -> Tariff {
    guard let tariff = Tariff(gCoinPerHour: text) else {
      throw refusal("G-coin per hour, from 0.06 to 100000 with at most three decimals")
    }
    return tariff
  }

  /// An amount to pay in.
  static func payment(_ text: String) throws -> Money {
    guard let money = Money(gCoin: text), money > .zero, money <= .maximumBalance else {
      throw refusal("a positive amount in G-coin with at most three decimals")
    }
    return money
  }

  /// An amount to add or, with a minus sign, to take away.
  static func correction(_ text: String) throws -> Money {
    guard let money = Money(gCoin: text), money != .zero,
      money.milliGCoin.magnitude <= Money.maximumBalance.milliGCoin.magnitude
    else { throw refusal("an amount in G-coin with at most three decimals, not 0") }
    return money
  }

  /// A block of addresses.
  static func network(_ text: String) throws -> Network {
    guard let network = Network(text) else {
      throw refusal("an IPv4 or IPv6 network in CIDR notation, without bits behind the prefix")
    }
    return network
  }

  /// A point in time.
  static func instant(_ text: String) throws -> Instant {
    if let milliseconds = Int64(text) { return Instant(milliseconds: milliseconds) }
    guard let instant = Timestamp.instant(of: text) else {
      throw refusal("a time such as 2026-03-06T12:00:00+09:00, or Unix milliseconds")
    }
    return instant
  }

  /// A share to give back.
  static func percent(_ text: String) throws -> Int {
    guard let percent = SettingText.integer(text, in: Compensation.percents) else {
      let percents = Compensation.percents
      throw refusal("a whole number from \(percents.lowerBound) to \(percents.upperBound)")
    }
    return percent
  }

  /// A month of the calendar.
  static func month(_ text: String) throws -> Month {
    guard let month = Month(text) else { throw refusal(Month.rule) }
    return month
  }

  /// Lines that nobody has, by name.
  static func loss(_ text: String) throws -> LedgerLoss {
    guard let loss = LedgerLoss(text) else {
      throw refusal("a partition and the numbers of its lost lines, such as p3#11-12")
    }
    return loss
  }

  /// Which hosts of a list are wanted.
  static func hostSelection(_ text: String) throws -> HostFilter.Selection {
    guard let selection = HostFilter.Selection(rawValue: text) else {
      throw refusal("matchable, busy or all")
    }
    return selection
  }

  private static func printable(_ text: String, maximumCharacters: Int) throws -> String {
    guard (1...maximumCharacters).contains(text.count),
      !text.unicodeScalars.contains(where: Printable.mustBeEscaped)
    else { throw refusal("1 to \(maximumCharacters) printable characters") }
    return text
  }

  private static func refusal(_ rule: String) -> ValidationError {
    ValidationError("It must be \(rule).")
  }
}
