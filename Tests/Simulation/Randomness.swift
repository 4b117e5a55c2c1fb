import Support

/// A stream of random choices, the same for the same seed.
///
/// Every actor of a simulation has a stream of its own, so that what one of them draws does not
/// change what the others do.
struct Randomness: RandomNumberGenerator {
  private var source: SeededRandom

  init(seed: UInt64) {
    source = SeededRandom(seed: seed)
  }

  mutating func next() -> UInt64 { source.next() }

  /// A stream for another actor.
  mutating func fork() -> Randomness { Randomness(seed: next()) }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &self)
  }

  /// Whether something happens that happens so often in a hundred times.
  mutating func isLikely(_ percent: Double) -> Bool {
    Double.random(in: 0..<100, using: &self) < percent
  }

  mutating func one<Choices: Collection>(of choices: Choices) -> Choices.Element {
    guard let choice = choices.randomElement(using: &self) else {
      preconditionFailure("There is nothing to choose from.")
    }
    return choice
  }

  /// One of the choices, as often as its weight says.
  mutating func weighted<Choice>(_ choices: [(Choice, Int64)]) -> Choice {
    var left = number(1...choices.reduce(0) { $0 + $1.1 })
    for (choice, weight) in choices {
      left -= weight
      if left <= 0 { return choice }
    }
    preconditionFailure("The weights are their own sum.")
  }
}
