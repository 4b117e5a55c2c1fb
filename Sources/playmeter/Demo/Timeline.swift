/// When the beats of the evening are.
struct Timeline: Sendable {
  let start: ContinuousClock.Instant
  /// The time between two heartbeats.
  let beat: Duration

  /// The instant of a beat.
  func instant(of beat: Double) -> ContinuousClock.Instant { start + self.beat * beat }

  /// Waits for a beat.
  func wait(for beat: Double) async throws {
    try await Task.sleep(until: instant(of: beat), clock: .continuous)
  }
}
