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
    name: "auditbench",
    targets: [
        .target(name: "LabelPolicy", swiftSettings: settings),
        .target(name: "KubernetesModel", swiftSettings: settings),
        .target(name: "Attribution", dependencies: ["LabelPolicy", "KubernetesModel"], swiftSettings: settings),
        .target(
            name: "Audit", dependencies: ["LabelPolicy", "KubernetesModel", "Attribution"], swiftSettings: settings),
        .executableTarget(
            name: "auditbench", dependencies: ["Audit", "Attribution", "KubernetesModel", "LabelPolicy"],
            swiftSettings: settings),
    ]
)
