import Foundation

/// An authority of the test's own: it signs certificates with the system's `openssl`, in a private
/// directory that is removed with it and all that it has issued.
public final class CertificateAuthority: Sendable {
  /// A certificate and its key as files in PEM.
  public struct Issued: Sendable {
    public let certificatePath: String
    public let keyPath: String
    /// The files are there as long as anybody needs them.
    fileprivate let directory: TemporaryDirectory
  }

  /// It makes a key of an elliptic curve in milliseconds; a busy machine takes seconds.
  private static let limit = Duration.seconds(30)
  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
  ]

  /// The authority's own certificate.
  public var certificatePath: String { own.certificatePath }

  private let directory: TemporaryDirectory
  private let own: Issued

  /// Makes an authority.
  public init() async throws {
    directory = try TemporaryDirectory()
    own = Self.files("authority", in: directory)
    try await Self.openssl(
      ["req", "-x509"] + Self.newKey + [
        "-keyout", own.keyPath, "-out", own.certificatePath, "-days", "30",
        "-subj", "/CN=Authority \(UInt32.random(in: .min ... .max))",
      ],
      in: directory
    )
  }

  /// Signs a certificate.
  ///
  /// - Parameters:
  ///   - names: Whom it is for: `DNS:localhost`, `IP:127.0.0.1`.
  ///   - days: How long it is valid from now on; with -1 it has run out a day ago.
  public func issue(
    names: [String] = ["DNS:localhost", "IP:127.0.0.1"],
    days: Int = 30
  ) async throws -> Issued {
    let issued = Self.files("issued-\(UInt64.random(in: .min ... .max))", in: directory)
    let request = issued.certificatePath + ".request"
    try await Self.openssl(
      ["req"] + Self.newKey + [
        "-keyout", issued.keyPath, "-out", request, "-subj", "/CN=test",
        "-addext", "subjectAltName=\(names.joined(separator: ","))",
      ],
      in: directory
    )
    try await Self.openssl(
      [
        "x509", "-req", "-in", request, "-out", issued.certificatePath,
        "-CA", own.certificatePath, "-CAkey", own.keyPath,
        "-days", String(days), "-copy_extensions", "copy",
      ],
      in: directory
    )
    return issued
  }

  private static func files(_ name: String, in directory: TemporaryDirectory) -> Issued {
    let path = "\(directory.path)/\(name)"
    return Issued(
      certificatePath: path + ".pem",
      keyPath: path + ".key",
      directory: directory
    )
  }

  private static func openssl(
    _ arguments: [String],
    in directory: TemporaryDirectory
  ) async throws {
    let log = "\(directory.path)/log"
    let child = try ChildProcess(
      program: try BuildProducts.program("openssl"),
      arguments: arguments,
      environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path],
      output: log,
      error: log
    )
    guard try await child.wait(within: limit) == 0 else {
      let said = FileManager.default.contents(atPath: log) ?? Data()
      throw SupportError("openssl failed:\n\(String(decoding: said, as: UTF8.self))")
    }
  }
}
