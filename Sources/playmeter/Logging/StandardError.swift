import Foundation

/// Standard error as the log and the commands use it.
enum StandardError {
  /// Writes a text in as few system calls as possible, so that lines of several threads do not mix.
  /// Where standard error is gone, there is no place left to say so.
  static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return }
      rest = rest.dropFirst(max(0, count))
    }
  }
}
