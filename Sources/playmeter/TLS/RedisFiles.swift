import TLS

/// The files that encrypted connections to Redis are made with. Each may be absent.
struct RedisFiles: Sendable {
  /// What the files hold.
  struct Contents: Sendable {
    /// Who signs Redis' certificate; nil for the system's authorities.
    let authorities: Authorities?
    /// Who we are; nil when Redis does not ask.
    let identity: Identity?
  }

  private let authorities: PEMFile?
  private let certificate: PEMFile?
  private let privateKey: PEMFile?

  /// The settings that are set.
  var settings: [Setting] { [authorities, certificate, privateKey].compactMap(\.?.setting) }

  /// The paths of the settings.
  init(_ reader: inout SettingsReader) {
    func file(_ setting: Setting) -> PEMFile? {
      reader.optional(setting, SettingText.absolutePath).map { PEMFile(setting, $0) }
    }
    authorities = file(.redisCA)
    certificate = file(.redisCertificate)
    privateKey = file(.redisPrivateKey)
    reader.demandPair(certificate, .redisCertificate, privateKey, .redisPrivateKey)
  }

  /// What connections are made with.
  ///
  /// - Throws: A fault that names the setting.
  func tls() throws(SettingFault) -> ClientTLS {
    let contents = try contents()
    do throws(TLSError) {
      return try ClientTLS(authorities: contents.authorities, identity: contents.identity)
    } catch {
      throw fault(error)
    }
  }

  /// Reads the files.
  ///
  /// - Throws: A fault that names the setting.
  func contents() throws(SettingFault) -> Contents {
    let authorities = try authorities.map { file throws(SettingFault) in try file.authorities() }
    guard let certificate, let privateKey else {
      return Contents(authorities: authorities, identity: nil)
    }
    let identity = try PEMFile.identity(certificate, privateKey)
    return Contents(authorities: authorities, identity: identity)
  }

  /// What TLS found wrong with what the files hold.
  func fault(_ error: TLSError) -> SettingFault {
    switch error {
    case .certificate(let text): SettingFault(Setting.redisCertificate.name, text)
    case .privateKey(let text): SettingFault(Setting.redisPrivateKey.name, text)
    case .authorities(let text): SettingFault(Setting.redisCA.name, text)
    }
  }
}

extension SettingsReader {
  /// Notes a fault when only one of a certificate and its key is set.
  mutating func demandPair(
    _ certificate: (some Any)?,
    _ certificateSetting: Setting,
    _ privateKey: (some Any)?,
    _ keySetting: Setting
  ) {
    demand(
      certificate == nil || privateKey != nil,
      of: keySetting,
      with: certificateSetting,
      "must be set together with \(certificateSetting.name)"
    )
    demand(
      privateKey == nil || certificate != nil,
      of: certificateSetting,
      with: keySetting,
      "must be set together with \(keySetting.name)"
    )
  }
}
