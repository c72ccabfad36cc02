import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import Synchronization
import TestSupport
import Testing

/// Files in memory, by path; a directory is what lies above one.
private final class MemoryFiles: PolicyFileReading {
    private struct State {
        var files: [String: String]
        var links: [String: String]
        var beforeRead: (@Sendable (inout [String: String], inout [String: String]) -> Void)?
    }

    private let state: Mutex<State>

    init(
        _ files: [String: String], links: [String: String] = [:],
        beforeRead: (@Sendable (inout [String: String], inout [String: String]) -> Void)? = nil
    ) {
        state = Mutex(State(files: files, links: links, beforeRead: beforeRead))
    }

    func kind(of path: String) throws(PolicyFileError) -> PolicyFileKind {
        let kind: PolicyFileKind? = state.withLock { state in
            if state.files[path] != nil { return .file }
            return state.files.keys.contains { $0.hasPrefix(path + "/") } ? .directory : nil
        }
        guard let kind else { throw PolicyFileError(path: path, reason: .notFound) }
        return kind
    }

    func entries(of directory: String) throws(PolicyFileError) -> [String] {
        state.withLock { state in
            let below = state.files.keys.filter { $0.hasPrefix(directory + "/") }
            return Set(
                below.compactMap { $0.dropFirst(directory.count + 1).split(separator: "/").first.map(String.init) }
            )
            .sorted(by: >)
        }
    }

    func read(_ path: String, limit: Int) throws(PolicyFileError) -> [UInt8] {
        let text = state.withLock { state in
            if let change = state.beforeRead {
                state.beforeRead = nil
                change(&state.files, &state.links)
            }
            return state.files[path]
        }
        guard let text else { throw PolicyFileError(path: path, reason: .notFound) }
        return Array(text.utf8.prefix(limit + 1))
    }

    func linkTarget(of path: String) throws(PolicyFileError) -> String? {
        state.withLock { $0.links[path] }
    }
}

@Suite struct PolicyLoaderTests {
    private func registry(_ team: String) -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: Registry
        metadata: {name: r}
        spec: {teams: [{name: \(team)}]}
        """
    }

    private func load(_ files: MemoryFiles, _ paths: [String]) -> PolicyLoadResult {
        PolicyLoader(reader: files).load(paths, today: today)
    }

    private func teams(_ result: PolicyLoadResult) -> [String]? {
        result.loaded?.policy.registry?.teams.map(\.name.text)
    }

    @Test func withoutPathsTheBuiltInPolicyHolds() {
        let result = load(MemoryFiles([:]), [])
        #expect(result.loaded?.policy == .builtIn)
        #expect(result.diagnostics.isEmpty)
        #expect(result.loaded?.sources == [])
    }

    @Test func aDirectoryStandsForItsPolicyFiles() {
        let files = MemoryFiles([
            "d/b.yml": registry("b"), "d/a.yaml": BuiltInPolicyText.yaml, "d/c.JSON": registry("c"),
            "d/.hidden.yaml": "x",
            "d/README.md": "x", "d/sub/d.yaml": "x", "d/old.yaml/x": "x", "e.yaml": registry("e"), "d/noextension": "x",
        ])
        let result = load(files, ["d/", "e.yaml", "e.yaml"])
        #expect(result.diagnostics.isEmpty)
        #expect(teams(result) == ["b", "c", "e"])
        #expect(result.loaded?.sources == ["d/a.yaml", "d/b.yml", "d/c.JSON", "e.yaml"])
    }

    /// The same files have the same fingerprint, and any other byte, name or division of them another.
    @Test func fingerprints() throws {
        func fingerprint(_ files: [String: String], _ paths: [String] = ["d"]) -> PolicyFingerprint? {
            PolicyLoader(reader: MemoryFiles(files)).fingerprint(paths)
        }
        let files = ["d/a.yaml": "ab", "d/b.yaml": "c"]
        let known = try #require(fingerprint(files))
        #expect(fingerprint(files) == known)
        #expect(fingerprint(files, ["d", "d"]) == known)
        #expect(fingerprint(files.merging(["d/README.md": "x"]) { $1 }) == known)
        for others in [
            ["d/a.yaml": "aB", "d/b.yaml": "c"], ["d/a.yaml": "a", "d/b.yaml": "bc"],
            ["d/a.yaml": "ab", "d/c.yaml": "c"], ["d/a.yaml": "ab"],
            ["d/a.yaml": "ab", "d/b.yaml": "c", "d/c.yaml": ""],
        ] {
            #expect(fingerprint(others) != known)
        }
        #expect(fingerprint(files, ["nowhere"]) == nil)
        #expect(fingerprint(["d/README.md": "x"]) == nil)
    }

    @Test func aConfigMapIsReadInOneVersion() {
        let files = MemoryFiles(
            [
                "m/..1/a.yaml": BuiltInPolicyText.yaml, "m/..1/b.yaml": registry("old"), "m/a.yaml": "x",
                "m/b.yaml": "x",
            ],
            links: ["m/..data": "..1"])
        let result = load(files, ["m"])
        #expect(teams(result) == ["old"])
        #expect(result.loaded?.sources == ["m/a.yaml", "m/b.yaml"])
    }

    @Test func aSwitchWhileReadingIsReadAgain() {
        let files = MemoryFiles(
            ["m/..1/a.yaml": BuiltInPolicyText.yaml, "m/..1/b.yaml": registry("old"), "m/a.yaml": "x"],
            links: ["m/..data": "..1"],
            beforeRead: { files, links in
                files = ["m/..2/a.yaml": files["m/..1/a.yaml"] ?? "", "m/a.yaml": "x"]
                links = ["m/..data": "..2"]
            })
        let result = load(files, ["m"])
        #expect(result.diagnostics.isEmpty)
        #expect(result.loaded?.policy == .builtIn)
    }

    private static let whatCannotBeReadIsAnErrorCases: [([String], String)] = [
        (["nothing"], "nothing:1:1: error: no such file or directory; check --policy and what is mounted there"),
        (
            ["d"],
            "d:1:1: error: the directory holds no *.yaml, *.yml or *.json file; put the policy there; files in directories inside it are not read"
        ),
        (
            ["e.yaml"],
            "e.yaml:1:1: error: there is no policy document in it; write one, or give no policy at all for the built-in one"
        ),
        (["big.yaml"], "big.yaml:1:1: error: the file has more than 4194304 bytes; split the file"),
        (
            ["ok.yaml", "nothing"],
            "nothing:1:1: error: no such file or directory; check --policy and what is mounted there"
        ),
    ]

    @Test(arguments: whatCannotBeReadIsAnErrorCases)
    func whatCannotBeReadIsAnError(paths: [String], expected: String) {
        let files = MemoryFiles([
            "d/x.txt": "", "e.yaml": "# empty\n", "big.yaml": String(repeating: "#", count: 5 << 20),
            "ok.yaml": BuiltInPolicyText.yaml,
        ])
        let result = load(files, paths)
        #expect(result.diagnostics.map(\.line) == [expected])
        #expect(result.loaded == nil)
    }

    @Test func filesAreBoundedInNumber() {
        let files = Dictionary(uniqueKeysWithValues: (0...1000).map { ("d/\($0).yaml", "# none") })
        let result = load(MemoryFiles(files), ["d"])
        #expect(result.errors.map(\.message).first == "there are more than 1000 policy files")
        #expect(result.loaded == nil)
    }

    // MARK: The file system

    @Test func theFileSystemIsRead() throws {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("..2026_01_01")
        try directory.write("..2026_01_01/policy.yaml", BuiltInPolicyText.yaml)
        try directory.write("..2026_01_01/registry.yaml", registry("a"))
        try directory.link("..data", to: "..2026_01_01")
        for name in ["policy.yaml", "registry.yaml"] { try directory.link(name, to: "..data/\(name)") }
        let result = PolicyLoader().load([directory.path], today: today)
        #expect(result.diagnostics.isEmpty)
        #expect(teams(result) == ["a"])
        #expect(result.loaded?.sources == ["policy.yaml", "registry.yaml"].map(directory.path))
        let single = PolicyLoader().load([directory.path("policy.yaml")], today: today)
        #expect(single.loaded?.policy == .builtIn)
        #expect(PolicyLoader().load([directory.path("none")], today: today).errors.count == 1)
    }

    @Test func largeFilesAreReadToTheirEnd() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "large.yaml", String(repeating: "# filler\n", count: 30_000) + BuiltInPolicyText.yaml)
        #expect(PolicyLoader().load([file], today: today).loaded?.policy == .builtIn)
        #expect(try SystemPolicyFiles().read(file, limit: 10).count > 10)
    }
}
