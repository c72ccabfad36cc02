import Admission
import Foundation
import Testing

/// Strings are scanned sixteen bytes at a time: a byte that ends a run counts at every place of it, and so does the end
/// of the document.
@Suite struct StringPlaceTests {
    static let places = 0..<40

    /// Contents of a string in JSON, and what they mean.
    static let pieces: [(written: String, meant: String)] = [
        ("\\\"", "\""), ("\\\\", "\\"), ("\\n", "\n"), ("\\u0000", "\0"), ("é", "é"), ("計", "計"), ("😀", "😀"),
        ("\u{7F}", "\u{7F}"), (" ", " "),
    ]

    @Test(arguments: places)
    func whatIsNotPlain(place: Int) throws {
        let before = String(repeating: "x", count: place)
        for piece in Self.pieces {
            for after in [0, 1, 15, 16, 17] {
                let rest = String(repeating: "y", count: after)
                let text = "{\"\(before)\(piece.written)\(rest)\":\"\(before)\(piece.written)\(rest)\"}"
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
                #expect(skipped.count == text.utf8.count)
            }
        }
    }

    @Test(arguments: places)
    func whatIsRefused(place: Int) {
        let before = "\"" + String(repeating: "x", count: place)
        for byte in [0x00, 0x0A, 0x1F, 0x80, 0xFF] as [UInt8] {
            let bytes = Array(before.utf8) + [byte] + Array("0123456789abcdef\"".utf8)
            #expect(offset(ofErrorIn: bytes) == before.utf8.count, "\(byte)")
        }
        // Cut off at any place.
        #expect(offset(ofErrorIn: Array(before.utf8)) == before.utf8.count)
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
