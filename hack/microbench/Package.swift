// swift-tools-version: 6.2
import PackageDescription

// The modules under measurement are the project's own sources through symbolic links, since their declarations are
// visible inside one package only.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "microbench",
    targets: [
        .target(name: "LabelPolicy", swiftSettings: settings),
        .target(name: "KubernetesModel", swiftSettings: settings),
        .target(name: "Attribution", dependencies: ["LabelPolicy", "KubernetesModel"], swiftSettings: settings),
        .systemLibrary(name: "CByteScan"),
        .target(
            name: "Admission", dependencies: ["LabelPolicy", "KubernetesModel", "CByteScan"], swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "pkg-config"])]),
        .target(name: "ClusterSnapshot", dependencies: ["KubernetesModel", "CZlib"], swiftSettings: settings),
        .systemLibrary(name: "CMalloc"),
        .executableTarget(
            name: "microbench",
            dependencies: ["Admission", "KubernetesModel", "LabelPolicy", "ClusterSnapshot", "CMalloc"],
            swiftSettings: settings),
        .executableTarget(
            name: "attributionbench", dependencies: ["Attribution", "LabelPolicy", "KubernetesModel"],
            swiftSettings: settings),
    ]
)
