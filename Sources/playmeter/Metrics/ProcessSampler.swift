import CoreMetrics
import Foundation
import ServiceLifecycle

/// Tells every 5 s what the process uses of the machine, under the names that all exporters use.
/// Where there is no `/proc`, as on macOS, those metrics are absent.
struct ProcessSampler: Service {
  private static let interval: Duration = .seconds(5)

  private let cpu: FloatingPointCounter
  private let memory: Gauge
  private let openFiles: Gauge
  private let mostFiles: Gauge
  private let start: Gauge

  init(_ factory: any MetricsFactory) {
    cpu = FloatingPointCounter(label: "process_cpu_seconds_total", factory: factory)
    memory = Gauge(label: "process_resident_memory_bytes", factory: factory)
    openFiles = Gauge(label: "process_open_fds", factory: factory)
    mostFiles = Gauge(label: "process_max_fds", factory: factory)
    start = Gauge(label: "process_start_time_seconds", factory: factory)
  }

  /// Samples until graceful shutdown.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      var told = 0.0
      while !Task.isCancelled {
        if let usage = ProcessUsage() {
          cpu.increment(by: usage.cpuSeconds - told)
          told = usage.cpuSeconds
          memory.record(usage.residentBytes)
          openFiles.record(usage.openFiles)
          mostFiles.record(usage.mostFiles ?? .nan)
          start.record(usage.startSeconds)
        }
        try? await Task.sleep(for: Self.interval)  // Ends early only to shut down.
      }
    }
  }
}

/// What the kernel tells of this process (proc(5)).
struct ProcessUsage {
  /// User and system time.
  let cpuSeconds: Double
  /// Memory that is in use and not swapped out.
  let residentBytes: Int
  /// Open files, sockets among them.
  let openFiles: Int
  /// The soft limit of these; nil when there is none.
  let mostFiles: Double?
  /// When it started, in Unix seconds.
  let startSeconds: Double

  /// How many files the process may open, sockets among them; the most there can be where the
  /// system does not say.
  static var openFileLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }

  /// Reads it; nil where the kernel has no such files.
  init?() {
    guard let status = Self.text("/proc/self/stat"), let pages = Self.text("/proc/self/statm"),
      let boot = Self.text("/proc/stat").flatMap(Self.bootSeconds),
      let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    // The name in parentheses may hold anything, so fields are counted from behind it: state is the
    // third, utime and stime the 14th and 15th, starttime the 22nd.
    let fields = status.split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
    let words = pages.split(separator: " ")
    guard fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]),
      let ticks = Double(fields[19]), words.count > 1, let resident = Int(words[1])
    else { return nil }
    let ticksInSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    cpuSeconds = (user + system) / ticksInSecond
    startSeconds = boot + ticks / ticksInSecond
    residentBytes = resident * sysconf(Int32(_SC_PAGESIZE))
    // Listing the directory opened one more.
    openFiles = files.count - 1
    mostFiles = Self.text("/proc/self/limits").flatMap(Self.mostFiles)
  }

  /// The whole text of a file of `/proc`; nil where there is none. `FileManager` takes the first
  /// part that the kernel gives, mostly 4 KiB, for all of it.
  static func text(_ path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.readToEnd() else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func bootSeconds(_ text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Double($0.dropFirst("btime ".count)) }
  }

  private static func mostFiles(_ text: String) -> Double? {
    let name = "Max open files"
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.dropFirst(name.count).split(separator: " ").first.flatMap { Double($0) }
  }
}
