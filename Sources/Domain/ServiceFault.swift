/// Why an operation was not done for a reason that is not the caller's.
public enum ServiceFault: Error, Sendable, Equatable {
  /// Redis is away, loading, read-only, full or not fit to bill on, or its clock went back. Nothing
  /// is half done; a repeat is harmless and may succeed. The text is for the log.
  case unavailable(String)
  /// A fault in this program or its data. The text is for the log.
  case broken(String)
  /// The ledger lacks lines, or its archive cannot be read. The text is for an operator: it names
  /// the partition or the file, and says what to do.
  case damagedLedger(String)
}
