/// Something about one object that could not be read. The object is still kept, without that part, unless the problem
/// says that nothing of it could be read.
package struct ObjectProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Cause: Sendable, Hashable {
        /// A quantity is malformed, negative, or too large.
        case quantity(resource: String, QuantityError)
        case negative(resource: String)
        /// The sum over the containers is larger than 64 bits hold.
        case overflow(resource: String)
        /// Its apiVersion, or that of its controller, is none.
        case apiVersion(GroupVersionError)
        /// Its bytes are not what they should be: nothing of the object is kept.
        case unreadable(String)
        /// Found when a snapshot was taken: the text is the whole of what was said then.
        case recorded(String)
    }

    /// Where it was found: `pods`.
    package let resource: String
    /// `namespace/name`, or the item's place in its list if its name could not be read.
    package let object: String
    package let cause: Cause

    package init(resource: String, object: String, cause: Cause) {
        self.resource = resource
        self.object = object
        self.cause = cause
    }

    package var description: String {
        let place = "\(resource) \(object.quotation)"
        return switch cause {
        case .quantity(let resource, let error): "\(place): \(resource.quotation): \(error); counted as none"
        case .negative(let resource): "\(place): \(resource.quotation) is negative; counted as none"
        case .overflow(let resource):
            "\(place): the requests for \(resource.quotation) add up to more than \(Int64.max); counted as none"
        case .apiVersion(let error): "\(place): \(error); the reference is left out"
        case .unreadable(let what): "\(place): cannot be read and is left out: \(what)"
        case .recorded(let text): text
        }
    }
}
