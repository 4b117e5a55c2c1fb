import Support
import Testing

/// Gives a suite one installation, which its tests use one after the other, each in a cafe of its
/// own. After every test the whole installation is audited.
struct InstallationTrait: SuiteTrait, TestTrait, TestScoping {
  let settings: [String: String]

  var isRecursive: Bool { true }

  /// Once around the suite, and once around each run of a test.
  func scopeProvider(for test: Test, testCase: Test.Case?) -> InstallationTrait? {
    test.isSuite || testCase != nil ? self : nil
  }

  func provideScope(
    for test: Test,
    testCase: Test.Case?,
    performing body: @Sendable () async throws -> Void
  ) async throws {
    guard testCase == nil else {
      try await body()
      try await Installation.shared.audit()
      return
    }
    try await Installation.open(settings: settings) { installation in
      try await Installation.$current.withValue(installation) { try await body() }
    }
  }
}

extension Trait where Self == InstallationTrait {
  /// One installation for the suite, which must be `.serialized`.
  static var installation: Self { installation(settings: [:]) }

  /// One installation with settings that differ from the usual ones.
  static func installation(settings: [String: String]) -> Self {
    InstallationTrait(settings: settings)
  }
}

extension Installation {
  @TaskLocal fileprivate static var current: Installation?

  /// The suite's installation. Throws outside of a suite that asked for one.
  static var shared: Installation {
    get throws {
      guard let current else { throw SupportError("the suite has no .installation") }
      return current
    }
  }
}
