import LocatedDocuments
import PolicyDocuments

/// Finds and reads the manifests a command is given.
struct ManifestFiles {
    /// Files of one run: a monorepo's worth.
    private static let maximumFiles = 20_000
    /// Directories below one another; links that lead in circles end here.
    private static let maximumDepth = 32
    /// The name under which standard input stands in reports.
    private static let standardInputName = "<stdin>"

    /// Bytes of one file.
    private let limit: Int
    private let files = SystemPolicyFiles()

    init(limit: Int = DocumentLimits.manifests.fileBytes) { self.limit = limit }

    func read(_ paths: [String]) throws -> [SourceFile] {
        var result: [SourceFile] = []
        for path in paths {
            if path == "-" {
                guard let bytes = StandardInput.read(limit: limit) else {
                    throw CommandOutcome.inputError("standard input cannot be read")
                }
                result.append(SourceFile(name: Self.standardInputName, bytes: bytes))
            } else {
                do throws(PolicyFileError) {
                    try collect(path, depth: 0, isNamed: true, &result)
                } catch {
                    throw CommandOutcome.inputError("\(error.path): \(error.message)")
                }
            }
        }
        if result.isEmpty {
            throw CommandOutcome.inputError("no *.yaml, *.yml or *.json file was found in what was named")
        }
        return result
    }

    private func collect(
        _ path: String, depth: Int, isNamed: Bool, _ result: inout [SourceFile]
    ) throws(PolicyFileError) {
        let isManifest = isNamed || PolicyLoader.isPolicyFile(path.split(separator: "/").last.map(String.init) ?? path)
        let kind: PolicyFileKind
        do throws(PolicyFileError) {
            kind = try files.kind(of: path)
        } catch {
            // Checkouts are full of links that lead nowhere; one that is no manifest is nobody's loss.
            if isManifest { throw error }
            return
        }
        switch kind {
        case .file:
            guard isManifest else { return }
            guard result.count < Self.maximumFiles else { throw PolicyFileError(path: path, reason: .tooManyFiles) }
            let bytes = try files.read(path, limit: limit)
            result.append(SourceFile(name: path, bytes: bytes))
        case .directory:
            guard depth < Self.maximumDepth else { return }
            let directory = path.hasSuffix("/") ? String(path.dropLast()) : path
            for name in try files.entries(of: directory).sorted() where !name.hasPrefix(".") {
                try collect("\(directory)/\(name)", depth: depth + 1, isNamed: false, &result)
            }
        }
    }
}
