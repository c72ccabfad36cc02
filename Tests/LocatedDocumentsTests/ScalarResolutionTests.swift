import LocatedDocuments
import Testing

/// Expected values as kubectl 1.32 sends them (`kubectl label --local -o json`), except that numbers beyond a double
/// keep their digits here.
@Suite struct ScalarResolutionTests {
    @Test(arguments: [
        ("yes", "true"), ("y", "true"), ("On", "true"), ("TRUE", "true"), ("no", "false"), ("n", "false"),
        ("off", "false"), ("yEs", "\"yEs\""), ("~", "null"), ("Null", "null"), ("nUll", "\"nUll\""), ("", "null"),
        ("0", "0"), ("00", "0"), ("0777", "511"), ("08", "8"), ("0o17", "15"), ("0O17", "15"), ("0o8", "\"0o8\""),
        ("0x1F", "31"), ("0X1f", "31"), ("-0x1F", "-31"), ("0x", "\"0x\""), ("0x-1", "\"0x-1\""), ("0b11", "3"),
        ("-0b11", "-3"), ("0b2", "\"0b2\""), ("1_000", "1000"), ("1__0", "10"), ("0_7", "7"), ("+5", "5"),
        ("-0", "0"), ("--5", "\"--5\""), ("+", "\"+\""), ("-1_0.5", "-10.5"), (".5", "0.5"), ("+.5", "0.5"),
        (".5_0", "0.5"), (".5e", "\".5e\""), ("1.", "1"), ("1.e5", "100000"), ("1e3", "1000"), ("1.0", "1"),
        ("1e21", "1e+21"), ("1e20", "100000000000000000000"), ("0.000001", "0.000001"), ("1e-7", "1e-7"),
        ("0.30000000000000004", "0.30000000000000004"), ("1e400", "\"1e400\""), ("12:30:45", "\"12:30:45\""),
        ("2001-01-01", "\"2001-01-01\""), ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""),
        ("18446744073709551615", "18446744073709551615"), ("18446744073709551616", "18446744073709552000"),
        ("-9223372036854775808", "-9223372036854775808"), ("-9223372036854775809", "-9223372036854776000"),
        ("0x1FFFFFFFFFFFFFFFFFFFF", "\"0x1FFFFFFFFFFFFFFFFFFFF\""), ("=", "\"=\""), (".", "\".\""),
        ("'yes'", "\"yes\""), ("\"5\"", "\"5\""), ("!!str yes", "\"yes\""), ("!!int \"5\"", "5"),
        ("!!float 5", "5"), ("!foo 5", "\"5\""), ("!!null ''", "null"), ("|\n  yes", "\"yes\\n\""),
        (">-\n  a\n  b", "\"a b\""), ("!!timestamp 2001-01-01", "\"2001-01-01\""), ("10Gi", "\"10Gi\""),
    ])
    func valueIsWhatKubectlSends(yaml: String, expected: String) {
        #expect(json("v: \(yaml)\n") == "{\"v\":\(expected)}")
    }

    @Test(arguments: [
        ("yes", "true"), ("1", "1"), ("0x10", "16"), ("1.0", "1"), ("1.50", "1.5"), ("1e20", "1e+20"),
        ("1000000.0", "1e+06"), ("100000.0", "100000"), ("123456.7", "123456.7"), ("1e-5", "1e-05"), ("0.1", "0.1"),
        ("2001-01-01", "2001-01-01"), ("'<<'", "<<"), ("n", "false"), ("\"1\"", "1"),
    ])
    func keyIsWhatKubectlSends(yaml: String, expected: String) {
        #expect(json("\(yaml): 1\n") == "{\"\(expected)\":1}")
    }

    @Test(arguments: [
        ("!!int abc", "`abc` is not a !!int"), ("!!bool 1", "`1` is not a !!bool"), ("!!null x", "`x` is not a !!null"),
        ("!!binary aGk=", "!!binary values have no place in Kubernetes objects"),
    ])
    func tagsThatDoNotFitAreErrors(yaml: String, expected: String) {
        let stream = read("v: \(yaml)\n")
        #expect(stream.documents.isEmpty)
        #expect(stream.diagnostics.map(\.message) == [expected])
        #expect(stream.diagnostics.map { place($0.position) } == ["1:4"])
    }

    @Test(arguments: [".inf", "-.INF", ".NaN"])
    func numbersWithoutJSONAreRefusedWhenRendered(yaml: String) {
        #expect(json("v: \(yaml)\n") == "infinities and .nan have no place in Kubernetes objects")
    }

    /// What may be proposed to a user without quotes.
    @Test(arguments: [
        ("ml-platform", true), ("2026.q1", true), ("1234", false), ("1e3", false), ("0x1F", false), ("on", false),
        ("No", false), ("null", false), ("", false),
    ])
    func plainStringsNeedNoQuotes(text: String, isPlain: Bool) {
        #expect(ResolvedScalar.isPlainString(text) == isPlain)
        #expect((json("v: \(text)\n") == "{\"v\":\"\(text)\"}") == isPlain)
    }
}
