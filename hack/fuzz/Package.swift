// swift-tools-version: 6.2
import PackageDescription

// One executable per fuzz target, built by `./run`. The modules under test are the project's own sources through
// symbolic links: their declarations are visible inside one package only, and they are compiled here with libFuzzer's
// instrumentation.
//
// To add a target: a module in Sources/ that defines LLVMFuzzerTestOneInput, a copy of Sources/scanner under the
// target's name, a line below, seeds in corpus/<name>/, words of its language in dictionaries/<name>.dict.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]

/// The executable `name`, and the Swift module it consists of.
func fuzzTargets(_ name: String, _ module: String, dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(name: module, dependencies: dependencies, swiftSettings: settings),
        .executableTarget(
            name: name, dependencies: [.target(name: module)],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    ]
}

let package = Package(
    name: "fuzz",
    targets: [
        .target(name: "LabelPolicy", swiftSettings: settings),
        .target(name: "KubernetesModel", swiftSettings: settings),
        .target(name: "Admission", dependencies: ["LabelPolicy", "KubernetesModel"], swiftSettings: settings),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1"),
        .target(name: "LocatedDocuments", dependencies: ["CLibYAML"], swiftSettings: settings),
        .target(
            name: "PolicyDocuments", dependencies: ["LabelPolicy", "KubernetesModel", "LocatedDocuments"],
            swiftSettings: settings),
    ] + fuzzTargets("scanner", "ScannerFuzz", dependencies: ["Admission"])
        + fuzzTargets("policy", "PolicyFuzz", dependencies: ["LabelPolicy", "LocatedDocuments", "PolicyDocuments"])
)
