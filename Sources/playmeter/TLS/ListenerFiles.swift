import TLS

/// The files that the listeners speak TLS with. They are read when the service starts and at each
/// SIGHUP, and not with the other settings: commands do without them, and who runs them may not be
/// allowed to read the key.
struct ListenerFiles: Sendable {
  /// What the files hold.
  struct Contents: Sendable {
    let identity: Identity
    /// Who signs operators' certificates; nil when `/v1/admin` asks for none.
    let operators: Authorities?
  }

  private let certificate: String
  private let privateKey: String
  private let operatorCA: String?

  /// Whether `/v1/admin` asks for a client certificate.
  var adminNeedsCertificate: Bool { operatorCA != nil }

  /// The paths of the settings; nil for plain HTTP.
  init?(_ reader: inout SettingsReader) {
    let certificate = reader.optional(.tlsCertificate, SettingText.absolutePath)
    let privateKey = reader.optional(.tlsPrivateKey, SettingText.absolutePath)
    operatorCA = reader.optional(.tlsAdminCA, SettingText.absolutePath)
    reader.demandPair(certificate, .tlsCertificate, privateKey, .tlsPrivateKey)
    reader.demand(
      operatorCA == nil || certificate != nil,
      of: .tlsAdminCA,
      with: .tlsCertificate,
      "must not be set without \(Setting.tlsCertificate.name)"
    )
    guard let certificate, let privateKey else { return nil }
    self.certificate = certificate
    self.privateKey = privateKey
  }

  /// Reads the files.
  ///
  /// - Throws: A fault that names the setting.
  func contents() throws(SettingFault) -> Contents {
    Contents(
      identity: try PEMFile.identity(
        PEMFile(.tlsCertificate, certificate),
        PEMFile(.tlsPrivateKey, privateKey)
      ),
      operators: try operatorCA.map { path throws(SettingFault) in
        try PEMFile(.tlsAdminCA, path).authorities()
      }
    )
  }
}
