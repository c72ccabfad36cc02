import Audit
import Testing

@testable import AuditController

@Suite("What is written to the cluster, and when")
struct ReportBookTests {
    private static let start = ContinuousClock().now
    private static let shop = ClusterScope.namespace("shop")

    /// A book that has been told everything.
    private func book(_ wanted: [ClusterScope: String], standing: [ClusterScope: String] = [:]) -> ReportBook {
        var book = ReportBook()
        book.found(standing)
        book.begin()
        for (scope, hash) in wanted { book.want(hash, for: scope) }
        return book
    }

    @Test("Nothing before the first audit, even if reports of ours stand there")
    func beforeTheFirst() {
        var book = ReportBook()
        book.found([Self.shop: "a"])
        #expect(book.next(at: Self.start) == .wait(until: nil))
        book.begin()
        #expect(book.next(at: Self.start) == .remove(Self.shop))
    }

    @Test("A report that stands as it should is not written again, also after a restart")
    func unchanged() {
        let book = book([Self.shop: "a", .cluster: "b"], standing: [Self.shop: "a", .cluster: "b"])
        #expect(book.next(at: Self.start) == .wait(until: nil))
        #expect(book.count == 2)
    }

    @Test("What differs is written, one after the other, the cluster's first")
    func changed() {
        var book = book([Self.shop: "a", .cluster: "b"], standing: [Self.shop: "old"])
        #expect(book.next(at: Self.start) == .write(.cluster))
        book.done(.cluster, hash: "b", at: Self.start)
        #expect(book.next(at: Self.start) == .write(Self.shop))
        book.done(Self.shop, hash: "a", at: Self.start)
        #expect(book.next(at: Self.start) == .wait(until: nil))
    }

    @Test("One report is written at most once in its interval")
    func interval() {
        var book = book([Self.shop: "a"])
        book.done(Self.shop, hash: "a", at: Self.start)
        book.want("b", for: Self.shop)
        let due = Self.start + ReportBook.defaultInterval
        #expect(book.next(at: Self.start + .seconds(1)) == .wait(until: due))
        #expect(book.next(at: due) == .write(Self.shop))
    }

    @Test("A namespace without findings loses its report")
    func clean() {
        var book = book([Self.shop: "a"], standing: [Self.shop: "a"])
        book.want(nil, for: Self.shop)
        #expect(book.next(at: Self.start) == .remove(Self.shop))
        book.done(Self.shop, hash: nil, at: Self.start)
        #expect(book.next(at: Self.start) == .wait(until: nil))
        #expect(book.count == 0)
    }

    @Test("What failed is tried again, after pauses that grow to a bound")
    func failures() {
        var book = book([Self.shop: "a"])
        var now = Self.start
        var pauses: [Duration] = []
        for _ in 0..<10 {
            book.failed(Self.shop, at: now)
            guard case .wait(let until?) = book.next(at: now) else {
                Issue.record("it is tried at once")
                return
            }
            pauses.append(until - now)
            now = until
            #expect(book.next(at: now) == .write(Self.shop))
        }
        #expect(pauses.first == .seconds(5))
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == .seconds(300))
    }

    @Test("What somebody removed is written again")
    func removedByOthers() {
        var book = book([Self.shop: "a"], standing: [Self.shop: "a"])
        book.found([:])
        #expect(book.next(at: Self.start) == .write(Self.shop))
    }

    @Test("What was written may be newer than what was wanted when it was begun")
    func newer() {
        var book = book([Self.shop: "a"])
        book.done(Self.shop, hash: "b", at: Self.start)
        #expect(book.next(at: Self.start + .seconds(3_600)) == .wait(until: nil))
    }
}
