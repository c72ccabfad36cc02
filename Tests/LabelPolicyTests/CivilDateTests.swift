import Foundation
import LabelPolicy
import TestSupport
import Testing

@Suite struct CivilDateTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2000-03-01", 11_017),
            ("2026-01-01", 20_454),
            ("2027-01-31", 20_849), ("2100-02-28", 47_540), ("2100-03-01", 47_541), ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ] as [(String, Int64)])
    func reads(_ text: String, _ days: Int64) throws {
        let date = try #require(CivilDate(text))
        #expect(date.daysSinceEpoch == days)
        #expect(date.description == text)
    }

    @Test(arguments: [
        "", "2027", "2027-1-31", "2027-01-31 ", " 2027-01-31", "2027/01/31", "2027-01-31T00:00:00Z", "20270131",
        "2027-02-29", "2100-02-29", "1900-02-29", "2024-02-30", "2027-04-31", "2027-06-31", "2027-09-31", "2027-11-31",
        "2027-00-10", "2027-13-01", "2027-01-00", "2027-01-32", "0000-01-01", "-001-01-01", "+027-01-01", "2027-0x-01",
        "\u{FF12}027-01-01", "abcd-ef-gh",
    ])
    func refuses(_ text: String) { #expect(CivilDate(text) == nil) }

    @Test(arguments: [("2024-02-29", true), ("2000-02-29", true), ("2023-02-29", false), ("2400-02-29", true)])
    func leapDays(_ text: String, _ exists: Bool) { #expect((CivilDate(text) != nil) == exists) }

    /// Text and days agree over eleven centuries, and with Foundation's calendar.
    @Test func roundTrip() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var mismatches: [String] = []
        for days in Int64(-200_000)...200_000 {
            let date = CivilDate(daysSinceEpoch: days)
            if CivilDate(date.description) != date { mismatches.append(date.description) }
            // Foundation's Gregorian calendar is Julian before October 1582, 141,428 days before the epoch. It is slow,
            // so a sample of a prime step is compared.
            guard days > -141_000, days % 97 == 0 else { continue }
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
            let expected = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            if date.description != expected { mismatches.append("\(date) is \(expected)") }
        }
        #expect(mismatches == [])
    }

    @Test func ordersByDay() {
        #expect(("2026-12-31" as CivilDate) < "2027-01-01")
        #expect(!(("2027-01-01" as CivilDate) < "2027-01-01"))
    }

    @Test(
        arguments: [
            (0, "1970-01-01"), (86_399, "1970-01-01"), (86_400, "1970-01-02"), (-1, "1969-12-31"),
            (-86_400, "1969-12-31"),
            (-86_401, "1969-12-30"), (1_801_439_999, "2027-01-31"), (1_801_440_000, "2027-02-01"),
            (-62_135_596_800, "0001-01-01"),
        ] as [(Int64, CivilDate)])
    func dateOfMoment(_ seconds: Int64, _ date: CivilDate) {
        #expect(Timestamp(secondsSinceEpoch: seconds).date == date)
    }

    /// Whatever number comes, nothing traps.
    @Test(arguments: [Int64.min, .min + 1, -719_529, .max - 1, .max])
    func extremesDoNotTrap(_ number: Int64) {
        #expect(!CivilDate(daysSinceEpoch: number).description.isEmpty)
        #expect(!Timestamp(secondsSinceEpoch: number).date.description.isEmpty)
    }

    @Test(arguments: [(-719_529, "-0001-12-31"), (-719_528, "0000-01-01")] as [(Int64, String)])
    func yearsBeforeTheFirst(_ days: Int64, _ text: String) {
        #expect(CivilDate(daysSinceEpoch: days).description == text)
    }

    @Test func momentsCompare() {
        #expect(Timestamp(secondsSinceEpoch: -1) < Timestamp(secondsSinceEpoch: 0))
        #expect(!(Timestamp(secondsSinceEpoch: 1) < Timestamp(secondsSinceEpoch: 1)))
    }
}
