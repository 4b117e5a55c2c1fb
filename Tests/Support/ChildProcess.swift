import Foundation
import Synchronization

/// A program started by a test. It never outlives its owner: `deinit` kills it, and so does a guard
/// process when the test process itself dies.
///
/// Its output goes into files, so no pipe can fill up and block it.
final class ChildProcess: Sendable {
  private enum State {
    case running
    case ended(status: Int32)
  }

  let name: String
  /// The process number, which is also the program's.
  let identifier: pid_t
  /// Our end of the guard's connection. The system closes it when the test process dies.
  private let lifeline: FileHandle
  private let state = Mutex(State.running)

  /// Becomes the program, and leaves a guard behind that kills it when the lifeline closes. The
  /// guard dies with the program, so it cannot hit a later process with the same number. (Setting
  /// the program's own parent-death signal would not do: it fires when the *thread* that started
  /// the program ends, and threads of a pool come and go.)
  ///
  /// Sockets can be passed to the program as systemd does; it must be told its own number then.
  private static let guarded = """
    exec 9<&0
    setpriv --pdeathsig KILL sh -c 'read -r _; kill -KILL "$0"' $$ \
      <&9 9<&- 3<&- 4<&- >/dev/null 2>&1 &
    if [ "${LISTEN_FDS:-}" ]; then export LISTEN_PID="${LISTEN_PID:-$$}"; fi
    exec "$@" </dev/null 9<&-
    """

  /// Starts `program` (a path) with exactly this environment. Standard output and standard error
  /// are appended to the files given, which may be the same.
  init(
    program: String,
    arguments: [String],
    environment: [String: String],
    passing files: [Int32] = [],
    output: String,
    error: String
  ) throws {
    name = URL(filePath: program).lastPathComponent
    var ends: [Int32] = [-1, -1]
    // Closed on exec: in another child's hands our end would keep the guard waiting.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw SupportError("could not make a pair of sockets")
    }
    lifeline = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    defer { close(ends[0]) }
    identifier = try Spawn(input: ends[0], output: output, error: error, passed: files)
      .run(
        ["/bin/sh", "-c", Self.guarded, "guard", program] + arguments,
        environment: environment.map { "\($0)=\($1)" }
      )
  }

  deinit {
    signal(SIGKILL)
    if exitStatus == nil {
      waitpid(identifier, nil, 0)
    }
  }

  /// The exit status, or the number of the signal that ended it; nil while it runs.
  var exitStatus: Int32? {
    state.withLock { state in
      if case .ended(let status) = state { return status }
      var word: Int32 = 0
      guard waitpid(identifier, &word, WNOHANG) == identifier else { return nil }
      // The lower seven bits are the signal, the next byte is the status.
      let status = word & 0x7f == 0 ? (word >> 8) & 0xff : word & 0x7f
      state = .ended(status: status)
      return status
    }
  }

  /// Does nothing when the process is known to have ended. Until then its number is not reused.
  func signal(_ number: Int32) {
    state.withLock { state in
      guard case .running = state else { return }
      kill(identifier, number)
    }
  }

  /// What the system does when the test process dies: the guard then kills the program.
  func severLifeline() {
    shutdown(lifeline.fileDescriptor, Int32(SHUT_RDWR))
  }

  /// Waits for the end, at most `limit` of real time.
  @discardableResult
  func wait(within limit: Duration) async throws -> Int32 {
    var status: Int32?
    try await Waiting.until("the end of \(name)", within: limit) {
      status = exitStatus
      return status != nil
    }
    guard let status else { throw CancellationError() }
    return status
  }
}
