import Domain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The service's own clock. It stamps error messages and judges how fresh a launcher's signature
/// is; everything else goes by the clock of Redis.
public enum WallClock {
  /// Now, in milliseconds.
  public static func now() -> Instant {
    Instant(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
  }

  /// Now, in whole seconds since the Unix epoch.
  public static let seconds: @Sendable () -> Int64 = { now().milliseconds / 1000 }
}
