import NIOCore

/// Drops the connections to a server that is no master any more, as soon as the Sentinels say so.
///
/// Most switches end the connections by themselves. But a master that was only cut off from its
/// Sentinels goes on answering, and whatever it writes then is thrown away when it is back.
struct MasterWatch: Sendable {
  /// Between two looks: how long such a master may still be believed. A look costs each Sentinel
  /// three commands.
  private static let interval = Duration.seconds(1)

  let lookup: SentinelLookup
  let slots: [ConnectionSlot]

  /// Watches until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: Self.interval)
        let master = try await lookup.master(on: slots[0].eventLoop)
        for slot in slots { slot.connection?.leave(for: master) }
      } catch {
        // Sentinels that are silent change nothing: connections are as good as before.
        continue
      }
    }
  }
}
