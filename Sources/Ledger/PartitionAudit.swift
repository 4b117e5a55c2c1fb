public import Domain

/// Recomputes the sessions and balances of one partition from its lines, fed in order, and compares
/// them with what the lines state and, at any line, with what the store holds.
///
/// It holds one entry for each living session and each cafe. After a line that does not fit it goes
/// on from what that line says, so that one fault gives one finding and not one for each line
/// behind it.
public struct PartitionAudit: Sendable {
  /// What a cafe's lines add up to.
  struct Account {
    var balance: Int64 = 0
    /// Top-ups and adjustments, each with a reference of its own.
    var references: Int64 = 0
    var openSessions: Int64 = 0
    var spendingPerHour: Int64 = 0
  }

  /// What was found so far.
  public internal(set) var result = Reconciliation()
  /// The number of the latest line.
  public private(set) var sequence: Int64 = 0

  let partition: Partition
  var accounts: [String: Account] = [:]
  var sessions: [String: OpenSession] = [:]
  /// The session that lives on a PC.
  var places: [String: String] = [:]
  /// Whether the ledger's end was seen not to be where the store has counted to.
  var isMiscounted = false
  private var latest = Instant(milliseconds: 0)

  /// An audit that has seen no line.
  public init(of partition: Partition) {
    self.partition = partition
  }

  /// Takes in the next line. Of kinds that a later version adds only the number, the amount and
  /// the place in their session count.
  public mutating func add(_ line: LedgerLine) {
    result.linesRead += 1
    checkNumber(line)
    if let cafe = line.text("cafe_id") { checkMoney(line, of: cafe) }
    if let number = line.integer("session_seq"), let id = line.text("game_session_id") {
      check(line, number, of: id)
    }
  }

  /// Notes how many cafes there are to be checked.
  public mutating func expect(cafes count: Int) {
    result.cafesKnown += Int64(count)
  }

  /// The sessions that live by now.
  public var openSessions: [String] { Array(sessions.keys) }
  /// The cafes that any line has named.
  public var cafes: [String] { Array(accounts.keys) }

  mutating func find(_ invariant: Invariant, _ ids: [String], _ text: String) {
    result.add(Finding(invariant, ids, text))
  }

  func place(_ line: LedgerLine) -> String { "p\(partition.number)#\(line.sequence)" }

  private mutating func checkNumber(_ line: LedgerLine) {
    result.linesLost += Int64(line.loss?.numbers.count ?? 0)
    if !line.follows(sequence) {
      find(.numbers, [place(line)], "the line follows number \(sequence) of its partition")
    }
    if line.instant < latest {
      find(.numbers, [place(line)], "the line is earlier than the one before it")
    }
    sequence = line.sequence
    latest = max(latest, line.instant)
  }

  private mutating func checkMoney(_ line: LedgerLine, of cafe: String) {
    guard let amount = line.integer("amount_mgcoin") else {
      if accounts[cafe] == nil { accounts[cafe] = Account() }
      return
    }
    var account = accounts[cafe] ?? Account()
    account.balance += amount
    let kind = line.kind
    if kind == .topup || kind == .adjustment { account.references += 1 }
    if let stated = line.integer("balance_mgcoin"), stated != account.balance {
      let text = "the line states the balance \(stated), the lines so far give \(account.balance)"
      find(.balance, [cafe, place(line)], text + " mgcoin")
      addResidual(stated - account.balance)
      account.balance = stated
    }
    if account.balance < 0 {
      find(.noDebt, [cafe, place(line)], "the balance is \(account.balance) mgcoin")
    }
    accounts[cafe] = account
  }

  mutating func addResidual(_ difference: Int64) {
    result.residual = result.residual + Money(milliGCoin: abs(difference))
  }
}
