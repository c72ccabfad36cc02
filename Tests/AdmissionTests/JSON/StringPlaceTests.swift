import Admission
import Foundation
import Testing

/// Strings are scanned sixteen bytes at a time, and those of up to 32 bytes in another way where more of the document
/// follows: a byte that ends a run counts at every place of it, and so does the end of the document.
@Suite struct StringPlaceTests {
    static let places = 0..<40
    /// White space behind a document: none, and so much that a string that ends it is not near its end.
    static let tails = ["", String(repeating: " ", count: 64)]

    /// Contents of a string in JSON, and what they mean.
    static let pieces: [(written: String, meant: String)] = [
        ("\\\"", "\""), ("\\\\", "\\"), ("\\n", "\n"), ("\\u0000", "\0"), ("é", "é"), ("計", "計"), ("😀", "😀"),
        ("\u{7F}", "\u{7F}"), (" ", " "),
    ]

    @Test(arguments: places)
    func whatIsNotPlain(place: Int) throws {
        let before = String(repeating: "x", count: place)
        for piece in Self.pieces {
            for (after, tail) in [0, 1, 15, 16, 17].flatMap({ after in Self.tails.map { (after, $0) } }) {
                let rest = String(repeating: "y", count: after)
                let document = "{\"\(before)\(piece.written)\(rest)\":\"\(before)\(piece.written)\(rest)\"}"
                let text = document + tail
                let meant = before + piece.meant + rest
                try withCursor(text) { cursor in
                    try cursor.beginObject()
                    let name = try #require(try cursor.nextMember())
                    #expect(name.decode() == meant)
                    let value = try cursor.string()
                    #expect(value.matches(text: meant))
                    #expect(value.hasEscapes == piece.written.contains("\\"))
                    #expect(try cursor.nextMember() == nil)
                    try cursor.endDocument()
                }
                let skipped = try withCursor(text) { cursor in try cursor.skipValue() }
                #expect(skipped.count == document.utf8.count)
            }
        }
    }

    @Test(arguments: places)
    func whatIsRefused(place: Int) {
        let before = "\"" + String(repeating: "x", count: place)
        for byte in [0x00, 0x0A, 0x1F, 0x80, 0xFF] as [UInt8] {
            for tail in Self.tails {
                let string = Array(before.utf8) + [byte] + Array("0123456789abcdef\"".utf8)
                #expect(offset(ofErrorIn: string + Array(tail.utf8)) == before.utf8.count, "\(byte)")
                // As a member's name.
                let object = [UInt8(ascii: "{")] + string + Array((":1}" + tail).utf8)
                #expect(offset(ofErrorIn: object) == before.utf8.count + 1, "\(byte)")
            }
        }
        // Cut off at any place.
        #expect(offset(ofErrorIn: Array(before.utf8)) == before.utf8.count)
    }

    /// What stands between a name and its value: one thing where the document is compact, all that is legal elsewhere.
    @Test(arguments: places)
    func whatFollowsAName(place: Int) {
        let name = "{\"" + String(repeating: "x", count: place) + "\""
        for tail in Self.tails {
            for between in [":", " :", ": ", "\n:\t", "  :\r\n  "] {
                #expect(offset(ofErrorIn: Array("\(name)\(between)1}\(tail)".utf8)) == nil, "\(between)")
            }
            for (between, error) in [("", 0), (" ", 1), (",", 0), (":,", 1), (": :", 2), ("\":", 0)] {
                let document = Array("\(name)\(between)1}\(tail)".utf8)
                #expect(offset(ofErrorIn: document) == name.utf8.count + error, "\(between)")
                #expect(readError(document) == skipError(document), "\(between)")
            }
        }
    }

    private func offset(ofErrorIn bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            do throws(JSONError) {
                try cursor.skipValue()
                return nil
            } catch {
                return error.offset
            }
        }
    }

    /// What is written is what Foundation reads, escapes at any place.
    @Test(arguments: places)
    func writing(place: Int) throws {
        for piece in Self.pieces {
            let text = String(repeating: "x", count: place) + piece.meant + "é\"0123456789abcdef\\"
            var writer = JSONWriter()
            writer.string(text)
            let read = try JSONSerialization.jsonObject(with: Data(writer.bytes), options: .fragmentsAllowed)
            #expect(read as? String == text)
        }
    }
}
