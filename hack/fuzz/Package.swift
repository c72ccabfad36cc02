// swift-tools-version: 6.2
import PackageDescription

// One executable per fuzz target, built by `./run`, which also adds libFuzzer's instrumentation: to everything, the C
// of dependencies included, since what an HTTP parser does with a byte is seen in its C alone. The modules under test
// are the project's own sources through symbolic links: their declarations are visible inside one package only.
//
// To add a target: a module in Sources/ that defines LLVMFuzzerTestOneInput, a copy of Sources/scanner under the
// target's name, a line below, seeds in corpus/<name>/, words of its language in dictionaries/<name>.dict, and in
// limits/<name> how many executions a short run makes if the usual number takes too long.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// The executable `name`, and the Swift module it consists of.
func fuzzTargets(_ name: String, _ module: String, dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(name: module, dependencies: dependencies + ["FuzzSupport"], swiftSettings: settings),
        .executableTarget(name: name, dependencies: [.target(name: module)]),
    ]
}

func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let underTest: [Target] = [
    .target(name: "LabelPolicy", swiftSettings: settings),
    .target(name: "KubernetesModel", swiftSettings: settings),
    .target(name: "Attribution", dependencies: ["LabelPolicy", "KubernetesModel"], swiftSettings: settings),
    .systemLibrary(name: "CByteScan"),
    .target(
        name: "Admission", dependencies: ["LabelPolicy", "KubernetesModel", "CByteScan"], swiftSettings: settings),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev", "pkg-config"])]),
    .target(name: "LocatedDocuments", dependencies: ["CLibYAML"], swiftSettings: settings),
    .target(
        name: "PolicyDocuments", dependencies: ["LabelPolicy", "KubernetesModel", "Attribution", "LocatedDocuments"],
        swiftSettings: settings),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev", "pkg-config"])]),
    .target(name: "FileWatching", swiftSettings: settings),
    .target(
        name: "OpenSSLTransport", dependencies: ["COpenSSL", "FileWatching", nio("NIOCore"), nio("NIOTLS")],
        swiftSettings: settings),
    .target(
        name: "WebhookServer",
        dependencies: [
            "Admission", "OpenSSLTransport", nio("NIOCore"), nio("NIOPosix"), nio("NIOTLS"), nio("NIOHTTP1"), logging,
            serviceLifecycle,
        ],
        // The fuzzer drives one connection, without the sockets that are all its package shows.
        swiftSettings: settings + [.unsafeFlags(["-enable-testing"])]),
    .target(name: "TLSTestSupport", dependencies: ["COpenSSL"], swiftSettings: settings),
]

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: underTest + [.systemLibrary(name: "CMalloc"), .target(name: "FuzzSupport", swiftSettings: settings)]
        + fuzzTargets("scanner", "ScannerFuzz", dependencies: ["Admission"])
        + fuzzTargets(
            "review", "ReviewFuzz",
            dependencies: ["Admission", "LabelPolicy", "KubernetesModel", "LocatedDocuments", "PolicyDocuments"])
        + fuzzTargets(
            "policy", "PolicyFuzz",
            dependencies: ["Admission", "LabelPolicy", "KubernetesModel", "LocatedDocuments", "PolicyDocuments"])
        + fuzzTargets("protobuf", "ProtobufFuzz", dependencies: ["KubernetesModel"])
        + fuzzTargets(
            "http", "HTTPFuzz",
            dependencies: [
                "CMalloc", "WebhookServer", "OpenSSLTransport", "TLSTestSupport", nio("NIOCore"), nio("NIOEmbedded"),
                nio("NIOHTTP1"), nio("NIOTLS"), logging,
            ])
)
