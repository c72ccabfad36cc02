import Admission
import KubernetesClient
import KubernetesModel

// The form in which servers give the metadata of custom resources.
extension HeadDecoder {
    func jsonPage(
        _ bytes: UnsafeRawBufferPointer, _ shared: inout Object.Shared
    ) throws(WatchFailure) -> DecodedPage<Object> {
        var page = DecodedPage<Object>()
        do throws(JSONError) {
            var cursor = JSONCursor(bytes)
            try cursor.beginObject()
            while let member = try cursor.nextMember() {
                if member.matches("metadata") {
                    page.page = try JSONHead.listMetadata(&cursor)
                } else if member.matches("items"), try cursor.peek() == .array {
                    try cursor.beginArray()
                    var place = 0
                    while try cursor.nextElement() {
                        let head = try JSONHead.object(&cursor, filter)
                        add(Result<ObjectHead, JSONError>.success(head), at: place, to: &page, &shared)
                        place += 1
                    }
                } else {
                    try cursor.skipValue()
                }
            }
            try cursor.endDocument()
        } catch {
            throw WatchFailure(.malformed, "the list cannot be read: \(error.description)")
        }
        return page
    }

    func jsonEvent(
        _ bytes: UnsafeRawBufferPointer, _ shared: inout Object.Shared
    ) throws(WatchFailure) -> WatchEvent<Object> {
        var type = ""
        var object: Range<Int>?
        do throws(JSONError) {
            var cursor = JSONCursor(bytes)
            try cursor.beginObject()
            while let member = try cursor.nextMember() {
                if member.matches("type") {
                    type = try JSONHead.text(&cursor)
                } else if member.matches("object") {
                    object = try cursor.skipValue()
                } else {
                    try cursor.skipValue()
                }
            }
            try cursor.endDocument()
            guard let object else { throw JSONError(.unexpectedEnd(expected: .memberName), at: bytes.count) }
            var inner = JSONCursor(bytes, range: object)
            if type == "ERROR" { return .failed(try JSONHead.status(&inner)) }
            guard let event = HeadEvent(type) else {
                return .unreadable(
                    DecodingProblem(place: "an event", problem: "its type is \(type)"), resourceVersion: nil)
            }
            return self.event(event, try JSONHead.object(&inner, filter), &shared)
        } catch {
            throw WatchFailure(.malformed, "an event cannot be read: \(error.description)")
        }
    }
}

/// Reads what is asked of metadata in JSON. What is of another type than it should be counts as not there.
enum JSONHead {
    /// Of a label's value, a name, a UID or a resource version. Kubernetes' longest is 253; a message may be cut.
    private static let maximumBytes = 1_024

    static func text(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        guard try cursor.peek() == .string else {
            try cursor.skipValue()
            return ""
        }
        return try cursor.string().text(maximumBytes: maximumBytes)
    }

    private static func integer(_ cursor: inout JSONCursor) throws(JSONError) -> Int64 {
        guard try cursor.peek() == .number else {
            try cursor.skipValue()
            return 0
        }
        let range = try cursor.number()
        return Int64(String(decoding: UnsafeRawBufferPointer(rebasing: cursor.bytes[range]), as: UTF8.self)) ?? 0
    }

    /// Enters an object; false, and past it, for anything else.
    private static func enter(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return false
        }
        try cursor.beginObject()
        return true
    }

    static func listMetadata(_ cursor: inout JSONCursor) throws(JSONError) -> ListPage {
        var page = ListPage(resourceVersion: nil)
        guard try enter(&cursor) else { return page }
        while let member = try cursor.nextMember() {
            if member.matches("resourceVersion") {
                page.resourceVersion = try text(&cursor)
            } else if member.matches("continue") {
                // As long as the server likes, and given back as it came.
                page.continueToken = try cursor.peek() == .string ? try cursor.string().decode() : nil
            } else if member.matches("remainingItemCount") {
                page.remainingItems = try integer(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return page
    }

    static func object(_ cursor: inout JSONCursor, _ filter: KeyFilter) throws(JSONError) -> ObjectHead {
        var head = ObjectHead()
        guard try enter(&cursor) else { return head }
        while let member = try cursor.nextMember() {
            if member.matches("metadata") {
                head = try metadata(&cursor, filter)
            } else {
                try cursor.skipValue()
            }
        }
        return head
    }

    private static func metadata(_ cursor: inout JSONCursor, _ filter: KeyFilter) throws(JSONError) -> ObjectHead {
        var head = ObjectHead()
        guard try enter(&cursor) else { return head }
        while let member = try cursor.nextMember() {
            if member.matches("name") {
                head.name = try text(&cursor)
            } else if member.matches("namespace") {
                head.namespace = try text(&cursor)
            } else if member.matches("uid") {
                head.uid = try text(&cursor)
            } else if member.matches("resourceVersion") {
                head.resourceVersion = try text(&cursor)
            } else if member.matches("labels") {
                head.labels = try map(&cursor, filter)
            } else if member.matches("annotations") {
                head.annotations = try map(&cursor, bookmarks)
            } else if member.matches("ownerReferences") {
                head.controller = try controller(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return head
    }

    private static let bookmarks = KeyFilter.keys([HeadEvent.endOfInitialEvents])

    private static func map(_ cursor: inout JSONCursor, _ filter: KeyFilter) throws(JSONError) -> [String: String] {
        var result: [String: String] = [:]
        guard try enter(&cursor) else { return result }
        while let member = try cursor.nextMember() {
            let key = member.text(maximumBytes: maximumBytes)
            if filter.keeps(key) {
                result[key] = try text(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return result
    }

    private static func controller(_ cursor: inout JSONCursor) throws(JSONError) -> OwnerReference? {
        var result: OwnerReference?
        guard try cursor.peek() == .array else {
            try cursor.skipValue()
            return nil
        }
        try cursor.beginArray()
        while try cursor.nextElement() {
            guard let reference = try OwnerReference(&cursor, maximumBytes: maximumBytes), reference.controller,
                result == nil
            else { continue }
            result = reference
        }
        return result
    }

    private static func retryAfterSeconds(_ cursor: inout JSONCursor) throws(JSONError) -> Int64 {
        var seconds: Int64 = 0
        guard try enter(&cursor) else { return seconds }
        while let member = try cursor.nextMember() {
            if member.matches("retryAfterSeconds") {
                seconds = try integer(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return seconds
    }

    static func status(_ cursor: inout JSONCursor) throws(JSONError) -> WatchFailure {
        var (code, reason, message, retryAfter): (Int64, String, String, Int64) = (0, "", "", 0)
        if try enter(&cursor) {
            while let member = try cursor.nextMember() {
                if member.matches("code") {
                    code = try integer(&cursor)
                } else if member.matches("reason") {
                    reason = try text(&cursor)
                } else if member.matches("message") {
                    message = try text(&cursor)
                } else if member.matches("details") {
                    retryAfter = try retryAfterSeconds(&cursor)
                } else {
                    try cursor.skipValue()
                }
            }
        }
        return WatchFailure(
            statusCode: Int(clamping: code), reason: reason, message: message,
            retryAfterSeconds: Int(clamping: retryAfter))
    }
}
