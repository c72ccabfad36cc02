/// The path and query of a request.
struct RequestTarget {
    private(set) var text: String
    private var hasQuery = false

    init(path: String) { text = path }

    /// - Parameters:
    ///   - namespace: nil: all namespaces, or a resource without.
    ///   - name: nil: the collection.
    init(_ resource: APIResource, namespace: String?, name: String?, subresource: String? = nil) {
        var path = resource.group.isEmpty ? "/api" : "/apis/" + PercentEncoding.encode(resource.group)
        path += "/" + PercentEncoding.encode(resource.version)
        if let namespace { path += "/namespaces/" + PercentEncoding.encode(namespace) }
        path += "/" + PercentEncoding.encode(resource.plural)
        if let name { path += "/" + PercentEncoding.encode(name) }
        if let subresource { path += "/" + PercentEncoding.encode(subresource) }
        text = path
    }

    /// Adds a parameter that has a value.
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        text += (hasQuery ? "&" : "?") + name + "=" + PercentEncoding.encode(value)
        hasQuery = true
    }
}
