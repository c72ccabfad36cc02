import KubernetesModel
import TestSupport
import Testing

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("0", 0), ("1", 1_000_000_000), ("+1", 1_000_000_000), ("-1", -1_000_000_000), ("007", 7_000_000_000),
            ("1.5", 1_500_000_000), ("1.", 1_000_000_000), (".5", 500_000_000), ("-.5", -500_000_000),
            ("500m", 500_000_000), ("3n", 3), ("4u", 4_000), ("0.5u", 500), ("2k", 2_000_000_000_000),
            ("1M", 1_000_000_000_000_000), ("1G", 1_000_000_000_000_000_000),
            ("1T", 1_000_000_000_000_000_000_000), ("1P", 1_000_000_000_000_000_000_000_000),
            ("1E", 1_000_000_000_000_000_000_000_000_000), ("1Ki", 1_024_000_000_000),
            ("1.5Ki", 1_536_000_000_000), ("1Mi", 1_048_576_000_000_000), ("1Gi", 1_073_741_824_000_000_000),
            ("1Ti", 1_099_511_627_776_000_000_000), ("1Pi", 1_125_899_906_842_624_000_000_000),
            ("7Ei", 8_070_450_532_247_928_832_000_000_000),
            ("2e3", 2_000_000_000_000), ("2E3", 2_000_000_000_000), ("2e+3", 2_000_000_000_000),
            ("25e-1", 2_500_000_000),
            ("1e-9", 1), ("0e999999999999999999999", 0), ("0.000000000000000000000000000000000000000000000Ei", 0),
            // Finer than a billionth: away from zero.
            ("0.1n", 1), ("-0.1n", -1), ("1.0000000001", 1_000_000_001), ("1e-10", 1), ("1e-999999999999999999999", 1),
            ("9223372036854775807", 9_223_372_036_854_775_807_000_000_000),
            ("-9223372036854775807", -9_223_372_036_854_775_807_000_000_000),
            ("1.00000000000000000000000000000000000000000000000000", 1_000_000_000),
        ] as [(String, Int128)])
    func `reads an amount`(text: String, nanos: Int128) throws {
        #expect(try Quantity(parsing: text).nanos == nanos)
        #expect(Quantity.isZero(text) == (nanos == 0))
    }

    @Test(arguments: [
        " ", " 1", "1 ", "+", "-", ".", "+-1", "1.2.3", "m", "Ki", "1K", "1ki", "1KI", "1mi", "1mm", "1Kii", "1Kib",
        "1e",
        "1e+", "1e1.5", "1e1k", "1x", "0x1", "1,5", "one", "NaN", "inf", "1_000", "٣", "0\u{0}", "0ni", "0ei", "0 m",
    ])
    func `refuses what is none`(text: String) {
        #expect(throws: QuantityError.malformed(text)) { try Quantity(parsing: text) }
        #expect(!Quantity.isZero(text))
    }

    @Test func `refuses nothing at all`() {
        #expect(throws: QuantityError.empty) { try Quantity(parsing: "") }
        #expect(!Quantity.isZero(""))
    }

    @Test(arguments: [
        "9223372036854775808", "8Ei", "10E", "1e19", "1e999999999999999999999", "-1e30",
        "1.00000000000000000000000000000000000001", "999999999999999999999999999999999999999Ei",
    ])
    func `refuses what cannot be held`(text: String) {
        #expect(throws: QuantityError.outOfRange(text)) { try Quantity(parsing: text) }
        #expect(!Quantity.isZero(text))
    }

    @Test(arguments: [
        "0", "0m", "0.0", "0Ki", "0e3", "-0", "+0", "00", "0.", ".0", "0.000", "0E+5", "0e-5", "-0.0e10", "0E", "0Ei",
        "0n",
    ])
    func `nothing is nothing in every spelling`(text: String) {
        #expect(Quantity.isZero(text))
    }

    @Test func `orders amounts`() throws {
        #expect(try Quantity(parsing: "999m") < Quantity(parsing: "1"))
        #expect(try Quantity(parsing: "1000m") == Quantity(parsing: "1"))
        #expect(try Quantity(parsing: "1G") < Quantity(parsing: "1Gi"))
        #expect(try Quantity(parsing: "-1") < Quantity(parsing: "0"))
    }

    /// A decimal number of known digits is read as that number.
    @Test func `reads any decimal number`() throws {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<20_000 {
            let nanos = Int64.random(in: 0...Int64.max, using: &random)
            let fraction = String(nanos % 1_000_000_000)
            let padding = String(repeating: "0", count: 9 - fraction.count)
            let text = "\(nanos / 1_000_000_000).\(padding)\(fraction)"
            #expect(try Quantity(parsing: text).nanos == Int128(nanos))
            #expect(try Quantity(parsing: "-\(text)k").nanos == -Int128(nanos) * 1_000)
        }
    }

    /// Any bytes are read or refused without a trap, and zero is what is read as zero.
    @Test func `no text is read as two amounts`() {
        var random = SeededGenerator(seed: 1)
        let alphabet: [Character] = ["0", "0", "1", "9", ".", "-", "+", "e", "E", "K", "i", "m", "n", "P"]
        for _ in 0..<200_000 {
            let count = Int.random(in: 0...7, using: &random)
            let text = String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
            let quantity = try? Quantity(parsing: text)
            #expect(Quantity.isZero(text) == (quantity?.nanos == 0))
        }
    }
}
