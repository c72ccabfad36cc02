package import KubernetesModel

extension OwnerReference {
    /// Reads the value the cursor stands before; nil, and past it, if that is no object.
    package init?(_ cursor: inout JSONCursor, maximumBytes: Int) throws(JSONError) {
        guard try cursor.enterObject() else { return nil }
        var (apiVersion, kind, name, uid, controller) = ("", "", "", "", false)
        while let member = try cursor.nextMember() {
            if member.matches("apiVersion") {
                apiVersion = try cursor.text(maximumBytes: maximumBytes)
            } else if member.matches("kind") {
                kind = try cursor.text(maximumBytes: maximumBytes)
            } else if member.matches("name") {
                name = try cursor.text(maximumBytes: maximumBytes)
            } else if member.matches("uid") {
                uid = try cursor.text(maximumBytes: maximumBytes)
            } else if member.matches("controller"), try cursor.peek() == .bool {
                controller = try cursor.bool()
            } else {
                try cursor.skipValue()
            }
        }
        self.init(apiVersion: apiVersion, kind: kind, name: name, uid: uid, controller: controller)
    }
}
