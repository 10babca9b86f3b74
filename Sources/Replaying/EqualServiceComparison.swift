import Quantities
import Randomness
import Vocabulary

/// Reads savings off a frontier where two policies serve equally well, with intervals by a block bootstrap:
/// blocks of the trace are drawn with replacement, the same ones for every policy (Kuensch, Annals of
/// Statistics 17, 1989).
public struct EqualServiceComparison {
    /// Fewer blocks give no interval.
    public static let blocksMin = 4
    static let resamples = 400
    /// The share of resamples that must have a common level of service.
    static let comparableMin = 0.9

    private let frontier: ServiceFrontier
    private let byPolicy: [(name: String, points: [ServicePoint])]

    public init(_ frontier: ServiceFrontier) {
        self.frontier = frontier
        byPolicy = frontier.policies.map { name in (name, frontier.points.filter { $0.policy == name }) }
    }

    /// The subject's savings against every other policy, by either measure: at the subject's own service or,
    /// where no setting of a policy misses as much, or as little, at the nearest that one does. Whole servers
    /// may leave a rule of thumb more capacity than asked for at any setting.
    /// O(resamples x policies x settings x blocks).
    public func savings() -> [EqualServiceSaving] {
        guard let subject = byPolicy.first(where: { $0.name == frontier.subject }) else { return [] }
        let baselines = byPolicy.filter { $0.name != subject.name && !$0.points.isEmpty }
        let resamples = drawn()
        return EqualServiceSaving.Measure.allCases.flatMap { measure in
            baselines.map { saving(of: subject.points, against: $0.points, measure, resamples) }
        }
    }

    /// How often each block counts in each resample; empty where there are too few blocks.
    private func drawn() -> [[Int]] {
        let blocks = frontier.points.map(\.blocks.count).min() ?? 0
        guard blocks >= Self.blocksMin else { return [] }
        var stream = RandomStream(seed: frontier.seed, name: "replay/frontier")
        return (0..<Self.resamples).map { _ in
            var counts = [Int](repeating: 0, count: blocks)
            for _ in 0..<blocks { counts[stream.integer(in: 0..<blocks)] += 1 }
            return counts
        }
    }

    private func saving(
        of subject: [ServicePoint], against baseline: [ServicePoint], _ measure: EqualServiceSaving.Measure,
        _ resamples: [[Int]]
    ) -> EqualServiceSaving {
        let whole = (own: subject.map(\.total), other: baseline.map(\.total))
        let position = subject.firstIndex(where: \.isOwn) ?? 0
        let weighed = resamples.map { counts in
            (own: subject.map { $0.total(counts) }, other: baseline.map { $0.total(counts) })
        }
        func estimate(_ use: (ServiceSums) -> Double?) -> EqualServiceSaving.Estimate? {
            guard let share = saved(whole.own, position, whole.other, measure, use) else { return nil }
            let shares = weighed.compactMap { saved($0.own, position, $0.other, measure, use) }.sorted()
            let isEnough =
                !resamples.isEmpty
                && Double(shares.count) >= Self.comparableMin * Double(resamples.count)
            func bound(_ quantile: Double) -> Fraction? {
                isEnough ? Fraction(shares[Int((quantile * Double(shares.count - 1)).rounded())]) : nil
            }
            return .init(fraction: Fraction(share), low: bound(0.05), high: bound(0.95))
        }
        return EqualServiceSaving(
            policy: frontier.subject, baseline: baseline[0].policy, measure: measure,
            level: Fraction(Self.level(whole.own, position, whole.other, measure)),
            drawnEnergy: estimate { $0.drawnJoules },
            provisionedEnergy: estimate { $0.provisionedJoules }, cost: estimate { $0.cost },
            baselineRange: ServiceCurve(whole.other.map { ($0.missed(measure), 0) }).range)
    }

    /// The share missed at which two policies are compared: nothing is extrapolated.
    private static func level(
        _ own: [ServiceSums], _ position: Int, _ other: [ServiceSums], _ measure: EqualServiceSaving.Measure
    ) -> Double {
        let missed = other.map { $0.missed(measure) }
        return min(max(own[position].missed(measure), missed.min() ?? 0), missed.max() ?? 1)
    }

    /// The share saved at equal service; nil where one of the two does not bracket it, or the baseline uses
    /// nothing.
    private func saved(
        _ own: [ServiceSums], _ position: Int, _ other: [ServiceSums], _ measure: EqualServiceSaving.Measure,
        _ use: (ServiceSums) -> Double?
    ) -> Double? {
        func curve(_ sums: [ServiceSums]) -> ServiceCurve? {
            let settings = sums.compactMap { sums in use(sums).map { (sums.missed(measure), $0) } }
            return settings.count == sums.count ? ServiceCurve(settings) : nil
        }
        let level = Self.level(own, position, other, measure)
        guard let used = curve(own)?.used(at: level), let reference = curve(other)?.used(at: level),
            reference > 0
        else { return nil }
        return 1 - used / reference
    }
}

extension ServiceSums {
    /// The share violated or unserved.
    fileprivate func missed(_ measure: EqualServiceSaving.Measure) -> Double {
        switch measure {
        case .violation: violationFraction
        case .unserved: unservedFraction
        }
    }
}

extension ServicePoint {
    /// Blocks added up, each as often as it counts.
    fileprivate func total(_ counts: [Int]) -> ServiceSums {
        var sum = ServiceSums()
        sum.cost = blocks.allSatisfy { $0.cost != nil } ? 0 : nil
        for (block, count) in zip(blocks, counts) {
            for _ in 0..<count { sum = sum + block }
        }
        return sum
    }
}

extension Timeline {
    /// The sums of each block of this many intervals, in order; the last block may be longer, so that none is
    /// shorter.
    public func serviceBlocks(
        of blockIntervals: Int, tariff: EnergyTariff, traceStart: Int64
    ) -> [ServiceSums] {
        let count = max(1, records.count / max(1, blockIntervals))
        var blocks = [ServiceSums](repeating: ServiceSums(), count: count)
        func block(_ index: Int) -> Int { min(count - 1, index / max(1, blockIntervals)) }
        if tariff.price != nil { for index in blocks.indices { blocks[index].cost = 0 } }
        func add(_ series: NumberSeries, _ body: (inout ServiceSums, Int, Double?) -> Void) {
            var index = 0
            series.forEach { number in
                body(&blocks[block(index)], index, number)
                index += 1
            }
        }
        add(records.series(.drawnPower)) { sums, index, watts in
            let energy = Watts(watts ?? 0) * interval
            sums.seconds += interval.seconds
            sums.drawnJoules += energy.value
            if let price = tariff.price {
                sums.cost? += tariff.amount(
                    of: price, for: energy, from: interval * index, lasting: interval, traceStart: traceStart)
            }
        }
        add(records.series(.provisionedPower)) { $0.provisionedJoules += (Watts($2 ?? 0) * interval).value }
        add(records.series(.arrivedQueries)) { $0.arrivedQueries += $2 ?? 0 }
        add(records.series(.unservedQueries)) { $0.unservedQueries += $2 ?? 0 }
        for model in records.models {
            add(records.series(.load, of: model)) { $0.pairs += $2 == nil ? 0 : 1 }
            add(records.series(.isViolated, of: model)) { $0.violatedPairs += $2 == 1 ? 1 : 0 }
        }
        for entry in decisions {
            let index = Int(entry.at.count / max(1, interval.count))
            blocks[block(index)].changes += entry.actions.reduce(0) { $0 + $1.count }
        }
        return blocks
    }
}
