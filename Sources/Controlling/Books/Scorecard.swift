import Quantities
import Vocabulary

extension SavingsLedger {
    private static let daysToAct = 7.0
    private static let trustToAct = 0.99
    /// Student's t for a two-sided 95 % interval, by degrees of freedom from 1 on; 1.96 beyond.
    private static let students = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
        2.045, 2.042,
    ]

    /// How advice has done, and whether that speaks for acting: at least seven days, 99 of 100 readings
    /// believed, no more minutes short than what runs today, and no stop of a model that was held.
    ///
    /// - Parameter baseline: the policy that stands for what runs today.
    public func scorecard(against baseline: String) -> ControllerScorecard {
        let whole = total
        let days = whole.seconds / 86_400
        let trustedShare = readings > 0 ? Double(trustedReadings) / Double(readings) : nil
        let ours = (whole.shortSeconds[Self.plan] ?? 0) / 60
        let theirs = (whole.shortSeconds[baseline] ?? 0) / 60
        var objections: [String] = []
        if days < Self.daysToAct { objections.append("\(text(days)) days were counted, expected at least 7") }
        if (trustedShare ?? 0) < Self.trustToAct {
            objections.append(
                "\(text(100 * (trustedShare ?? 0))) % of readings were believed, expected at least 99 %")
        }
        if ours > theirs {
            objections.append("\(text(ours)) minutes short, \(baseline) would have been \(text(theirs))")
        }
        if unsafeStops > 0 { objections.append("\(unsafeStops) stops of models that were held") }
        return ControllerScorecard(
            days: days, ticks: ticks, trustedShare: trustedShare, shortMinutes: ours,
            starts: whole.starts[Self.plan] ?? 0, unsafeStops: unsafeStops,
            comparisons: whole.joules.keys.filter { $0 != Self.plan }.sorted().map(comparison),
            recommendsActing: objections.isEmpty, objections: objections)
    }

    private func comparison(_ policy: String) -> ControllerScorecard.Comparison {
        let whole = total
        let theirs = whole.joules[policy] ?? 0
        let interval = interval(policy)
        return ControllerScorecard.Comparison(
            policy: policy, savedShare: theirs > 0 ? 1 - (whole.joules[Self.plan] ?? 0) / theirs : nil,
            savedShareLow: interval?.low, savedShareHigh: interval?.high,
            shortMinutes: (whole.shortSeconds[policy] ?? 0) / 60, starts: whole.starts[policy] ?? 0)
    }

    /// The 95 % interval of the mean daily share, from days of which at least half was counted; nil where
    /// there are not two of them.
    private func interval(_ policy: String) -> (low: Double, high: Double)? {
        let shares = days.sorted { $0.key < $1.key }.compactMap { entry -> Double? in
            let day = entry.value
            guard day.seconds >= 43_200, let theirs = day.joules[policy], theirs > 0 else { return nil }
            return 1 - (day.joules[Self.plan] ?? 0) / theirs
        }
        guard shares.count >= 2 else { return nil }
        let mean = shares.reduce(0, +) / Double(shares.count)
        let squares = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(shares.count - 1)).squareRoot()
        let freedom = shares.count - 1
        let factor = freedom <= Self.students.count ? Self.students[freedom - 1] : 1.96
        let half = factor * deviation / Double(shares.count).squareRoot()
        return (mean - half, mean + half)
    }

    private func text(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
