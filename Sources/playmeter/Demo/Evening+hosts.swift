/// The part of the script that plays at the hosts: gaming PCs that offer themselves for streaming,
/// and clients who look for one.
extension Evening {
  /// A gaming PC.
  struct Host: Sendable {
    let name: String
    /// How many clients it takes at once.
    let slots: Int
    let joinBeat: Double
    let endBeat: Double
    let end: End

    /// How its part ends.
    enum End: Sendable {
      /// It says that it leaves.
      case leaves
      /// It says nothing more.
      case crashes
    }
  }

  /// Somebody who looks for a host.
  struct Client: Sendable {
    let name: String
    let findBeat: Double
    /// When the client stops playing; one without never connects, and the reservation lapses.
    let releaseBeat: Double?
  }

  /// Four slots in all. One host crashes while somebody plays on it.
  static let hosts = [
    Host(name: "host-1", slots: 2, joinBeat: 0.5, endBeat: 19.2, end: .leaves),
    Host(name: "host-2", slots: 1, joinBeat: 0.9, endBeat: 8.2, end: .crashes),
    Host(name: "host-3", slots: 1, joinBeat: 1.3, endBeat: 18.4, end: .leaves),
  ]

  /// The fifth finds all slots taken, where reservations last for more than two beats; the sixth
  /// comes after others have left.
  static let clients = [
    Client(name: "viewer-1", findBeat: 2.4, releaseBeat: 12),
    Client(name: "viewer-2", findBeat: 3.2, releaseBeat: 15),
    Client(name: "viewer-3", findBeat: 4.3, releaseBeat: nil),
    Client(name: "viewer-4", findBeat: 5.1, releaseBeat: 16),
    Client(name: "viewer-5", findBeat: 6.2, releaseBeat: 14),
    Client(name: "viewer-6", findBeat: 13.2, releaseBeat: 17),
  ]
}
