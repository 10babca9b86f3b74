#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import Vocabulary

/// Climbs the throughput surface by its discrete gradient, guided by what is known before anything is
/// evaluated.
///
/// After Hercules (HPCA 2022), whose premise is that throughput is convex-like in (M, D) at a fixed O, made
/// robust:
/// - *Starts.* The climb begins where the prior expects the most in each partition, and at the best schedules
///   of neighbouring problems, instead of in a corner.
/// - *Steps.* From a point, the neighbour with the steepest expected gain is evaluated first, and the first
///   real gain is taken; neighbours that a bound rules out cost nothing, nor do longer steps that are not
///   plausible. An exchange of cores between M and O, or between the groups of a pipeline, is one step. At a
///   summit no single step gains.
/// - *Expectations are corrected.* Each evaluation corrects those around it (`ThroughputSurrogate`), so a
///   prior that is wrong by a factor, or bends the wrong way, costs evaluations and not the optimum.
/// - *Restarts.* At a summit the most promising schedule anywhere is tried; where it is better, the climb
///   goes on there.
/// - *Noise.* A difference inside the confidence intervals buys more samples, not a step.
/// - *Stop.* When bounds leave nothing (`exhausted`), when nothing left is plausibly better by more than can
///   be told apart, or when several promising schedules in a row were not (`converged`). Without bounds,
///   plausible is what a few evaluations make of a prior that may be wrong anywhere, so a few more are tried
///   before that is believed.
public struct GradientSearch: SearchMethod {
    /// How many restarts in a row may fail before the search is over.
    public var patience = 12
    /// How many schedules in a row must be no better, although nothing left looks plausible, before a search
    /// ends that has no bound to rely on. Then what is plausible rests on a few evaluations and on a prior
    /// that may be wrong anywhere.
    public var doubts = 6
    /// Whether the prior of the problem is used; the name then says that it is not.
    public var usesPrior = true

    public init() {}

    public var name: String { usesPrior ? "gradient" : "gradient-no-prior" }

    public func explore(_ problem: SearchProblem, _ ledger: inout SearchLedger) throws -> SearchStop {
        var problem = problem
        if !usesPrior { problem.prior = nil }
        var climb = Climb(
            surrogate: ThroughputSurrogate(problem), ledger: ledger,
            doubts: problem.prior?.isCeilingProven == true ? 0 : doubts)
        defer { ledger = climb.ledger }
        let starts = problem.starts.compactMap { problem.space.index(of: $0) }
        // Without a prior they are the best there is to begin with. With one they come last, because they
        // would bend its corrections towards another problem's summit.
        if !climb.surrogate.hasPrior {
            for start in starts { _ = try climb.value(start) }
        }
        try climb.evaluateStarts()
        if let best = climb.ledger.best?.index { try climb.climb(from: best) }
        var stop = try climb.restart(patience: patience)
        for start in starts where climb.surrogate.bound(start) > climb.floor {
            let before = climb.bestThroughput
            guard try climb.value(start) > before else { continue }
            try climb.climb(from: start)
            stop = try climb.restart(patience: patience)
        }
        return stop
    }

    private struct Climb {
        var surrogate: ThroughputSurrogate
        var ledger: SearchLedger
        /// How many schedules that are not plausibly better are tried all the same before a stop.
        let doubts: Int

        var space: ScheduleSpace { surrogate.space }
        var bestThroughput: Double { ledger.best?.throughput ?? 0 }
        /// What a schedule must reach to count as better.
        var floor: Double { bestThroughput * (1 + SearchTrail.resolution) }

        mutating func value(_ index: Int) throws -> Double {
            guard !ledger.isEvaluated(index) else { return try ledger.value(index) }
            let value = try ledger.value(index)
            surrogate.learn(index, throughput: value)
            return value
        }

        /// The most promising schedule of each partition that could still be better than the best so far, the
        /// most promising partition first.
        mutating func evaluateStarts() throws {
            var left = Array(space.lattices.indices)
            while !left.isEmpty {
                var best: (place: Int, index: Int, optimistic: Double)?
                for place in left {
                    let found =
                        surrogate.hasPrior
                        ? surrogate.mostPromising(in: place, above: floor) { ledger.isEvaluated($0) }
                        : (index: space.balanced(in: place), optimistic: 0)
                    if let found, found.optimistic > best?.optimistic ?? -.infinity {
                        best = (place, found.index, found.optimistic)
                    }
                }
                guard let best else { return }
                _ = try value(best.index)
                left.removeAll { $0 == best.place }
            }
        }

        /// Steps to better neighbours until there is none.
        mutating func climb(from start: Int) throws {
            var current = start
            ledger.accept(current)
            while let next = try gain(from: current) {
                current = next
                ledger.accept(current)
            }
        }

        /// The first neighbour found better, the most promising first; nil at a summit.
        ///
        /// A summit is one by evaluation: every single step along an axis has been tried, unless a bound that
        /// holds rules it out. Longer steps and exchanges of cores are tried where they are plausible.
        private mutating func gain(from current: Int) throws -> Int? {
            let neighbours = space.neighbours(of: current)
            let near = Set(neighbours.all.prefix(neighbours.near))
            var left = neighbours.all
            while true {
                let here = try value(current)
                // Where nothing is served, or nothing known, any neighbour is worth a look.
                let threshold = here > 0 && surrogate.hasPrior ? log(here) : -.infinity
                // The order is taken anew after each evaluation, because each corrects what is expected of
                // the rest.
                var next: (index: Int, optimistic: Double)?
                var plausible: [Int] = []
                for neighbour in left where surrogate.bound(neighbour) > here {
                    let optimistic = surrogate.optimistic(neighbour)
                    guard optimistic > threshold || near.contains(neighbour) else { continue }
                    plausible.append(neighbour)
                    if next == nil || optimistic > next?.optimistic ?? 0 { next = (neighbour, optimistic) }
                }
                guard let next else { return nil }
                left = plausible.filter { $0 != next.index }
                _ = try value(next.index)
                if try ledger.isBetter(next.index, than: current) { return next.index }
            }
        }

        mutating func restart(patience: Int) throws -> SearchStop {
            var misses = 0
            var doubted = 0
            while true {
                let before = bestThroughput
                // Where nothing is known and nothing served yet, giving up would say that nothing can be.
                guard misses < (before == 0 && !surrogate.hasPrior ? 10 : 1) * patience else { break }
                guard
                    var next = surrogate.mostPromising(above: floor, isEvaluated: { ledger.isEvaluated($0) })
                else {
                    return .exhausted
                }
                if before > 0, next.optimistic <= log(floor) {
                    guard doubted < doubts else { break }
                    doubted += 1
                    // What the belief is wrong about may lie anywhere: every other doubt goes where least is
                    // known.
                    if doubted % 2 == 0,
                        let far = surrogate.leastKnown(above: floor, isEvaluated: { ledger.isEvaluated($0) })
                    {
                        next = far
                    }
                }
                let found = try value(next.index)
                if found > before {
                    try climb(from: next.index)
                    misses = bestThroughput > before * (1 + SearchTrail.resolution) ? 0 : misses + 1
                    if misses == 0 { doubted = 0 }
                } else {
                    misses += 1
                }
            }
            return surrogate.isAnyLeft(above: floor, isEvaluated: { ledger.isEvaluated($0) })
                ? .converged : .exhausted
        }
    }
}

extension ScheduleSpace {
    /// A start that suits most servers without knowing anything: every core taken by single-worker threads, a
    /// middle D; of an engine, as many sequences as there may be and a middle budget of tokens.
    fileprivate func balanced(in place: Int) -> Int {
        let lattice = lattices[place]
        let middle: [ScheduleAxis] = [.batch, .tokenBudget]
        let highest: [ScheduleAxis] = [.threads, .sparseThreads, .sequencesMax]
        var point = lattice.axes.map { middle.contains($0.kind) ? $0.values.count / 2 : 0 }
        let groups = lattice.axes.indices.filter { highest.contains(lattice.axes[$0].kind) }
        var hasGrown = true
        while hasGrown {
            hasGrown = false
            for axis in groups {
                point[axis] += 1
                if lattice.index(at: point) == nil { point[axis] -= 1 } else { hasGrown = true }
            }
        }
        return lattice.index(at: point) ?? lattice.first
    }
}
