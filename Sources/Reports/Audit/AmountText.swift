package import Attribution
package import Audit

/// Amounts, shares and counts as people read them. Programs get `Money.description`.
package struct AmountText: Sendable {
    /// `$`, or `CHF ` where no sign is known to be this currency's alone.
    package let symbol: String
    /// The unit as a heading: `$/month`, `CHF/month`.
    package let perMonth: String

    package init(_ currency: Currency) {
        switch currency.code {
        case "USD": symbol = "$"
        case "EUR": symbol = "€"
        case "GBP": symbol = "£"
        default: symbol = currency.code + " "
        }
        perMonth = (symbol.last == " " ? currency.code : symbol) + "/month"
    }

    /// An hourly rate as whole units a month: `3,285`, `<1` for what is more than nothing, `0`.
    package func month(_ rate: Money) -> String { Self.whole(rate.perMonth) }

    /// The same with the currency: `$3,285`.
    package func monthWithSymbol(_ rate: Money) -> String { withSymbol(month(rate)) }

    /// `$46.50` of an hourly rate; below a cent `<$0.01`.
    package func hour(_ rate: Money) -> String {
        if rate > .zero, rate < Money(nanos: Money.nanosPerUnit / 100) { return withSymbol("<0.01") }
        let parts = rate.rounded(toDecimals: 2).split(separator: ".")
        guard parts.count == 2 else { return withSymbol(rate.rounded(toDecimals: 2)) }
        return withSymbol(Self.grouped(String(parts[0])) + "." + parts[1])
    }

    private func withSymbol(_ number: String) -> String {
        for sign in ["<", "-", "≥"] where number.hasPrefix(sign) {
            return sign + symbol + number.dropFirst()
        }
        return symbol + number
    }

    private static func whole(_ amount: Money) -> String {
        if amount > .zero, amount < Money(nanos: Money.nanosPerUnit) { return "<1" }
        return grouped(amount.rounded(toDecimals: 0))
    }

    /// `1234567` as `1,234,567`.
    package static func grouped(_ number: String) -> String {
        let isNegative = number.hasPrefix("-")
        let digits = Array((isNegative ? number.dropFirst() : number[...]).utf8)
        var text = isNegative ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }

    package static func grouped(_ number: Int) -> String { grouped(String(number)) }

    /// `61.0%` of 6,107 hundredths of a percent, cut and never rounded up; `-` where there is nothing to have a share of.
    package static func percent(_ basisPoints: Int?) -> String {
        guard let basisPoints else { return "-" }
        return "\(basisPoints / 100).\(abs(basisPoints % 100) / 10)%"
    }

    /// `part` of `whole` in hundredths of a percent, cut; nil if there is no whole.
    package static func basisPoints(_ part: Money, of whole: Money) -> Int? {
        AuditReport.Share(attributedSpend: part, spend: whole).spendBasisPoints
    }

    /// The cost of a finding: `?` where nothing of it has a price, `≥` where a part has none.
    package func month(of finding: AuditReport.Finding) -> String {
        guard let cost = finding.costPerHour else { return "?" }
        guard finding.unpricedPods > 0 else { return month(cost) }
        return cost.isZero ? "?" : "≥" + month(cost)
    }

    /// The cost of a step in a sentence: `$3,285 a month`, `≥$12 a month`, `of unknown cost`.
    package func sentence(of step: FixStep) -> String {
        guard let cost = step.costPerHour, !(cost.isZero && step.isPartlyPriced) else { return "of unknown cost" }
        return withSymbol((step.isPartlyPriced ? "≥" : "") + month(cost)) + " a month"
    }
}
