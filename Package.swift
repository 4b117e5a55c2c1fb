// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled with the same strictness; a warning is a failed build.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The modules that touch C also name every unsafe expression.
let strictWithC = strict + [.strictMemorySafety()]

/// The modules between a request and Redis: their asynchronous functions run where their caller
/// does. Otherwise each call would look up, under a lock, where it is to run, and again at its end.
let whereCalled: [SwiftSetting] = [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle",
  package: "swift-service-lifecycle"
)

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser",
  package: "swift-argument-parser"
)
let asyncHTTPClient = Target.Dependency.product(
  name: "AsyncHTTPClient",
  package: "async-http-client"
)

let package = Package(
  name: "playmeter",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "playmeter", targets: ["playmeter"]),
    // The tests preload this library into their redis-server to move its clock.
    .library(name: "ClockShim", type: .dynamic, targets: ["ClockShim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
    .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CHiredis",
      pkgConfig: "hiredis",
      providers: [.apt(["libhiredis-dev"]), .yum(["hiredis-devel"])]
    ),
    .systemLibrary(
      name: "COpenSSL",
      pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .yum(["openssl-devel"])]
    ),
    .systemLibrary(
      name: "CZlib",
      pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"])]
    ),
    .target(name: "Signatures", dependencies: ["COpenSSL"], swiftSettings: strictWithC),
    .target(
      name: "RedisClient",
      dependencies: ["CHiredis", "TLS", nioCore, nioPosix, logging, coreMetrics, lifecycle],
      swiftSettings: strictWithC + whereCalled
    ),
    .target(name: "TLS", dependencies: [nioCore, nioSSL, nioTLS], swiftSettings: strict),
    .target(name: "Domain", swiftSettings: strict + whereCalled),
    .target(name: "JSON", swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["Domain", "JSON", "Signatures"], swiftSettings: strict),
    .target(
      name: "Archive",
      dependencies: ["CZlib", "Domain", "JSON", "Ledger"],
      swiftSettings: strictWithC
    ),
    .target(
      name: "RedisStore",
      dependencies: ["Domain", "Ledger", "RedisClient", "Signatures", logging, lifecycle],
      resources: [.embedInCode("Scripts")],
      swiftSettings: strict + whereCalled
    ),
    .target(name: "PrometheusText", dependencies: [coreMetrics], swiftSettings: strict),
    .target(
      name: "HTTPAPI",
      dependencies: [
        "Domain", "JSON", "Ledger", "Signatures", "TLS", nioCore, nioPosix, nioHTTP1, logging,
        coreMetrics, lifecycle,
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
      ],
      resources: [.embedInCode("openapi.yaml")],
      swiftSettings: strict + whereCalled
    ),
    .executableTarget(
      name: "playmeter",
      dependencies: [
        "Archive", "Domain", "HTTPAPI", "JSON", "Ledger", "PrometheusText", "RedisClient",
        "RedisStore", "Signatures", "TLS", nioCore, nioPosix, nioHTTP1, logging, coreMetrics,
        lifecycle,
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        argumentParser, asyncHTTPClient,
        .product(name: "Configuration", package: "swift-configuration"),
      ],
      swiftSettings: strict
    ),

    // What tests share: servers that they start, the clock that they move, and the audit.
    .target(
      name: "ClockShim",
      path: "Tests/ClockShim",
      // It is loaded into a redis-server that has no sanitizer's runtime.
      cSettings: [.unsafeFlags(["-fno-sanitize=all"])]
    ),
    .target(
      name: "Support",
      dependencies: [
        nioCore, nioPosix, nioHTTP1, nioSSL, asyncHTTPClient,
      ],
      path: "Tests/Support",
      swiftSettings: strict
    ),
    .target(
      name: "Audit",
      dependencies: ["Domain", "RedisClient", "RedisStore"],
      path: "Tests/Audit",
      swiftSettings: strict
    ),
    .target(
      name: "Simulation",
      dependencies: [
        "Audit", "Domain", "RedisClient", "RedisStore", "Support", nioCore, nioPosix, logging,
      ],
      path: "Tests/Simulation",
      swiftSettings: strict
    ),
    .testTarget(
      name: "SupportTests",
      dependencies: ["Support"],
      swiftSettings: strict
    ),
    .testTarget(name: "SignaturesTests", dependencies: ["Signatures"], swiftSettings: strict),
    .testTarget(
      name: "RedisClientTests",
      dependencies: [
        "CHiredis", "RedisClient", "Support", "TLS", nioCore, nioPosix, nioEmbedded, logging,
        lifecycle,
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "TLSTests",
      dependencies: ["Support", "TLS", nioCore, nioEmbedded, nioTLS],
      swiftSettings: strict
    ),
    .testTarget(
      name: "PrometheusTextTests",
      dependencies: ["PrometheusText", coreMetrics],
      swiftSettings: strict
    ),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "Support"], swiftSettings: strict),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Domain", "JSON", "Ledger", "Signatures", "Support"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "ArchiveTests",
      dependencies: ["Archive", "Domain", "Ledger", "Support"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "RedisStoreTests",
      dependencies: [
        "Audit", "Domain", "Ledger", "RedisClient", "RedisStore", "Simulation", "Support", nioCore,
        nioPosix,
        logging,
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "HTTPAPITests",
      dependencies: [
        "Domain", "HTTPAPI", "JSON", "PrometheusText", "Signatures", "Support", nioCore, nioPosix,
        nioEmbedded, nioHTTP1, logging, coreMetrics, lifecycle,
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "PlaymeterTests",
      dependencies: [
        "playmeter", "Archive", "Domain", "HTTPAPI", "JSON", "Ledger", "PrometheusText",
        "RedisClient", "RedisStore", "Signatures", "Support", "TLS", logging, argumentParser,
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Archive", "Audit", "Domain", "HTTPAPI", "JSON", "Ledger", "PrometheusText", "RedisClient",
        "RedisStore", "Signatures", "Support", "playmeter", nioCore, nioPosix, nioHTTP1, nioSSL,
        logging,
      ],
      swiftSettings: strict
    ),
    .testTarget(name: "TidyTests", swiftSettings: strict),
  ]
)
