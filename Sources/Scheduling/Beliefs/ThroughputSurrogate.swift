#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import Quantities
import Vocabulary

/// What a search expects of schedules it has not evaluated: the prior, corrected by what evaluations nearby
/// have shown.
///
/// The correction is a kernel mean (Nadaraya 1964, Watson 1964) of the logarithm of found over expected, over
/// the schedules of the same lattice, shrunk towards the lattice's own mean where nothing is near. Its spread
/// says how far expectations can be trusted, as in Bayesian optimisation, at O(schedules of the lattice) an
/// evaluation. The prior's estimate is taken only of schedules whose ceiling makes them worth it.
struct ThroughputSurrogate {
    /// A schedule that serves nothing although it was expected to counts as this correction.
    private static let failure = -1.5

    private struct Trust {
        var count = 0.0
        var sum = 0.0
        var sumOfSquares = 0.0
        /// Schedules that serve nothing although they were expected to.
        var failures = 0.0

        var mean: Double { count == 0 ? 0 : sum / count }
        /// The standard deviation, with a few corrections of the usual size standing beside those found.
        /// Failures widen it: they say that expectations are wrong, and not by how much.
        func spread(usual: Double) -> Double {
            let squares =
                max(sumOfSquares - sum * mean, 0)
                + failures * ThroughputSurrogate.failure * ThroughputSurrogate.failure
            return ((squares + 3 * usual * usual) / (count + failures + 3)).squareRoot()
        }
    }

    let space: ScheduleSpace
    let hasPrior: Bool
    private let prior: SchedulePrior?
    /// Logarithms; NaN where the estimate has not been asked for.
    private var estimates: [Double]
    /// Logarithms of what an estimate cannot exceed.
    private let ceilings: [Double]
    /// Queries/s that no evaluation can exceed.
    private let bounds: [Double]
    /// Per lattice and axis, the position of each of the axis' values.
    private let positions: [[[Double]]]
    private var weights: [Double]
    private var corrections: [Double]
    private var trusts: [Trust]
    /// How many estimates have been taken.
    private(set) var estimateCount = 0

    /// How far, in doublings, one evaluation speaks for another schedule.
    private static let reach = 1.0
    /// Weight of the lattice's mean beside that of evaluations nearby, which is 1 each at the same place.
    private static let shrinkage = 0.3
    /// Spread of corrections to start from where nothing is known of a surface.
    private static let spreadWithoutPrior = 0.25
    /// Optimism in standard deviations.
    private static let optimism = 2.0

    /// O(schedules).
    init(_ problem: SearchProblem) {
        space = problem.space
        let count = space.count
        prior = problem.prior
        hasPrior = prior != nil
        if let prior {
            let found = space.schedules.map { prior.ceiling($0).value }
            bounds = prior.isCeilingProven ? found : Array(repeating: .infinity, count: count)
            ceilings = found.map { log($0) }
            estimates = Array(repeating: .nan, count: count)
        } else {
            bounds = Array(repeating: .infinity, count: count)
            ceilings = Array(repeating: 0, count: count)
            estimates = ceilings
        }
        positions = space.lattices.map { lattice in
            lattice.axes.map { axis in axis.values.map { axis.kind.position($0) } }
        }
        weights = Array(repeating: 0, count: count)
        corrections = Array(repeating: 0, count: count)
        trusts = space.lattices.map { _ in Trust() }
    }

    private mutating func estimate(_ index: Int) -> Double {
        if !estimates[index].isNaN { return estimates[index] }
        let found = log(prior?.estimate(space.schedules[index]).value ?? 1)
        estimates[index] = found
        estimateCount += 1
        return found
    }

    /// Takes in an evaluation. O(schedules of the lattice).
    mutating func learn(_ index: Int, throughput: Double) {
        let place = space.latticeIndex(of: index)
        let lattice = space.lattices[place]
        var correction = Self.failure
        let expected = estimate(index)
        if throughput > 0, expected > -.infinity {
            correction = log(throughput) - expected
            trusts[place].count += 1
            trusts[place].sum += correction
            trusts[place].sumOfSquares += correction * correction
        } else if throughput == 0, hasPrior {
            trusts[place].failures += 1
        }
        let point = lattice.point(index)
        // The kernel is a product over axes, so its factors are tabled once an axis.
        let factors = lattice.axes.indices.map { axis in
            positions[place][axis].map { position in
                let distance = (position - positions[place][axis][point[axis]]) / Self.reach
                return exp(-0.5 * distance * distance)
            }
        }
        lattice.forEachPoint { other, coordinates in
            var weight = 1.0
            for axis in factors.indices { weight *= factors[axis][coordinates(axis)] }
            weights[other] += weight
            corrections[other] += weight * correction
        }
    }

    /// No evaluation of the schedule can find more.
    func bound(_ index: Int) -> Double { bounds[index] }

    /// The logarithm of the throughput that is still plausible.
    mutating func optimistic(_ index: Int) -> Double {
        let allowance = allowance(index, beliefs[space.latticeIndex(of: index)])
        return estimate(index) + allowance
    }

    private var beliefs: [(mean: Double, spread: Double)] {
        // A partition nothing is known of yet borrows from the others.
        var all = Trust()
        for trust in trusts {
            all.count += trust.count
            all.sum += trust.sum
            all.sumOfSquares += trust.sumOfSquares
            all.failures += trust.failures
        }
        let usual = prior?.spread ?? Self.spreadWithoutPrior
        return trusts.map { trust in
            if trust.count == 0 {
                return (
                    hasPrior ? all.mean * all.count / (all.count + 2) : all.mean, all.spread(usual: 2 * usual)
                )
            }
            return (trust.mean, trust.spread(usual: usual))
        }
    }

    /// What is added to the logarithm of an estimate: the correction, and as much as doubt allows.
    private func allowance(_ index: Int, _ belief: (mean: Double, spread: Double)) -> Double {
        let total = weights[index] + Self.shrinkage
        let correction = (corrections[index] + Self.shrinkage * belief.mean) / total
        return correction + Self.optimism * belief.spread * (Self.shrinkage / total).squareRoot()
    }

    /// The unevaluated schedule with the highest plausible throughput, among those no bound rules out; nil
    /// where none is left. O(schedules).
    mutating func mostPromising(
        in lattice: Int? = nil, above floor: Double, isEvaluated: (Int) -> Bool
    ) -> (index: Int, optimistic: Double)? {
        var best: (index: Int, optimistic: Double)?
        let beliefs = beliefs
        for place in space.lattices.indices where lattice == nil || lattice == place {
            for index in space.lattices[place].indices where bounds[index] > floor {
                let allowance = allowance(index, beliefs[place])
                // The estimate is dear; the ceiling tells of most schedules that it would not matter.
                guard best == nil || ceilings[index] + allowance > best?.optimistic ?? 0, !isEvaluated(index)
                else {
                    continue
                }
                let optimistic = estimate(index) + allowance
                if optimistic > best?.optimistic ?? -.infinity { best = (index, optimistic) }
            }
        }
        return best
    }

    /// The unevaluated schedule that evaluations say least of, the most promising of equals; nil where none
    /// is left that bounds allow. O(schedules).
    mutating func leastKnown(
        above floor: Double, isEvaluated: (Int) -> Bool
    ) -> (index: Int, optimistic: Double)? {
        let weights = weights
        let least = weights.indices.filter { bounds[$0] > floor && !isEvaluated($0) }.map { weights[$0] }
            .min()
        guard let least else { return nil }
        return mostPromising(above: floor) { isEvaluated($0) || weights[$0] > least }
    }

    /// Whether a bound that holds leaves any unevaluated schedule a chance. O(schedules).
    func isAnyLeft(above floor: Double, isEvaluated: (Int) -> Bool) -> Bool {
        space.schedules.indices.contains { bounds[$0] > floor && !isEvaluated($0) }
    }
}
