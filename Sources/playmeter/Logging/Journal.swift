import Foundation
import Glibc
import Logging

/// Whether standard error leads to systemd's journal, and what a line says to it.
///
/// Each line then begins with its priority, `<6>`, as sd-daemon(3) has it; the journal takes that
/// off and files it, so that `journalctl -p warning` works. The journal's own protocol would carry
/// more, but a line that it cannot take is lost there, while standard error is never further away
/// than the file that systemd gave us.
enum Journal {
  /// Whether the variable that systemd sets names the file that standard error is now: whoever
  /// redirects it afterwards does not want priorities in the lines.
  static func isStandardError(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    file: Int32 = STDERR_FILENO
  ) -> Bool {
    guard let stream = environment["JOURNAL_STREAM"] else { return false }
    var status = stat()
    guard fstat(file, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }

  /// What a line of this level begins with.
  static func prefix(_ level: Logger.Level) -> String {
    switch level {
    case .critical: "<2>"
    case .error: "<3>"
    case .warning: "<4>"
    case .notice: "<5>"
    case .info: "<6>"
    case .debug, .trace: "<7>"
    }
  }
}
