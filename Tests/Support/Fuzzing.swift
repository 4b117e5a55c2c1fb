import Foundation

/// Feeds a property with random inputs until its time is over, and says how to get a bad one again.
///
/// Each input has a seed of its own, that of the one before it plus one. So the seed that a failure
/// names makes its input the first one of a run with it in `PLAYMETER_TEST_SEED`. One that ends the
/// whole process names none: the run's own seed comes to it again.
public struct Fuzzing {
  /// Enough in every run of the tests for a fuzzer not to rot; `PLAYMETER_FUZZ_SECONDS` has others.
  private static let usualSeconds = 2.0

  private let name: String
  private let seed: UInt64
  private let limit: Duration

  /// A fuzzer with a name for the log.
  public init(_ name: String) {
    let environment = ProcessInfo.processInfo.environment
    self.name = name
    seed =
      environment["PLAYMETER_TEST_SEED"].flatMap(UInt64.init) ?? .random(in: .min ... .max)
    let seconds = environment["PLAYMETER_FUZZ_SECONDS"].flatMap(Double.init)
    limit = .seconds(seconds ?? Self.usualSeconds)
  }

  /// Calls the property with randomness for each input, at least once. Throws ``SupportError`` with
  /// the seed of the first input for which the property threw.
  public func run(
    isolation: isolated (any Actor)? = #isolation,
    _ property: (inout SeededRandom) async throws -> Void
  ) async throws {
    say("begins with PLAYMETER_TEST_SEED=\(seed)")
    let start = ContinuousClock.now
    var inputs: UInt64 = 0
    repeat {
      let own = seed &+ inputs
      var random = SeededRandom(seed: own)
      do {
        try await property(&random)
      } catch {
        throw SupportError("\(name), input \(inputs), PLAYMETER_TEST_SEED=\(own): \(error)")
      }
      inputs += 1
      // Others must have their turn on a thread that has nothing to wait for: a client of another
      // test that gets none for two seconds is cut off.
      await Task.yield()
    } while ContinuousClock.now - start < limit
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    say("took \(inputs) inputs, \(Int(Double(inputs) / seconds)) a second")
  }

  /// Standard error keeps nothing back, so that it is there even if the process ends by a trap.
  private func say(_ text: String) {
    FileHandle.standardError.write(Data("fuzz: \(name) \(text)\n".utf8))
  }
}
