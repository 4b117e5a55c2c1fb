import Domain
import HTTPTypes

/// `/openapi.yaml`: what everyone may call, as an OpenAPI 3.1 document for programs that show it,
/// make clients of it, or try the service by it. `openapi.yaml` beside this file is its text.
struct OpenAPIRoutes: Sendable {
  /// A new release changes it, nothing else does; nobody needs it within minutes.
  private static let maximumAgeSeconds = 300
  /// The line of the text that lists the default regions, which an installation may change.
  private static let regionsLine = "enum: ['us-east-1', 'us-west-1', 'eu-central', 'local']"

  private let reply: Reply
  private let callers: CallerLimits

  /// - Parameter regions: The regions of this installation.
  init(regions: [Region], callers: CallerLimits) {
    var reply = Reply(text: Self.text(regions: regions), type: "application/yaml")
    reply.fields[.cacheControl] = "max-age=\(Self.maximumAgeSeconds)"
    // It is the same for everybody, and pages that show such documents fetch it from anywhere.
    reply.fields[.accessControlAllowOrigin] = "*"
    self.reply = reply
    self.callers = callers
  }

  var endpoints: [Endpoint] {
    [
      Endpoint(.get, "/openapi.yaml") { call in
        try callers.admitAddress(of: call.request)
        return reply
      }
    ]
  }

  /// The document of an installation with these regions.
  static func text(regions: [Region]) -> String {
    var text = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
    guard let line = text.firstRange(of: regionsLine) else {
      preconditionFailure("The document lists the default regions.")
    }
    let names = regions.map { "'\($0.text)'" }.joined(separator: ", ")
    text.replaceSubrange(line, with: "enum: [\(names)]")
    return text
  }
}
