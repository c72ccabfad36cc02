/// Times as the API writes them: `2026-11-21T09:50:48Z`, with any fraction and any offset.
package enum RFC3339 {
    /// A moment, in seconds since 1970-01-01T00:00:00Z and microseconds of that second.
    package struct Moment: Sendable, Hashable, Comparable {
        package var seconds: Int64
        /// 0 to 999,999.
        package var microseconds: Int

        package init(seconds: Int64, microseconds: Int = 0) {
            self.seconds = seconds
            self.microseconds = microseconds
        }

        package static func < (left: Moment, right: Moment) -> Bool {
            (left.seconds, left.microseconds) < (right.seconds, right.microseconds)
        }
    }

    /// The moment; nil for what is no such time, or one outside the years 1 to 9999.
    package static func parse(_ text: String) -> Moment? {
        var reader = Digits(rest: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("Tt "), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            year >= 1, (1...12).contains(month), day >= 1, day <= length(ofMonth: month, year: year), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        var microseconds = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            microseconds = fraction
        }
        guard let offset = reader.offset(), reader.rest.isEmpty else { return nil }
        let days = days(year: year, month: month, day: day)
        return Moment(
            seconds: Int64(days * 86_400 + hour * 3_600 + minute * 60 + second - offset), microseconds: microseconds)
    }

    /// With `Z`, in whole seconds.
    package static func format(_ seconds: Int64) -> String { date(seconds) + "Z" }

    /// As Lease times are written: with six digits of fraction.
    package static func formatMicroseconds(_ moment: Moment) -> String {
        "\(date(moment.seconds)).\(padded(moment.microseconds, 6))Z"
    }

    /// The years 0 to 9999, which four digits can write: from 0000-03-01 on, where counting from March begins.
    private static let writable = Int64(-62_162_208_000)...253_402_300_799

    private static func date(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, writable.lowerBound), writable.upperBound)
        var (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if time < 0 { (days, time) = (days - 1, time + 86_400) }
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years are counted from March.
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = Int(time)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(clock / 3_600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private struct Digits {
        var rest: ArraySlice<UInt8>

        /// Exactly so many digits; at most 4, so that no sum overflows.
        mutating func number(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for byte in rest.prefix(count) {
                guard Self.isDigit(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(count)
            return value
        }

        mutating func skip(_ any: String) -> Bool {
            guard let byte = rest.first, any.utf8.contains(byte) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// One digit or more, as microseconds; what is finer is cut off.
        mutating func fraction() -> Int? {
            let digits = rest.prefix(while: Self.isDigit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            var value = 0
            for place in 0..<6 {
                let digit = digits.dropFirst(place).first.map { Int($0 - 0x30) } ?? 0
                value = value * 10 + digit
            }
            return value
        }

        /// `Z` or `+02:00`, in seconds.
        mutating func offset() -> Int? {
            if skip("Zz") { return 0 }
            let isNegative = rest.first == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
            else { return nil }
            return (isNegative ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    }
}
