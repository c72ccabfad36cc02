package import KubernetesModel
import LabelPolicy

/// What is being done to the object.
package enum Operation: String, Sendable, CaseIterable {
    case create = "CREATE"
    case update = "UPDATE"
    case delete = "DELETE"
    case connect = "CONNECT"
}

/// The request of an AdmissionReview, as far as the gate reads it.
package struct AdmissionRequest: Sendable {
    package var uid = ""
    /// The kind the object was converted to; decisions and patches are made on it.
    package var kind = GroupVersionKind(group: "", version: "", kind: "")
    /// The kind the user sent; messages speak of it. Equal to `kind` unless the webhook matched an equivalent.
    package var requestKind = GroupVersionKind(group: "", version: "", kind: "")
    package var subResource = ""
    package var name = ""
    package var namespace = ""
    package var operation = Operation.create
    package var username = ""
    package var isDryRun = false
    /// Nil where the review carries none, or where its kind or subresource makes it nobody's business.
    package var object: ScannedObject?
    package var oldObject: ScannedObject?
    package var target: ScanTarget?

    /// Nothing yet: a scanner fills it in place, since a copy would count the references of all its texts.
    init() {}
}

/// Why a body is no AdmissionReview that can be answered.
package enum ReviewError: Error, Sendable, Equatable {
    case json(JSONError)
    /// `apiVersion` and `kind` are others.
    case notAnAdmissionReview(apiVersion: String, kind: String)
    case missing(field: String)
    case unknownOperation(String)

    /// One line: what failed, where, and what to do.
    package func message(in body: UnsafeRawBufferPointer) -> String {
        switch self {
        case .json(let error):
            return "malformed AdmissionReview: \(error.message(in: body))"
        case .notAnAdmissionReview(let apiVersion, let kind):
            return
                "expected an AdmissionReview of admission.k8s.io/v1, got kind \(GapText.quote(kind)) of \(GapText.quote(apiVersion)); "
                + "list v1 in admissionReviewVersions of the webhook configuration"
        case .missing(let field):
            return "\(field) is missing or empty; send the AdmissionReview as the API server makes it"
        case .unknownOperation(let text):
            return "request.operation is \(GapText.quote(text)); expected CREATE, UPDATE, DELETE or CONNECT"
        }
    }
}
