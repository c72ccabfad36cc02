/// Splits an amount in proportion to weights so that the parts sum to it exactly.
///
/// Hamilton's method of largest remainders: everybody gets the whole part of `total × weight / sum`; the units that are
/// left over, fewer than there are parts, go one each to the largest fractions. Of equal fractions the earlier part is
/// served first, so the result depends on the order of the weights only there: put the parts into an order of their own
/// (by UID, by name), and the result is the same however the input was ordered.
package struct LargestRemainder {
    // Scratch space, kept so that a loop over many nodes does not allocate.
    private var remainders: [UInt64] = []
    private var order: [Int] = []

    package init() {}

    /// Splits `total` by `weights` into `shares`, which gets the count of the weights.
    /// - Returns: false, and all shares are zero, if no weight is above zero.
    package mutating func distribute(
        _ total: UInt64, over weights: [UInt64], into shares: inout [UInt64]
    ) -> Bool {
        shares.removeAll(keepingCapacity: true)
        var sum: UInt64 = 0
        var overflows = false
        for weight in weights {
            let (next, overflow) = sum.addingReportingOverflow(weight)
            sum = next
            if overflow { overflows = true }
        }
        if overflows { return wide(total, over: weights, into: &shares) }
        guard sum > 0 else {
            shares.append(contentsOf: repeatElement(0, count: weights.count))
            return false
        }
        remainders.removeAll(keepingCapacity: true)
        var given: UInt64 = 0
        for weight in weights {
            // The weight is at most the sum, so the quotient is at most the total and fits.
            let (share, remainder) = sum.dividingFullWidth(total.multipliedFullWidth(by: weight))
            shares.append(share)
            remainders.append(remainder)
            given &+= share
        }
        let left = Int(truncatingIfNeeded: total &- given)
        guard left > 0 else { return true }
        order.removeAll(keepingCapacity: true)
        order.append(contentsOf: weights.indices)
        order.sort { first, second in
            remainders[first] != remainders[second] ? remainders[first] > remainders[second] : first < second
        }
        // Fewer units are left than there are fractions above zero.
        for index in order.prefix(left) { shares[index] &+= 1 }
        return true
    }

    private func wide(_ total: UInt64, over weights: [UInt64], into shares: inout [UInt64]) -> Bool {
        var parts: [UInt128] = []
        let any = Self.distribute(UInt128(total), over: weights.map { UInt128($0) }, into: &parts)
        // No part exceeds the total.
        shares.append(contentsOf: parts.map { UInt64(truncatingIfNeeded: $0) })
        return any
    }

    /// The same for wide amounts and weights, whose sum must fit into 128 bits: at most 2^32 weights below 2^96, or a
    /// handful below 2^120.
    package static func distribute(
        _ total: UInt128, over weights: [UInt128], into shares: inout [UInt128]
    ) -> Bool {
        var sum: UInt128 = 0
        for weight in weights { sum &+= weight }
        guard sum > 0 else {
            shares = [UInt128](repeating: 0, count: weights.count)
            return false
        }
        var given: UInt128 = 0
        var parts: [(share: UInt128, remainder: UInt128)] = []
        parts.reserveCapacity(weights.count)
        for weight in weights {
            let product = total.multipliedReportingOverflow(by: weight)
            let part: (quotient: UInt128, remainder: UInt128)
            if product.overflow {
                part = sum.dividingFullWidth(total.multipliedFullWidth(by: weight))
            } else {
                part = product.partialValue.quotientAndRemainder(dividingBy: sum)
            }
            parts.append((part.quotient, part.remainder))
            given &+= part.quotient
        }
        shares = parts.map(\.share)
        let left = Int(truncatingIfNeeded: total &- given)
        guard left > 0 else { return true }
        let order = parts.indices.sorted { first, second in
            parts[first].remainder != parts[second].remainder
                ? parts[first].remainder > parts[second].remainder : first < second
        }
        for index in order.prefix(left) { shares[index] &+= 1 }
        return true
    }
}
