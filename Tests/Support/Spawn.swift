import Foundation

/// One call of posix_spawn. Foundation's Process is no substitute here: children that are started
/// at the same time inherit each other's files, and then it misses the end of one while another
/// runs.
struct Spawn {
  /// The numbers that passed files can get; a shell knows no more than 9.
  private static let passedFiles: Range<Int32> = 3..<9

  /// An open file that becomes standard input.
  let input: Int32
  /// Paths of files, appended to.
  let output: String
  let error: String
  /// Open files that become those from 3 on.
  var passed: [Int32] = []

  /// Starts the program that `words` begin with (a path), with no blocked signal, and returns its
  /// process number. The caller waits for its end.
  func run(_ words: [String], environment: [String]) throws -> pid_t {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    let mode = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO)
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, mode, 0o600)
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, error, mode, 0o600)
    // Out of the way of the numbers that they become.
    let copies = passed.map { fcntl($0, F_DUPFD_CLOEXEC, Self.passedFiles.upperBound) }
    defer { copies.forEach { close($0) } }
    for (copy, number) in zip(copies, Self.passedFiles) {
      posix_spawn_file_actions_adddup2(&files, copy, number)
    }
    // Sockets that NIO accepts are not closed on exec: in a child's hands they would stay open when
    // we close them, and whoever is at the other end would wait for ever.
    let end = try Self.highestFile()
    for file in Self.passedFiles.lowerBound + Int32(passed.count)..<end {
      posix_spawn_file_actions_addclose(&files, file)
    }

    // Threads of a pool block most signals, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var identifier: pid_t = 0
    let failure = Self.withCStrings(words) { arguments in
      Self.withCStrings(environment) { environment in
        posix_spawn(&identifier, words[0], &files, &attributes, arguments, environment)
      }
    }
    guard failure == 0 else {
      throw SupportError("could not start \(words[0]): \(String(cString: strerror(failure)))")
    }
    return identifier
  }

  /// Past the highest open file, with room for those that other threads open meanwhile. Closing one
  /// that is not open does no harm.
  private static func highestFile() throws -> Int32 {
    let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return (files.compactMap { Int32($0) }.max() ?? 0) + 64
  }

  /// Lends the texts as C has them: pointers, the last one null. They are freed afterwards.
  private static func withCStrings<Result>(
    _ texts: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
  }
}
