/// Lets a bounded number of installations start at once. All together, dozens of processes would
/// keep each other from answering within the two seconds that a command waits for Redis.
///
/// It bounds the start only. Whoever passes it waits for nobody, so it cannot lock up with the test
/// runner's own bound on how many tests run at once.
actor Turnstile {
  static let starts = Turnstile(places: 2)

  private var places: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int) {
    self.places = places
  }

  /// Does the work when there is a place, in the order of the calls.
  nonisolated func pass<Result>(_ work: () async throws -> Result) async throws -> Result {
    await enter()
    do {
      let result = try await work()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    guard places == 0 else {
      places -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  /// Hands the place to whoever waits longest.
  private func leave() {
    if waiting.isEmpty {
      places += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
