package import LabelPolicy
import LocatedDocuments

/// Reads policies from files and directories.
///
/// A directory stands for its `*.yaml`, `*.yml` and `*.json` files, sorted by name; directories inside it and hidden
/// files are left out. In a mounted ConfigMap or Secret the files are read through the `..data` link as it stands when
/// the load begins: kubelet switches that link when the content changes, and reading half of each version would be a
/// policy nobody wrote.
package struct PolicyLoader: Sendable {
    /// Bounds of one load.
    package enum Limits {
        /// Files of one load; a ConfigMap has room for far fewer that say anything.
        package static let files = 1_000
        /// Bytes of one load. A registry of 20,000 teams has 4 MB; beyond this the wrong directory was given.
        package static let bytes = 32 << 20
        /// Attempts at a directory whose files vanish while they are read. Kubelet switches at most once a minute, so a
        /// second attempt meets a directory at rest.
        static let attempts = 3
    }

    private let reader: any PolicyFileReading

    package init(reader: any PolicyFileReading = SystemPolicyFiles()) {
        self.reader = reader
    }

    /// Loads what the paths hold, together; the built-in policy if there are none.
    package func load(_ paths: [String], today: CivilDate) -> PolicyLoadResult {
        guard !paths.isEmpty else { return PolicyLoadResult(loaded: .builtIn, diagnostics: []) }
        var files: [SourceFile] = []
        var diagnostics: [Diagnostic] = []
        var budget = Budget()
        var seen: Set<String> = []
        for path in paths where seen.insert(path).inserted {
            do throws(PolicyFileError) {
                files.append(contentsOf: try read(path, &budget))
            } catch {
                diagnostics.append(
                    Diagnostic(
                        severity: .error, message: error.message, remedy: error.remedy, file: error.path,
                        position: .start))
            }
        }
        var result = PolicyReader.read(files, today: today)
        diagnostics += result.diagnostics
        result.diagnostics = diagnostics
        if diagnostics.contains(where: { $0.severity == .error }) { result.loaded = nil }
        return result
    }

    /// What tells the files as they are now from those of another time, without reading what they say; nil if they
    /// cannot be read, which `load` explains.
    package func fingerprint(_ paths: [String]) -> PolicyFingerprint? {
        var budget = Budget()
        var fingerprint = PolicyFingerprint()
        var seen: Set<String> = []
        do throws(PolicyFileError) {
            for path in paths where seen.insert(path).inserted {
                for file in try read(path, &budget) { fingerprint.add(file) }
            }
        } catch {
            return nil
        }
        return fingerprint
    }

    // MARK: Files

    private struct Budget {
        var files = 0
        var bytes = 0
    }

    private func read(_ path: String, _ budget: inout Budget) throws(PolicyFileError) -> [SourceFile] {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        switch try reader.kind(of: path) {
        case .file: return [try readFile(path, as: path, &budget)]
        case .directory: return try readDirectory(path, &budget)
        }
    }

    private func readDirectory(_ path: String, _ budget: inout Budget) throws(PolicyFileError) -> [SourceFile] {
        var attempt = 1
        while true {
            var attemptBudget = budget
            do throws(PolicyFileError) {
                let files = try readDirectoryOnce(path, &attemptBudget)
                budget = attemptBudget
                return files
            } catch {
                guard case .notFound = error.reason, attempt < Limits.attempts else { throw error }
                attempt += 1
            }
        }
    }

    private func readDirectoryOnce(_ path: String, _ budget: inout Budget) throws(PolicyFileError) -> [SourceFile] {
        let version = try reader.linkTarget(of: "\(path)/..data").map { "\(path)/\($0)" } ?? path
        let names = try reader.entries(of: version).filter(Self.isPolicyFile).sorted()
        var files: [SourceFile] = []
        for name in names {
            // A directory may be called `old.yaml`.
            guard case .file = try reader.kind(of: "\(version)/\(name)") else { continue }
            files.append(try readFile("\(version)/\(name)", as: "\(path)/\(name)", &budget))
        }
        guard !files.isEmpty else { throw PolicyFileError(path: path, reason: .emptyDirectory) }
        return files
    }

    private func readFile(
        _ path: String, as name: String, _ budget: inout Budget
    ) throws(PolicyFileError) -> SourceFile {
        budget.files += 1
        guard budget.files <= Limits.files else { throw PolicyFileError(path: name, reason: .tooManyFiles) }
        let limit = DocumentLimits.policy.fileBytes
        let bytes = try reader.read(path, limit: limit)
        guard bytes.count <= limit else { throw PolicyFileError(path: name, reason: .tooLarge(limit: limit)) }
        budget.bytes += bytes.count
        guard budget.bytes <= Limits.bytes else {
            throw PolicyFileError(path: name, reason: .tooLargeTogether)
        }
        return SourceFile(name: name, bytes: bytes)
    }

    package static func isPolicyFile(_ name: String) -> Bool {
        guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return false }
        return ["yaml", "yml", "json"].contains(name[name.index(after: dot)...].lowercased())
    }
}
