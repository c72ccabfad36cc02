package import KubernetesModel

extension OwnerReference {
    /// Reads the value the cursor stands before; nil, and past it, if that is no object.
    package init?(_ cursor: inout JSONCursor, maximumBytes: Int) throws(JSONError) {
        func text(_ cursor: inout JSONCursor) throws(JSONError) -> String {
            guard try cursor.peek() == .string else {
                try cursor.skipValue()
                return ""
            }
            return try cursor.string().text(maximumBytes: maximumBytes)
        }
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return nil
        }
        var fields = (apiVersion: "", kind: "", name: "", uid: "", controller: false)
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            if member.matches("apiVersion") {
                fields.apiVersion = try text(&cursor)
            } else if member.matches("kind") {
                fields.kind = try text(&cursor)
            } else if member.matches("name") {
                fields.name = try text(&cursor)
            } else if member.matches("uid") {
                fields.uid = try text(&cursor)
            } else if member.matches("controller"), try cursor.peek() == .bool {
                fields.controller = try cursor.bool()
            } else {
                try cursor.skipValue()
            }
        }
        self.init(
            apiVersion: fields.apiVersion, kind: fields.kind, name: fields.name, uid: fields.uid,
            controller: fields.controller)
    }
}
