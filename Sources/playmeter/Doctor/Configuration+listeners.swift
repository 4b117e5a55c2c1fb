/// The files that the listeners need, looked at before anything listens.
extension Configuration {
  /// What is wrong with the files that the listeners speak TLS with; empty when nothing is.
  var listenerFaults: [String] {
    do throws(SettingFault) {
      _ = try listenerFiles?.contents()
      return []
    } catch {
      return ["\(error)"]
    }
  }
}
