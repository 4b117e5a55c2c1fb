import Glibc
import NIOCore

extension Channel {
  /// Whether the system holds bytes of the client that nobody has read. Called on the channel's
  /// event loop; a channel without a socket has none.
  ///
  /// An event loop with many connections reads one a while after its bytes have come.
  var hasUnreadBytes: Bool {
    // It fails only on a channel that is closed.
    let count = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { socket in
      var byte: UInt8 = 0
      return recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
    }
    return (count ?? 0) > 0
  }
}
