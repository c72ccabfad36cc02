// swift-tools-version: 6.2
import PackageDescription

/// Every target is built alike: warnings are errors, imports are internal unless said otherwise,
/// and a member is visible only where its module is imported.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
/// The tests' oracle; no part of the product.
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// A module may import only what stands above it here; `hack/test` builds with
// `--explicit-target-dependency-import-check error`, so an import that is not declared fails.
let package = Package(
    name: "tallygate",
    products: [.executable(name: "tallygate", targets: ["tallygate"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // The client's TLS: async-http-client takes its configuration in this package's types.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    ],
    targets: [
        // Pure core: no I/O, no clock.
        .target(name: "LabelPolicy", swiftSettings: settings),
        .target(name: "KubernetesModel", swiftSettings: settings),

        // What it costs, and whose it is: no I/O, no clock.
        .target(name: "Attribution", dependencies: ["LabelPolicy", "KubernetesModel"], swiftSettings: settings),

        // Documents: located YAML and JSON, and the policy files written in it.
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev", "pkg-config"])]),
        .target(name: "LocatedDocuments", dependencies: ["CLibYAML"], swiftSettings: settings),
        .target(
            name: "PolicyDocuments",
            dependencies: ["LabelPolicy", "KubernetesModel", "Attribution", "LocatedDocuments"],
            swiftSettings: settings),

        // What is wrong with a cluster's attribution, what that costs, and how it is mended.
        .target(
            name: "Audit", dependencies: ["LabelPolicy", "KubernetesModel", "Attribution"], swiftSettings: settings),

        // AdmissionReview bytes in, response bytes out.
        .systemLibrary(name: "CByteScan"),
        .target(
            name: "Admission", dependencies: ["LabelPolicy", "KubernetesModel", "CByteScan"], swiftSettings: settings),

        // A cluster's state in a file.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "pkg-config"])]),
        .target(name: "ClusterSnapshot", dependencies: ["KubernetesModel", "CZlib"], swiftSettings: settings),

        // The same engine over manifests, and what is printed of it.
        .target(
            name: "ManifestCheck",
            dependencies: ["LabelPolicy", "KubernetesModel", "LocatedDocuments", "Admission"],
            swiftSettings: settings),
        .target(
            name: "Reports",
            dependencies: [
                "LabelPolicy", "KubernetesModel", "Attribution", "LocatedDocuments", "Audit", "ManifestCheck",
            ],
            swiftSettings: settings),

        // The listening side.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev", "pkg-config"])]),
        .target(name: "FileWatching", swiftSettings: settings),
        .target(
            name: "OpenSSLTransport",
            dependencies: ["COpenSSL", "FileWatching", nioCore, nioTLS],
            swiftSettings: settings),
        .target(
            name: "WebhookServer",
            dependencies: [nioCore, nioPosix, nioHTTP1, logging, serviceLifecycle],
            swiftSettings: settings),

        // Certificates: when they change, how they are made. The first is pure: no I/O, no clock.
        .target(name: "Certificates", swiftSettings: settings),
        .target(
            name: "CertificateIssuing", dependencies: ["COpenSSL", "OpenSSLTransport"], swiftSettings: settings),

        // The calling side.
        .target(
            name: "KubernetesClient",
            dependencies: [
                "KubernetesModel", "LocatedDocuments", nioCore, nioPosix, nioTLS, nioHTTP1, nioSSL, asyncHTTPClient,
                logging, serviceLifecycle,
            ],
            swiftSettings: settings),

        // A cluster's state, read from its API server or from files.
        .target(
            name: "ClusterReading",
            dependencies: [
                "LabelPolicy", "KubernetesModel", "Attribution", "LocatedDocuments", "KubernetesClient", nioCore,
                nioHTTP1, logging,
            ],
            swiftSettings: settings),

        // What an audit found, mended in its cluster.
        .target(
            name: "ClusterFixing",
            dependencies: ["KubernetesModel", "LocatedDocuments", "KubernetesClient", "LabelPolicy", "Audit", nioCore],
            swiftSettings: settings),

        // Keeps a Secret, webhook configurations and gates in agreement.
        .target(
            name: "CertificateKeeping",
            dependencies: [
                "Certificates", "CertificateIssuing", "OpenSSLTransport", "KubernetesClient", "LocatedDocuments",
                nioCore, logging,
            ],
            swiftSettings: settings),

        // What the gate knows of its cluster: caches, and look-ups for what they lack.
        .target(
            name: "GateCache",
            dependencies: ["LabelPolicy", "KubernetesModel", "Admission", "KubernetesClient", nioCore, logging],
            swiftSettings: settings),

        // The auditor that stays: what it shows and writes, and when.
        .target(
            name: "AuditController",
            dependencies: [
                "LabelPolicy", "KubernetesModel", "LocatedDocuments", "Attribution", "Audit", "Reports",
                "KubernetesClient", "ClusterReading", nioCore, logging,
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "tallygate",
            dependencies: [
                "LabelPolicy", "KubernetesModel", "LocatedDocuments", "PolicyDocuments", "Admission", "ManifestCheck",
                "Reports", "FileWatching", "OpenSSLTransport", "WebhookServer", "KubernetesClient", "GateCache",
                "ClusterReading", "ClusterSnapshot", "ClusterFixing", "Certificates", "CertificateIssuing",
                "CertificateKeeping", "AuditController",
                "Attribution", "Audit",
                nioCore, nioPosix, logging, serviceLifecycle, unixSignals, argumentParser,
            ],
            swiftSettings: settings),

        .target(
            name: "TestSupport",
            dependencies: [
                "LabelPolicy", "KubernetesModel", "KubernetesClient", "Attribution", "Audit", "COpenSSL", nioCore,
                nioHTTP1,
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings),
        .testTarget(name: "LabelPolicyTests", dependencies: ["LabelPolicy", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "KubernetesModelTests", dependencies: ["KubernetesModel", "TestSupport", swiftProtobuf],
            exclude: ["Protobuf/kubernetes.proto"],
            swiftSettings: settings),
        .testTarget(
            name: "AttributionTests",
            dependencies: ["Attribution", "LabelPolicy", "KubernetesModel", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ClusterSnapshotTests", dependencies: ["ClusterSnapshot", "KubernetesModel", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "LocatedDocumentsTests", dependencies: ["LocatedDocuments", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "PolicyDocumentsTests",
            dependencies: [
                "PolicyDocuments", "LabelPolicy", "KubernetesModel", "Attribution", "LocatedDocuments", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AuditTests",
            dependencies: ["Audit", "Attribution", "LabelPolicy", "KubernetesModel", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "AdmissionTests",
            dependencies: ["Admission", "LabelPolicy", "KubernetesModel", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "GateCacheTests",
            dependencies: [
                "GateCache", "Admission", "KubernetesClient", "LabelPolicy", "KubernetesModel", "TestSupport", nioCore,
                nioEmbedded, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ManifestCheckTests",
            dependencies: [
                "ManifestCheck", "Reports", "Admission", "LabelPolicy", "KubernetesModel", "LocatedDocuments",
                "PolicyDocuments", "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: settings),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "Reports", "Audit", "Attribution", "LabelPolicy", "LocatedDocuments", "COpenSSL", "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: settings),
        .testTarget(name: "FileWatchingTests", dependencies: ["FileWatching", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "OpenSSLTransportTests",
            dependencies: ["COpenSSL", "OpenSSLTransport", "TestSupport", nioCore, nioPosix, nioTLS, nioEmbedded],
            swiftSettings: settings),
        .testTarget(
            name: "CertificatesTests", dependencies: ["Certificates", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "CertificateIssuingTests",
            dependencies: ["CertificateIssuing", "OpenSSLTransport", "COpenSSL", "TestSupport"], swiftSettings: settings
        ),
        .testTarget(
            name: "CertificateKeepingTests",
            dependencies: [
                "CertificateKeeping", "Certificates", "CertificateIssuing", "OpenSSLTransport", "KubernetesClient",
                "LocatedDocuments", "TestSupport", nioCore, nioPosix, nioHTTP1, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "WebhookServerTests",
            dependencies: [
                "WebhookServer", "Admission", "OpenSSLTransport", "TestSupport", nioCore, nioPosix, nioTLS, nioHTTP1,
                nioEmbedded, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: [
                "KubernetesClient", "KubernetesModel", "LocatedDocuments", "OpenSSLTransport", "TestSupport",
                nioCore, nioPosix, nioHTTP1, nioSSL, logging, serviceLifecycle,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ClusterReadingTests",
            dependencies: [
                "ClusterReading", "LabelPolicy", "KubernetesModel", "Attribution", "KubernetesClient",
                "LocatedDocuments", "TestSupport", nioCore, nioHTTP1,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ClusterFixingTests",
            dependencies: [
                "ClusterFixing", "Audit", "Attribution", "LabelPolicy", "KubernetesClient", "KubernetesModel",
                "TestSupport", nioCore, nioHTTP1,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AuditControllerTests",
            dependencies: [
                "AuditController", "Audit", "Attribution", "LabelPolicy", "KubernetesModel", "KubernetesClient",
                "ClusterReading", "Reports", "TestSupport", nioCore, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "tallygate", "KubernetesClient", "OpenSSLTransport", "WebhookServer", "TestSupport", nioCore, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ClusterTests",
            dependencies: [
                "tallygate", "KubernetesClient", "KubernetesModel", "TestSupport", nioCore, nioPosix, logging,
            ],
            swiftSettings: settings),
    ]
)
