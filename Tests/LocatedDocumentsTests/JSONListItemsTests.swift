import Testing

@testable import LocatedDocuments

@Suite("Lists in JSON, item by item")
struct JSONListItemsTests {
    private func items(_ text: String) -> JSONListItems? {
        JSONListItems(SourceFile(name: "l.json", text: text), limits: .manifests)
    }

    @Test(
        "Items wherever the list's kind stands, each at its place in the file",
        arguments: [
            #"{"apiVersion": "v1", "kind": "List", "items": [{"a": "]}\""}, [1, 2], "x"]}"#,
            #"{"items": [{"a": "]}\""}, [1, 2], "x"], "metadata": {"items": []}, "kind": "List", "apiVersion": "v1"}"#,
        ])
    func whole(_ text: String) throws {
        var list = try #require(items(text))
        #expect(list.kind == "List")
        #expect(list.apiVersion == "v1")
        let next = list.next()
        let first = try #require(next)
        #expect(first["a"]?.string == #"]}""#)
        let prefix = try #require(text.split(separator: #"{"a""#, maxSplits: 1).first)
        #expect(first.start.offset == prefix.utf8.count)
        #expect(list.next()?.sequence?.count == 2)
        #expect(list.next()?.string == "x")
        #expect(list.next() == nil)
        #expect(list.next() == nil)
        #expect(list.diagnostic == nil)
    }

    @Test("An empty list has no items")
    func empty() throws {
        var list = try #require(items(#"{"apiVersion": "v1", "kind": "PodList", "items": [ ]}"#))
        #expect(list.next() == nil)
        #expect(list.diagnostic == nil)
    }

    @Test(
        "What is no one list is left to other readers",
        arguments: [
            "", "[]", "{", #"{"kind": "Pod", "apiVersion": "v1"}"#,
            #"{"kind": "List", "apiVersion": "v1", "items": [1"#,
            #"{"kind": "List", "apiVersion": "v1", "items": {}}"#, #"{"kind": "List", "items": []}"#,
            #"{"kind": "List", "apiVersion": "v1", "items": []} {}"#, "kind: List", "{\"kind\": \"List\\",
        ])
    func other(_ text: String) { #expect(items(text) == nil) }

    @Test(
        "A bad item ends the list at its place",
        arguments: [
            (#"{"apiVersion": "v1", "kind": "List", "items": [1, nope]}"#, 51),
            (#"{"apiVersion": "v1", "kind": "List", "items": [1 2]}"#, 50),
            (#"{"apiVersion": "v1", "kind": "List", "items": [1,]}"#, 50),
        ])
    func bad(_ text: String, _ column: Int) throws {
        var list = try #require(items(text))
        #expect(list.next()?.scalar?.text == "1")
        #expect(list.next() == nil)
        let diagnostic = try #require(list.diagnostic)
        #expect(diagnostic.position.line == 1)
        #expect(diagnostic.position.column == column)
        #expect(list.next() == nil)
    }
}
