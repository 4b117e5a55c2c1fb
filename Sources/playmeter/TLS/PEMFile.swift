import TLS

/// A file in PEM and the setting that names it, which is what faults are about.
struct PEMFile: Sendable {
  /// The system's bundle of all authorities has some 220 KiB.
  private static let maximumBytes = 1 << 20

  let setting: Setting
  private let path: String

  init(_ setting: Setting, _ path: String) {
    self.setting = setting
    self.path = path
  }

  /// The certificates of authorities in it.
  func authorities() throws(SettingFault) -> Authorities {
    let text = try text()
    do throws(TLSError) {
      return try Authorities(certificates: text)
    } catch {
      throw fault(error)
    }
  }

  /// The identity that two files hold.
  static func identity(
    _ certificate: PEMFile,
    _ privateKey: PEMFile
  ) throws(SettingFault) -> Identity {
    let texts = (certificate: try certificate.text(), privateKey: try privateKey.text())
    do throws(TLSError) {
      return try Identity(certificates: texts.certificate, privateKey: texts.privateKey)
    } catch {
      switch error {
      case .certificate, .authorities: throw certificate.fault(error)
      case .privateKey: throw privateKey.fault(error)
      }
    }
  }

  private func text() throws(SettingFault) -> String {
    try BoundedFile.text(path: path, maximumBytes: Self.maximumBytes, for: setting.name)
  }

  private func fault(_ error: TLSError) -> SettingFault {
    let text =
      switch error {
      case .certificate(let text), .privateKey(let text), .authorities(let text): text
      }
    return SettingFault(setting.name, "\(Printable.text(path)) \(text)")
  }
}
