/// An amount of money: whole billionths (nano-units) of a currency that the context names.
///
/// Exact: there is no floating point anywhere, text in and text out are decimal.
///
/// Range: an amount enters with at most ±9,223,372,036.854775807 units (63 bits of nano-units) and is scaled to at most
/// `maximum`; anything beyond throws `MoneyError`. That leaves room in 128 bits for 2^32 largest amounts to be added
/// up, more than there are objects in any cluster, so sums need no check.
package struct Money: Sendable, Hashable, Comparable {
    /// Billionths of the currency's unit.
    package let nanos: Int128

    private init(checked nanos: Int128) { self.nanos = nanos }

    package init(nanos: Int64) { self.nanos = Int128(nanos) }

    package static let zero = Money(nanos: 0)
    package static let nanosPerUnit: Int64 = 1_000_000_000

    /// The largest magnitude that scaling may reach: 2^95 nano-units, 40 million million million units.
    package static let maximum = Money(checked: 1 << 95)

    package static func < (left: Money, right: Money) -> Bool { left.nanos < right.nanos }

    // Neither can overflow: see the range above.
    package static func + (left: Money, right: Money) -> Money { Money(checked: left.nanos &+ right.nanos) }
    package static func - (left: Money, right: Money) -> Money { Money(checked: left.nanos &- right.nanos) }
    package static func += (left: inout Money, right: Money) { left = left + right }
    package static func -= (left: inout Money, right: Money) { left = left - right }
    package static prefix func - (amount: Money) -> Money { Money(checked: 0 &- amount.nanos) }

    package var isZero: Bool { nanos == 0 }
    package var isNegative: Bool { nanos < 0 }

    /// The amount times `numerator / denominator`, rounded to the nearest nano-unit, halves to the even one.
    /// - Throws: `.overflow` beyond `maximum`, `.zeroDivisor`.
    package func scaled(by numerator: Int64, over denominator: Int64 = 1) throws(MoneyError) -> Money {
        guard denominator != 0 else { throw .zeroDivisor }
        let isNegative = (nanos < 0) != ((numerator < 0) != (denominator < 0))
        let product = nanos.magnitude.multipliedReportingOverflow(by: UInt128(numerator.magnitude))
        guard !product.overflow else { throw .overflow }
        let quotient = product.partialValue.dividedRoundingHalfToEven(by: UInt128(denominator.magnitude))
        guard quotient <= Self.maximum.nanos.magnitude else { throw .overflow }
        // Not above 2^95, so it fits with either sign.
        let magnitude = Int128(truncatingIfNeeded: quotient)
        return Money(checked: isNegative ? 0 &- magnitude : magnitude)
    }

    /// Parts in proportion to `weights` that sum to this amount exactly (`LargestRemainder`).
    /// - Returns: nil if all weights are zero: there is nobody to give it to.
    package func distributed(over weights: [UInt64]) -> [Money]? {
        distributed(overWide: weights.map { UInt128($0) })
    }

    /// The same for weights whose sum fits into 128 bits.
    func distributed(overWide weights: [UInt128]) -> [Money]? {
        var shares: [UInt128] = []
        guard LargestRemainder.distribute(nanos.magnitude, over: weights, into: &shares) else { return nil }
        // Each share is at most the amount itself, which fits.
        return shares.map { share in
            let magnitude = Int128(truncatingIfNeeded: share)
            return Money(checked: isNegative ? 0 &- magnitude : magnitude)
        }
    }
}

// MARK: Rates

/// Amounts that are rates per hour: every price and every cost of an allocation is one.
extension Money {
    /// Hours of a month for every rate that is quoted by the month: 365 × 24 / 12, which AWS, Google Cloud and Azure
    /// use in their own calculators.
    package static let hoursPerMonth: Int64 = 730

    /// What an hourly rate comes to in a month. Saturates at `maximum`, which no price of a cluster reaches.
    package var perMonth: Money {
        do throws(MoneyError) { return try scaled(by: Self.hoursPerMonth) } catch {
            return isNegative ? -.maximum : .maximum
        }
    }

    /// What an hourly rate comes to in that many seconds.
    package func accrued(overSeconds seconds: Int64) throws(MoneyError) -> Money {
        try scaled(by: seconds, over: 3_600)
    }
}

extension Sequence<Money> {
    package func sum() -> Money { reduce(.zero, +) }
}

extension UInt128 {
    fileprivate func dividedRoundingHalfToEven(by divisor: UInt128) -> UInt128 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        // `remainder` is below the divisor, so the difference cannot underflow.
        let rest = divisor - remainder
        if remainder > rest || (remainder == rest && quotient & 1 == 1) { return quotient &+ 1 }
        return quotient
    }

    /// Half to even too, for texts.
    func roundedHalfToEven(dividingBy divisor: UInt128) -> UInt128 { dividedRoundingHalfToEven(by: divisor) }
}
