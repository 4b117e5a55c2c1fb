import Domain
import HTTPAPI
import Logging

/// Writes each message as one line, in one of the forms of ``LogFormat``.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level

  private let label: String
  private let format: LogFormat
  private let showsPriority: Bool
  private let now: @Sendable () -> Instant
  private let write: @Sendable (String) -> Void

  /// A handler for one logger.
  ///
  /// - Parameters:
  ///   - showsPriority: Whether each line begins with its priority for systemd's journal.
  ///   - now: The clock for timestamps.
  ///   - write: Takes a line with its end.
  init(
    label: String,
    level: Logger.Level,
    format: LogFormat,
    showsPriority: Bool = false,
    now: @escaping @Sendable () -> Instant = WallClock.now,
    write: @escaping @Sendable (String) -> Void = StandardError.write
  ) {
    self.label = label
    logLevel = level
    self.format = format
    self.showsPriority = showsPriority
    self.now = now
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// What is nearest to the message wins: its own metadata, then the provider's, then the logger's.
  func log(event: LogEvent) {
    var merged = metadata
    if let provided = metadataProvider?.get() { merged.merge(provided) { $1 } }
    if let error = event.error { merged["error"] = "\(error)" }
    if let own = event.metadata { merged.merge(own) { $1 } }
    let line = LogLine(
      timestamp: now(),
      level: event.level,
      label: label,
      message: event.message.description,
      metadata: merged
    )
    write((showsPriority ? Journal.prefix(event.level) : "") + line.text(format) + "\n")
  }
}

extension LineLogHandler {
  /// Makes every logger of the process write such lines to standard error. Call it once, before
  /// the first logger is made.
  static func bootstrap(level: Logger.Level, format: LogFormat) {
    let showsPriority = Journal.isStandardError()
    LoggingSystem.bootstrap {
      LineLogHandler(label: $0, level: level, format: format, showsPriority: showsPriority)
    }
  }
}
