import Attribution
import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import Testing

@Suite struct PricingTests {
    /// A document whose `spec` stands on line 4.
    private func document(_ spec: String) -> String {
        """
        apiVersion: tallygate.io/v1alpha1
        kind: Pricing
        metadata: {name: p}
        spec: {\(spec)}
        """
    }

    /// What is said of a document, without the note that the built-in policy holds.
    private func findings(_ spec: String) -> [String] {
        lines(read(document(spec))).filter { !$0.contains("no AttributionPolicy is given") }
    }

    private func amount(_ text: String) throws -> Money { try Money(parsing: text) }

    @Test func theFullExampleIsRead() throws {
        let loaded = try #require(read(fullExample).loaded?.pricing)
        #expect(loaded.name == "contracts")
        let pricing = loaded.pricing
        #expect(pricing.currency.code == "EUR")
        #expect(try pricing.perUSD == amount("0.92"))
        #expect(pricing.overrides.map(\.origin) == ["contract of 2026", "contracts"])
        #expect(try pricing.overrides.map(\.perHour) == [amount("0.081"), amount("41.5")])
        #expect(pricing.overrides[0].match.capacity == .spot)
        #expect(pricing.overrides[0].date == day("2026-07-01"))
        #expect(pricing.annotation == "finance.example.com/price")
        #expect(try pricing.rates?.gpu == amount("1.1"))
        #expect(pricing.spotDiscountPercent == 65)
        #expect(try pricing.storage.map(\.perGiBMonth) == [amount("0.0952")])
        #expect(try pricing.loadBalancerPerHour == amount("0.0252"))
        #expect(
            try loaded.allocation.split
                == .custom(SplitBases(core: amount("9"), memoryGiB: amount("1"), gpu: amount("90"))))
        let sharing = loaded.allocation.sharing
        #expect(sharing.idle == .weighted)
        #expect(sharing.overhead == .even)
        #expect(sharing.namespaces == .custom(["search": 60, "payments": 40]))
        #expect(sharing.sharedNamespaces.map(\.text) == ["kube-system", "monitoring-*"])
    }

    @Test func anEmptyDocumentLeavesTheDefaults() throws {
        let loaded = try #require(read(document("")).loaded?.pricing)
        #expect(loaded.pricing == PricingPolicy())
        #expect(loaded.allocation == AllocationSettings())
    }

    @Test func whatIsSwitchedOffIsOff() throws {
        let text = document("annotation: false, rates: false, publicPrices: false, split: aws")
        let result = read(text)
        let loaded = try #require(result.loaded)
        #expect(loaded.pricing?.pricing.annotation == nil)
        #expect(loaded.pricing?.pricing.rates == nil)
        #expect(loaded.pricing?.pricing.usesShippedList == false)
        #expect(loaded.pricing?.allocation.split == .aws)
        let again = read(PolicyRendering(loaded).yaml()).loaded
        #expect(again?.pricing == loaded.pricing)
        #expect(again?.hash == loaded.hash)
        #expect(loaded.hash != LoadedPolicy.builtIn.hash)
    }

    private static let mistakes: [(String, String)] = [
        ("curency: EUR", #"4:8: error: unknown field "curency" in spec; did you mean "currency"?"#),
        (
            "currency: euro",
            #"4:18: error: spec.currency "euro" is no currency; write its ISO 4217 code, such as USD or EUR"#
        ),
        (
            "currency: EUR",
            "4:18: warning: without an exchange rate public prices, which are in USD, are of no use; add `exchangeRate`: what one US dollar costs in EUR"
        ),
        (
            "exchangeRate: 0.9",
            "4:22: error: spec.exchangeRate is given, but the currency is USD, as public prices are; remove it, or name the `currency`"
        ),
        ("currency: EUR, exchangeRate: 0", "4:37: error: spec.exchangeRate is zero; write what one US dollar costs"),
        (
            "overrides: [{match: {}, perHour: 1}]",
            "4:21: error: spec.overrides[0].match names nothing; name nodes, instanceTypes, regions, a capacity or a nodeSelector"
        ),
        (
            "overrides: [{match: {nodes: [a]}}]",
            #"4:20: error: spec.overrides[0] has no field "perHour"; write the price of one node for an hour"#
        ),
        (
            "overrides: [{match: {nodes: [a]}, perHour: -1}]",
            "4:51: error: spec.overrides[0].perHour must be an amount from 0 to 9223372036, found `-1`; write digits and at most nine decimals, such as 20000 or 1500.50"
        ),
        (
            "overrides: [{match: {nodes: [a]}, perHour: 100000}]",
            "4:51: error: spec.overrides[0].perHour is 100000, and no machine costs more than 10000 USD an hour; write the price of one node for one hour, not for a month or for all of them"
        ),
        (
            "overrides: [{match: {nodes: [a], capacity: spott}, perHour: 1}]",
            #"4:51: error: spec.overrides[0].match.capacity cannot be "spott"; did you mean "spot"?"#
        ),
        (
            "overrides: [{match: {nodes: [a]}, perHour: 1}, {match: {nodes: [a]}, perHour: 2}]",
            "4:63: error: an override with the same match stands above, so this one never counts; remove one"
        ),
        (
            "overrides: [{match: {nodes: [a]}, perhour: 1}]",
            #"4:42: error: unknown field "perhour" in spec.overrides[0]; did you mean "perHour"?"#
        ),
        ("rates: {core: 1}", #"4:8: error: spec.rates has no field "memoryGiB"; add `memoryGiB: …`"#),
        (
            "spotDiscountPercent: 101",
            "4:29: error: spec.spotDiscountPercent must be a whole number from 0 to 100, found the number 101"
        ),
        (
            "storage: [{storageClasses: [], perGiBMonth: 1}]",
            "4:35: error: spec.storage[0].storageClasses is empty; name the classes"
        ),
        ("split: opencost", #"4:15: error: spec.split cannot be "opencost"; did you mean "openCost"?"#),
        (
            "split: {core: 0, memoryGiB: 0, gpu: 0}",
            "4:15: error: spec.split weighs nothing, or something more than 1000; only proportions count: write small numbers, and one above zero"
        ),
        ("sharing: {idle: evenly}", #"4:24: error: spec.sharing.idle cannot be "evenly"; did you mean "even"?"#),
        (
            "sharing: {idle: {custom: {}}}",
            "4:33: error: spec.sharing.idle.custom must name somebody, found a mapping; write {search: 60, payments: 40}"
        ),
        (
            "sharing: {idle: {custom: {a: -1}}}",
            "4:37: error: spec.sharing.idle.custom.a must be a whole number from 0 to 1000000, found the number -1"
        ),
        (
            "annotation: a b",
            #"4:20: error: spec.annotation: the label key "a b" "#
        ),
    ]

    @Test(arguments: mistakes) func mistakesNameTheirPlace(spec: String, expected: String) {
        let found = findings(spec)
        #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
    }

    @Test func thereIsOnePricingDocument() {
        let result = read(document("") + "\n---\n" + document(""))
        #expect(
            lines(result).contains(
                "8:18: error: a second Pricing document; the first stands at p.yaml:1; put all prices into one"))
        #expect(result.loaded == nil)
    }
}
