import Foundation

/// Small files of settings and secrets.
enum BoundedFile {
  /// The whole text of a file.
  ///
  /// - Throws: A fault about `subject` when the file cannot be read, is too long or is not UTF-8.
  static func text(
    path: String,
    maximumBytes: Int,
    for subject: String
  ) throws(SettingFault) -> String {
    let shownPath = Printable.text(path)
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      data = try handle.read(upToCount: maximumBytes + 1) ?? Data()
    } catch {
      throw SettingFault(subject, "\(shownPath) cannot be read: \(reason(error))")
    }
    guard data.count <= maximumBytes else {
      throw SettingFault(subject, "\(shownPath) is longer than \(maximumBytes) bytes")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw SettingFault(subject, "\(shownPath) is not UTF-8 text")
    }
    return text
  }

  /// The system's words for the error, without Foundation's frame around them.
  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    let code = underlying ?? error as NSError
    guard code.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
    return String(cString: strerror(Int32(code.code)))
  }
}
