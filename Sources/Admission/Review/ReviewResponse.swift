/// The AdmissionReview that answers one.
///
/// `uid`, `apiVersion` and `kind` are echoed exactly, or the API server takes the answer for a failed call. A patch and
/// its type stand together or not at all.
enum ReviewResponse {
    static func write(_ decision: Decision, uid: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.fragment(
            #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"#, needsComma: false)
        writer.string(uid)
        writer.fragment(
            decision.denial == nil ? #","allowed":true"# : #","allowed":false"#, needsComma: true)
        if let denial = decision.denial { status(denial, &writer) }
        if !decision.patch.isEmpty {
            writer.fragment(#","patchType":"JSONPatch","patch":"#, needsComma: false)
            writer.base64(decision.patch.write)
        }
        if !decision.warnings.isEmpty {
            writer.key("warnings")
            writer.beginArray()
            for warning in decision.warnings { writer.string(warning) }
            writer.endArray()
        }
        if !decision.patch.isEmpty || !decision.auditAnnotations.isEmpty {
            writer.fragment(#","auditAnnotations":{"#, needsComma: false)
            if !decision.patch.isEmpty {
                writer.fragment(#""defaults":"#, needsComma: false)
                decision.patch.writeRecord(&writer)
            }
            for annotation in decision.auditAnnotations {
                writer.key(annotation.key)
                writer.string(annotation.value)
            }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.finish()
    }

    /// 403 and Forbidden: a code under 400 would be turned into 400 by the API server.
    private static func status(_ message: String, _ writer: inout JSONWriter) {
        writer.key("status")
        writer.beginObject()
        writer.key("status")
        writer.string("Failure")
        writer.key("message")
        writer.string(message)
        writer.key("reason")
        writer.string("Forbidden")
        writer.key("code")
        writer.integer(403)
        writer.endObject()
    }
}
