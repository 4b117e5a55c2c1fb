/// The pauses between attempts to connect: a random part of a bound that doubles with each
/// failure. The randomness ("full jitter") spreads the clients of a server that comes back.
struct Backoff {
  private let initial: Duration
  private let maximum: Duration
  private var bound: Duration

  init(initial: Duration, maximum: Duration) {
    self.initial = initial
    self.maximum = maximum
    self.bound = initial
  }

  mutating func next() -> Duration {
    let pause = bound * Double.random(in: 0...1)
    bound = min(bound * 2, maximum)
    return pause
  }

  /// Starts small again, but only after a connection that lasted: a server that accepts and hangs
  /// up at once must not be called fifty times a second.
  mutating func connectionEnded(after lifetime: Duration) {
    if lifetime >= maximum { bound = initial }
  }
}
