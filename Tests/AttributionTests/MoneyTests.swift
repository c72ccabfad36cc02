import Attribution
import TestSupport
import Testing

@Suite struct MoneyTextTests {
    @Test(arguments: [
        ("0", Int64(0)), ("20000", 20_000_000_000_000), ("0.0405", 40_500_000), ("-3.5", -3_500_000_000),
        ("0.000000001", 1), ("9223372036.854775807", .max), ("-9223372036.854775807", -.max),
        ("1.10", 1_100_000_000), ("1.1000000000000", 1_100_000_000), ("0.0", 0), ("-0", 0),
    ])
    func readsExactly(text: String, nanos: Int64) throws {
        #expect(try Money(parsing: text) == Money(nanos: nanos))
    }

    @Test(arguments: [
        ("", MoneyError.malformed("")), ("-", .malformed("-")), (".5", .malformed(".5")), ("5.", .malformed("5.")),
        ("+1", .malformed("+1")), ("1e3", .malformed("1e3")), ("007", .malformed("007")), ("1,5", .malformed("1,5")),
        ("1 ", .malformed("1 ")), ("NaN", .malformed("NaN")), ("Inf", .malformed("Inf")), ("0x1", .malformed("0x1")),
        ("0.0000000001", .tooPrecise("0.0000000001")), ("9223372036.854775808", .outOfRange("9223372036.854775808")),
        ("99999999999999999999999", .outOfRange("99999999999999999999999")),
    ])
    func refuses(text: String, error: MoneyError) {
        #expect(throws: error) { try Money(parsing: text) }
    }

    @Test(arguments: [
        ("1e+06", Int64(1_000_000_000_000_000)), ("2.5e4", 25_000_000_000_000), ("1E0", 1_000_000_000), ("0e5", 0),
        ("1e-9", 1), ("-2e1", -20_000_000_000), ("9.223372036854775807e9", .max), ("20000", 20_000_000_000_000),
        ("120e-1", 12_000_000_000),
    ])
    func readsExponentsExactly(text: String, nanos: Int64) throws {
        #expect(try Money(parsing: text, allowsExponent: true) == Money(nanos: nanos))
    }

    @Test(arguments: [
        ("1e10", MoneyError.outOfRange("1e10")), ("1e999999999999", .outOfRange("1e999999999999")),
        ("1e-10", .tooPrecise("1e-10")), ("1.5e-9", .tooPrecise("1.5e-9")), ("1e", .malformed("1e")),
        ("01e3", .malformed("01e3")), (".5e1", .malformed(".5e1")), ("1.e1", .malformed("1.e1")),
        ("1e1.5", .malformed("1e1.5")),
    ])
    func refusesExponentsThatAreNotExact(text: String, error: MoneyError) {
        #expect(throws: error) { try Money(parsing: text, allowsExponent: true) }
    }

    @Test(arguments: [
        ("0.031611000000000004", Int64(31_611_000)), ("1e-05", 10_000), ("3.8E+01", 38_000_000_000), ("5e-10", 0),
        ("1.5e-9", 2), ("2.5e-9", 2), ("1e-400", 0), (".5", 500_000_000), ("0.00000000149999999", 1),
    ])
    func roundsWhatOthersWrite(text: String, nanos: Int64) throws {
        #expect(try Money(rounding: text) == Money(nanos: nanos))
    }

    @Test(arguments: ["NaN", "+Inf", "1e", "1e400", "", "e5", String(repeating: "1", count: 65)])
    func refusesWhatIsNoNumber(text: String) {
        #expect(throws: MoneyError.self) { try Money(rounding: text) }
    }

    @Test(arguments: [
        (Int64(0), "0"), (1, "0.000000001"), (-1, "-0.000000001"), (40_500_000, "0.0405"),
        (20_000_000_000_000, "20000"), (-3_500_000_000, "-3.5"), (.max, "9223372036.854775807"),
        (10_000_000_000, "10"),
    ])
    func writesTheShortestText(nanos: Int64, text: String) {
        #expect(Money(nanos: nanos).description == text)
    }

    @Test(arguments: [
        (Int64(1_005_000_000), 2, "1.00"), (1_015_000_000, 2, "1.02"), (999_999_999, 2, "1.00"),
        (-4_000_000, 2, "0.00"), (-6_000_000, 2, "-0.01"), (1_204_000_000_000, 0, "1204"), (1, 9, "0.000000001"),
        (500_000_000, 0, "0"), (1_500_000_000, 0, "2"),
    ])
    func roundsForPeople(nanos: Int64, decimals: Int, text: String) {
        #expect(Money(nanos: nanos).rounded(toDecimals: decimals) == text)
    }

    @Test func readsBackWhatItWrites() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let amount = Money(nanos: Int64.random(in: -Int64.max...Int64.max, using: &random))
            #expect(try Money(parsing: amount.description) == amount)
        }
    }

    @Test func showsHostileTextInOneLine() {
        let error = MoneyError.malformed("1\n\u{1B}[31m" + String(repeating: "x", count: 500))
        #expect(!error.description.contains("\n"))
        #expect(error.description.count < 200)
    }
}

@Suite struct MoneyArithmeticTests {
    @Test func scalesToTheNearestUnitHalvesToEven() throws {
        #expect(try Money(nanos: 5).scaled(by: 1, over: 2) == Money(nanos: 2))
        #expect(try Money(nanos: 7).scaled(by: 1, over: 2) == Money(nanos: 4))
        #expect(try Money(nanos: -7).scaled(by: 1, over: 2) == Money(nanos: -4))
        #expect(try Money(nanos: 7).scaled(by: -1, over: -2) == Money(nanos: 4))
        #expect(try Money(nanos: .max).scaled(by: .max, over: .max) == Money(nanos: .max))
    }

    @Test func refusesToOverflow() throws {
        let most = Money(nanos: .max)
        #expect(throws: MoneyError.overflow) { try most.scaled(by: .max) }
        #expect(throws: MoneyError.overflow) { try most.scaled(by: .min) }
        #expect(throws: MoneyError.overflow) { try Money.maximum.scaled(by: .max).scaled(by: .max) }
        #expect(throws: MoneyError.zeroDivisor) { try most.scaled(by: 1, over: 0) }
        #expect(throws: MoneyError.overflow) { try most.accrued(overSeconds: .max).scaled(by: .max) }
    }

    @Test func addsMoreThanAClusterHolds() {
        let sum = repeatElement(Money(nanos: .max), count: 100_000).sum()
        #expect(sum.description == "922337203685477.5807")
    }

    @Test func ratesBecomeMonthsAndSeconds() throws {
        #expect(try Money(parsing: "0.096").perMonth.description == "70.08")
        #expect(try Money(parsing: "-1").perMonth.description == "-730")
        #expect(try Money(parsing: "3.06").accrued(overSeconds: 45 * 60).description == "2.295")
        #expect(Money.maximum.perMonth == .maximum)
    }

    @Test func convertsAtARate() throws {
        #expect(try Money(parsing: "1.50").converted(at: Money(parsing: "0.92")).description == "1.38")
        #expect(throws: MoneyError.overflow) { try Money.maximum.converted(at: .maximum) }
    }
}

@Suite struct LargestRemainderTests {
    @Test(
        arguments: [
            (10, [1, 1, 1], [4, 3, 3]), (10, [3, 3, 3, 1], [3, 3, 3, 1]),
            (100, [2, 1, 2, 1], [33, 17, 33, 17]), (1, [1, 5], [0, 1]), (0, [1, 2], [0, 0]),
            (7, [0, 7, 0], [0, 7, 0]),
            (-10, [1, 1, 1], [-4, -3, -3]),
        ] as [(Int64, [UInt64], [Int64])])
    func givesTheLeftOverToTheLargestFractions(total: Int64, weights: [UInt64], parts: [Int64]) {
        #expect(Money(nanos: total).distributed(over: weights) == parts.map { Money(nanos: $0) })
    }

    @Test func givesNothingWhereNobodyTakes() {
        #expect(Money(nanos: 5).distributed(over: [0, 0]) == nil)
        #expect(Money(nanos: 5).distributed(over: []) == nil)
    }

    /// Against a slow and obvious implementation, with weights up to the largest.
    @Test(arguments: UInt64(0)..<8) func conservesEveryTotal(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var fast = LargestRemainder()
        var shares: [UInt64] = []
        for _ in 0..<300 {
            let top: UInt64 = random.pick([3, 1_000, 1 << 40, .max])
            let weights = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                random.oneIn(4) ? 0 : UInt64.random(in: 0...top, using: &random)
            }
            let total =
                UInt64.random(in: 0...UInt64(Int64.max), using: &random) >> UInt64.random(in: 0...62, using: &random)
            let any = fast.distribute(total, over: weights, into: &shares)
            #expect(any == weights.contains { $0 > 0 })
            guard any else { continue }
            #expect(shares.reduce(0, +) == total)
            var wide: [UInt128] = []
            #expect(LargestRemainder.distribute(UInt128(total), over: weights.map { UInt128($0) }, into: &wide))
            #expect(wide == shares.map { UInt128($0) })
            let sum = weights.reduce(UInt128(0)) { $0 + UInt128($1) }
            for (share, weight) in zip(shares, weights) {
                // Within one unit of the exact part: share × sum is within sum of total × weight.
                let exact = UInt128(total) * UInt128(weight)
                let given = UInt128(share).multipliedFullWidth(by: sum)
                #expect(given.high == 0)
                #expect((given.low > exact ? given.low - exact : exact - given.low) < sum)
            }
        }
    }

    @Test(arguments: UInt64(0)..<8) func isTheSameForTheSameOrderOfParts(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Distinct weights have distinct places whatever the order: the parts of equal weights differ by a unit.
        let weights = Set((0..<30).map { _ in UInt64.random(in: 1...10_000, using: &random) }).sorted()
        let total = Money(nanos: Int64.random(in: 1...1_000_000, using: &random))
        let parts = Dictionary(uniqueKeysWithValues: zip(weights, total.distributed(over: weights) ?? []))
        let shuffled = weights.shuffled(using: &random)
        let again = zip(shuffled, total.distributed(over: shuffled) ?? [])
        let differing = again.filter { parts[$0] != $1 }
        // Only equal fractions may change places, and then by one unit.
        for (weight, part) in differing {
            #expect(abs(Int((parts[weight] ?? .zero).nanos - part.nanos)) <= 1)
        }
        #expect(again.map(\.1).sum() == total)
    }

    /// Weights so wide that the products need 256 bits.
    @Test func splitsByWideWeights() {
        let big = UInt128(1) << 120
        var shares: [UInt128] = []
        #expect(LargestRemainder.distribute(10_000_000_001, over: [big, big * 3, big * 4], into: &shares))
        #expect(shares == [1_250_000_000, 3_750_000_000, 5_000_000_001] || shares.reduce(0, +) == 10_000_000_001)
        #expect(shares.reduce(0, +) == 10_000_000_001)
        #expect(shares[0] == 1_250_000_000)
    }
}
