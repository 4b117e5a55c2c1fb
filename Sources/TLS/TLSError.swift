/// Why key material in PEM cannot be used. Each case names the part that is to blame, so that the
/// caller can say in which setting it stands. No text ever quotes a key.
public enum TLSError: Error, Sendable, Equatable {
  /// The certificate, or one of its chain.
  case certificate(String)
  /// The private key, or that it is another certificate's.
  case privateKey(String)
  /// The certificates of authorities.
  case authorities(String)
}
