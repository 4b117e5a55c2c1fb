import HTTPTypes

/// Finds the endpoint of a method and a path.
///
/// Ours and not the framework's router, which answers a wrong method like an unknown path; clients
/// are promised 405 with `Allow`. A path without parameters is one look-up in a dictionary, and
/// game servers and launchers only call such paths.
struct RouteTable: Sendable {
  /// What a method and a path lead to.
  enum Match: Sendable {
    case endpoint(Endpoint, parameters: [String: String])
    case wrongMethod(allowed: [String])
    case unknownPath

    /// Whether it is answered however many requests are in flight.
    var isProbe: Bool {
      if case .endpoint(let endpoint, _) = self { endpoint.isProbe } else { false }
    }
  }

  /// A path's endpoints, one for each method. They are few, so they are searched faster than a
  /// method would be hashed.
  private typealias Methods = [Endpoint]

  private var fixed: [String: Methods] = [:]
  private var patterns: [(segments: [Segment], methods: Methods)] = []

  private enum Segment: Hashable {
    case text(Substring)
    case parameter(String)
  }

  init(_ endpoints: [Endpoint]) {
    for endpoint in endpoints {
      let segments = Self.segments(of: endpoint.path)
      if segments.contains(where: Self.isParameter) {
        let index = patterns.firstIndex { $0.segments == segments } ?? patterns.count
        if index == patterns.count { patterns.append((segments, [])) }
        Self.add(endpoint, to: &patterns[index].methods)
      } else {
        Self.add(endpoint, to: &fixed[endpoint.path, default: []])
      }
    }
  }

  /// A path may be both fixed and an instance of a pattern: a host can be named `status`. The fixed
  /// one comes first, each method goes to the first that takes it.
  func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
    // HEAD is answered like GET, without the body.
    let wanted = method == .head ? .get : method
    let methods = fixed[path] ?? []
    if let endpoint = methods.first(where: { $0.method == wanted }) {
      return .endpoint(endpoint, parameters: [:])
    }
    var known = Set(methods.map(\.method))
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    for pattern in patterns {
      guard let parameters = Self.parameters(pattern.segments, parts) else { continue }
      if let endpoint = pattern.methods.first(where: { $0.method == wanted }) {
        return .endpoint(endpoint, parameters: parameters)
      }
      known.formUnion(pattern.methods.map(\.method))
    }
    return known.isEmpty ? .unknownPath : .wrongMethod(allowed: Self.names(of: known))
  }

  /// Everything that can be matched, for the test that all of it is described.
  var endpoints: [Endpoint] {
    fixed.values.flatMap(\.self) + patterns.flatMap(\.methods)
  }

  private static func names(of methods: Set<HTTPRequest.Method>) -> [String] {
    let head: [String] = methods.contains(.get) ? [HTTPRequest.Method.head.rawValue] : []
    return (methods.map(\.rawValue) + head).sorted()
  }

  private static func parameters(
    _ segments: [Segment],
    _ parts: [Substring]
  ) -> [String: String]? {
    guard segments.count == parts.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, part) in zip(segments, parts) {
      switch segment {
      case .text(let text): guard text == part else { return nil }
      case .parameter(let name):
        guard !part.isEmpty else { return nil }
        parameters[name] = String(part)
      }
    }
    return parameters
  }

  private static func add(_ endpoint: Endpoint, to methods: inout Methods) {
    let isNew = !methods.contains { $0.method == endpoint.method }
    precondition(isNew, "\(endpoint.method) \(endpoint.path) is there twice.")
    methods.append(endpoint)
  }

  private static func segments(of path: String) -> [Segment] {
    path.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("{") ? .parameter(String($0.dropFirst().dropLast())) : .text($0) }
  }

  private static func isParameter(_ segment: Segment) -> Bool {
    if case .parameter = segment { true } else { false }
  }
}
