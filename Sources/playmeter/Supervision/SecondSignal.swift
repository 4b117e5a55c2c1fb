import Glibc
import Logging
import UnixSignals

/// Ends the process at once when it is told to end for the second time: whoever asks again does not
/// want to wait for what the first signal began.
///
/// The process then dies of that signal, so that shells show 143 (SIGTERM) or 130 (SIGINT) and
/// systemd sees what it asked for. That is safe for the money, as every crash is.
struct SecondSignal: Sendable {
  let logger: Logger

  /// Listens until the task is cancelled.
  func listen() async {
    var isFirst = true
    for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
      if isFirst {
        isFirst = false
        logger.notice("stopping", metadata: ["signal": "\(signal)"])
        continue
      }
      logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
      Self.die(of: signal.rawValue)
    }
  }

  private static func die(of number: Int32) -> Never {
    signal(number, SIG_DFL)
    // Threads of the pool block signals.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(number)
    // Not reached, unless somebody else handles the signal.
    _exit(128 + number)
  }
}
