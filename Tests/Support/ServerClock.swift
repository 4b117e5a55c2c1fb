import Foundation
import Synchronization

/// The wall clock of one redis-server: it runs with real time plus an offset that the test sets, or
/// it stands at an instant until the test moves it. The server sees a change at its next look at
/// the clock.
public final class ServerClock: Sendable {
  /// The file that the preloaded ClockShim maps.
  let path: String
  private let offset = Mutex(Duration.zero)
  /// The offset, then the instant at which the clock is held or 0; both in milliseconds.
  private static let words = 2

  // SAFETY: the address never changes, it is valid until deinit, and it is only written to, as
  // aligned words, while `offset` is locked.
  nonisolated(unsafe) private let shared: UnsafeMutablePointer<Int64>

  init(path: String) throws {
    self.path = path
    let size = Self.words * MemoryLayout<Int64>.size
    let zero = Data(count: size)
    guard FileManager.default.createFile(atPath: path, contents: zero) else {
      throw SupportError("could not create \(path)")
    }
    let file = open(path, O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let access = PROT_READ | PROT_WRITE
    let memory = mmap(nil, size, access, MAP_SHARED, file, 0)
    guard let memory, memory != MAP_FAILED else { throw SupportError("could not map \(path)") }
    shared = memory.bindMemory(to: Int64.self, capacity: Self.words)
  }

  deinit {
    munmap(shared, Self.words * MemoryLayout<Int64>.size)
  }

  /// How far the server's clock is ahead of the real one, in whole milliseconds.
  public var currentOffset: Duration { offset.withLock { $0 } }

  /// Moves the clock forward, or back when `duration` is negative.
  public func advance(by duration: Duration) {
    offset.withLock { current in
      current += duration
      shared.pointee = Self.milliseconds(current)
      if shared[1] != 0 { shared[1] += Self.milliseconds(duration) }
    }
  }

  /// Sets the distance to the real clock. It may be negative, and smaller than before: then the
  /// server's clock steps back.
  public func set(offset new: Duration) {
    offset.withLock { current in
      current = new
      shared.pointee = Self.milliseconds(new)
    }
  }

  /// Lets the server's clock stand at an instant, in Unix milliseconds: no time passes but what
  /// later calls give, however long the test takes. An offset counts no more.
  public func hold(atMilliseconds instant: Int64) {
    offset.withLock { _ in shared[1] = instant }
  }

  /// Lets the server's clock stand where it is.
  public func hold() {
    let now = Date().timeIntervalSince1970 * 1000
    hold(atMilliseconds: Int64(now) + Self.milliseconds(currentOffset))
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    let parts = duration.components
    return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
  }
}
