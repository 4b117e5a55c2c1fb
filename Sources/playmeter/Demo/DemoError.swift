/// Why the demonstration could not be performed, or did not come out as it should.
enum DemoError: Error, Equatable, CustomStringConvertible {
  /// There was no answer.
  case noAnswer(request: String, reason: String)
  /// The answer was another one than the script expects.
  case refused(request: String, status: Int, code: String)
  /// The answer lacks something that the contract promises.
  case incomplete(request: String, missing: String)
  /// Neither the arguments nor the environment give what is needed.
  case unusable(String)
  /// The sessions of these PCs live on although the script is over.
  case neverEnded([String])

  /// Whether the service is out of order for the moment; clients then try again.
  var isPassing: Bool {
    switch self {
    case .noAnswer: true
    case .refused(_, let status, _): status >= 500
    case .incomplete, .unusable, .neverEnded: false
    }
  }

  /// The error in a sentence. Codes and names come from outside, so they are made harmless.
  var description: String {
    switch self {
    case .noAnswer(let request, let reason):
      "\(request) was not answered: \(Printable.text(reason))"
    case .refused(let request, let status, let code):
      "\(request) was answered with \(status) \(Printable.text(code))"
    case .incomplete(let request, let missing):
      "the answer to \(request) has no \(missing)"
    case .unusable(let text):
      text
    case .neverEnded(let pcs):
      "the evening is over, but sessions have not ended: \(pcs.joined(separator: ", "))"
    }
  }
}
