/// An identifier that the service made: a prefix and a UUID, which make up a ``PartitionedID``.
public protocol IssuedID: Hashable, Sendable, CustomStringConvertible {
  /// What stands before the UUID.
  static var prefix: String { get }
  /// The identifier with its prefix.
  var id: PartitionedID { get }
  /// Wraps an identifier that has the prefix.
  init(_ id: PartitionedID)
}

extension IssuedID {
  /// A new random identifier in a partition, from the system's cryptographic generator.
  public static func random(in partition: Partition) -> Self {
    var generator = SystemRandomNumberGenerator()
    return random(in: partition, using: &generator)
  }

  /// A new random identifier from a given generator, which must be a cryptographic one.
  public static func random(
    in partition: Partition,
    using generator: inout some RandomNumberGenerator
  ) -> Self {
    Self(PartitionedID.random(in: partition, prefix: prefix, using: &generator))
  }

  /// Reads the text form; nil when it is no identifier of ours.
  public init?(_ text: String, partitionCount: Int) {
    guard
      let id = PartitionedID(text, prefix: Self.prefix, partitionCount: partitionCount)
    else { return nil }
    self.init(id)
  }

  /// The prefix and the UUID.
  public var description: String { id.text }
  /// The partition of the keys that belong to the identifier.
  public var partition: Partition { id.partition }
}

/// A paid game session: `gs_<uuid>`.
public struct GameSessionID: IssuedID {
  public static let prefix = "gs_"
  public let id: PartitionedID
  public init(_ id: PartitionedID) { self.id = id }
}

/// A launcher session, from the start of a PC's launcher to its end: `ls_<uuid>`.
public struct LauncherSessionID: IssuedID {
  public static let prefix = "ls_"
  public let id: PartitionedID
  public init(_ id: PartitionedID) { self.id = id }
}

/// A one-time token that a game server trades for a game session: a bare UUID.
public struct OneTimeToken: IssuedID {
  public static let prefix = ""
  public let id: PartitionedID
  public init(_ id: PartitionedID) { self.id = id }
}
