/// The settings of TLS, towards clients and towards Redis. All of them are paths: systemd passes
/// credentials only once, at the start, and these files are read again at SIGHUP.
extension Setting {
  private static let fileRule = "the absolute path of a file in PEM"

  static let tlsCertificate = Setting(
    "PLAYMETER_TLS_CERTIFICATE",
    rule: fileRule,
    "the certificate of the public address, with its chain; none: plain HTTP"
  )
  static let tlsPrivateKey = Setting(
    "PLAYMETER_TLS_PRIVATE_KEY",
    rule: fileRule,
    "that certificate's private key"
  )
  static let tlsAdminCA = Setting(
    "PLAYMETER_TLS_ADMIN_CA",
    rule: fileRule,
    "who signs the client certificates that /v1/admin then needs besides the token"
  )
  static let redisCA = Setting(
    "PLAYMETER_REDIS_CA",
    rule: fileRule,
    "who signs the certificate of a rediss:// server; none: the system's authorities"
  )
  static let redisCertificate = Setting(
    "PLAYMETER_REDIS_CERTIFICATE",
    rule: fileRule,
    "the client certificate for Redis, with its chain"
  )
  static let redisPrivateKey = Setting(
    "PLAYMETER_REDIS_PRIVATE_KEY",
    rule: fileRule,
    "that certificate's private key"
  )
}
