import Glibc

/// Gives back the memory that only the start has needed.
///
/// A start runs once through most of the program: settings, commands, time zones, the linking of
/// 100,000 addresses. The kernel counts what was touched of the program's files as ours until
/// somebody else needs the place, which was two thirds of all that an idle service had.
enum StartMemory {
  /// By then everything has begun that goes on, on any machine that is not overloaded; what has not
  /// finds its pages again.
  private static let time = Duration.seconds(1)

  /// Waits until the start is over, and gives back what it has left. If its task is cancelled
  /// before, it does nothing.
  static func giveBackLater() async {
    do {
      try await Task.sleep(for: time)
      giveBack()
    } catch {
      // The service ends already.
    }
  }

  /// Gives back the pages of code. Nobody writes to them, so there is nothing to lose: those that
  /// are needed again, the kernel takes from its cache of files, a fraction of a microsecond each.
  /// Where there is no `/proc`, this does nothing.
  static func giveBack() {
    guard let maps = ProcessUsage.text("/proc/self/maps") else { return }
    for range in maps.split(separator: "\n").compactMap(codeOfFile) {
      // It is advice: a kernel that does not take it leaves all as it is.
      madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
    }
  }

  /// Where the code is that a line of `/proc/self/maps` (proc(5)) tells of; nil for anything else.
  ///
  ///     55f0a1c00000-55f0a44d4000 r-xp 00000000 fe:00 1114398    /usr/bin/playmeter
  private static func codeOfFile(_ line: Substring) -> Range<UInt>? {
    let fields = line.split(separator: " ")
    guard fields.count > 5, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
    let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
    guard ends.count == 2, ends[0] < ends[1] else { return nil }
    return ends[0]..<ends[1]
  }
}
