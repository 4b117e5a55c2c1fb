import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the files of TLS anew at SIGHUP. New connections get what they then hold; open ones go on.
///
/// It also runs where there is no TLS: a process that does not listen to SIGHUP is ended by it.
struct CertificateReloader: Service {
  let tls: ServiceTLS
  let logger: Logger

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    for await _ in signals.cancelOnGracefulShutdown() { reload() }
  }

  private func reload() {
    guard tls.isUsed else {
      logger.notice("SIGHUP: nothing is to be read anew, because TLS is not set up")
      return
    }
    do throws(SettingFault) {
      try tls.reload()
      logger.notice("the certificates were read anew")
    } catch {
      logger.error(
        "the certificates were not read anew; the former ones stay",
        metadata: ["fault": "\(error)"]
      )
    }
  }
}
