import Glibc

/// A directory of one test, removed with all it holds when the last reference goes.
package final class TemporaryDirectory: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String

        init(_ what: String) {
            description = "\(what): \(String(cString: strerror(errno)))"
        }
    }

    package let path: String

    package init() throws {
        var template = Array("/tmp/tallygate-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes the file in place, as a careless program does. Returns its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let descriptor = open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("open \(name)") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure("write \(name)") }
            rest = rest.dropFirst(count)
        }
        return path(name)
    }

    package func makeDirectory(_ name: String) throws {
        guard mkdir(path(name), 0o755) == 0 else { throw Failure("mkdir \(name)") }
    }

    package func link(_ name: String, to target: String) throws {
        guard symlink(target, path(name)) == 0 else { throw Failure("symlink \(name)") }
    }

    package func rename(_ old: String, to new: String) throws {
        guard Glibc.rename(path(old), path(new)) == 0 else { throw Failure("rename \(old)") }
    }

    package func remove(_ name: String) {
        Self.remove(path(name))
    }

    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path) {
            var names: [String] = []
            while let entry = readdir(directory) {
                names.append(
                    withUnsafeBytes(of: &entry.pointee.d_name) { name in
                        String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
                    })
            }
            closedir(directory)
            for name in names where name != "." && name != ".." {
                remove("\(path)/\(name)")
            }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
