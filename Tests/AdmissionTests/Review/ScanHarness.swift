import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Scans by a fixed table of keys: team, environment, acme.io/tier, model.
enum Scan {
    static let keys: [LabelKey] = ["team", "environment", "acme.io/tier", "model"]

    static func review(
        _ body: String, catalogue: WorkloadCatalogue = .builtin, keys: [LabelKey] = keys
    ) throws(ReviewError) -> AdmissionRequest {
        let scanner = ReviewScanner(catalogue: catalogue, keys: keys)
        let result: Result<AdmissionRequest, ReviewError> = Array(body.utf8).withUnsafeBytes { bytes in
            do throws(ReviewError) {
                return .success(try scanner.scan(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// An object outside of a review.
    static func object(
        _ text: String, _ kind: GroupVersionKind = .pod, catalogue: WorkloadCatalogue = .builtin,
        keys: [LabelKey] = keys
    ) throws -> ScannedObject {
        let scanner = ReviewScanner(catalogue: catalogue, keys: keys)
        let target = try #require(scanner.target(for: kind))
        return try Array(text.utf8).withUnsafeBytes { try scanner.scanObject($0, as: target) }
    }

    /// The labels that are there, by key.
    static func labels(_ observed: ObservedLabels, keys: [LabelKey] = keys) -> [String: String] {
        var result: [String: String] = [:]
        for (index, key) in keys.enumerated() { result[key.text] = observed.value(at: index) }
        return result
    }
}

extension GroupVersionKind {
    static let pod = GroupVersionKind(group: "", version: "v1", kind: "Pod")
    static let deployment = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
    static let service = GroupVersionKind(group: "", version: "v1", kind: "Service")
    static let namespace = GroupVersionKind(group: "", version: "v1", kind: "Namespace")
    static let pytorchJob = GroupVersionKind(group: "kubeflow.org", version: "v1", kind: "PyTorchJob")
    static let workflow = GroupVersionKind(group: "argoproj.io", version: "v1alpha1", kind: "Workflow")
}
