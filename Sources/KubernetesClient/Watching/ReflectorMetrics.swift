/// What a reflector tells whoever counts. Called from its task; returns soon.
package protocol ReflectorMetrics: Sendable {
    /// The copy was replaced by a list (or initial events); `removed` objects had gone meanwhile.
    func replaced(_ resource: String, objects: Int, removed: Int)
    /// A list or watch failed.
    func failed(_ resource: String, _ reason: WatchFailure.Reason)
    /// So many objects could not be read.
    func skipped(_ resource: String, objects: Int)
}

package struct NoReflectorMetrics: ReflectorMetrics {
    package init() {}
    package func replaced(_ resource: String, objects: Int, removed: Int) {}
    package func failed(_ resource: String, _ reason: WatchFailure.Reason) {}
    package func skipped(_ resource: String, objects: Int) {}
}
