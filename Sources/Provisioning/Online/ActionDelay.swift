import Quantities
import Vocabulary

/// The fourth step of a decision: which of the changes from the fleet as it is to the plan are made now.
///
/// A server that is stopped is gone at once, one that is started serves later. So servers are started first,
/// and those that the plan gives up are stopped as their replacements serve: while what serves without them
/// still covers what is needed. Where a start waits for servers of a type of which none is free, others give
/// theirs up down to the load that was seen, and where the waiting model cannot serve even that, regardless.
struct ActionDelay {
    let problem: ProvisioningProblem
    /// The plan to reach, as N[m, h].
    let target: ProvisioningProblem.Counts
    let serving: ProvisioningProblem.Counts
    let starting: ProvisioningProblem.Counts
    /// Servers of each type that have not failed.
    let available: [Int]
    /// Whose load each model answers: its own place, or one that it shares with others.
    let owners: [Int]
    /// Load with headroom, and the load last seen, in queries/s, by owner.
    let needed: [Double]
    let seen: [Double]
    /// Pairs that may not be stopped yet.
    let isDwelling: [Bool]
    /// How many servers may still be started and stopped; nil for any number.
    var startsLeft: Int?
    var stopsLeft: Int?

    /// The changes to make now, as servers to start and to stop of each pair. O(models x types).
    mutating func changes() -> (starts: ProvisioningProblem.Counts, stops: ProvisioningProblem.Counts) {
        var starts = problem.noServers
        var stops = problem.noServers
        var free = available
        for pair in target.indices { free[pair % free.count] -= serving[pair] + starting[pair] }
        var ready = capacities(of: serving)
        let short = zip(zip(ready, capacities(of: starting)), seen).map { $0.0 + $0.1 < $1 }
        // A server that has not begun to serve is no loss.
        for pair in target.indices {
            let surplus = serving[pair] + starting[pair] - target[pair]
            guard surplus > 0, !isDwelling[pair] else { continue }
            let cancelled = allowed(min(surplus, starting[pair]), \.stopsLeft)
            stops[pair] += cancelled
            free[pair % free.count] += cancelled
        }
        var waiting = free.map { _ in false }
        var isPressing = free.map { _ in false }
        for model in inOrderOfNeed(ready) {
            for type in free.indices {
                let pair = problem.index(model: model, serverType: type)
                let lack = target[pair] - serving[pair] - starting[pair]
                guard lack > 0 else { continue }
                let started = allowed(min(lack, max(0, free[type])), \.startsLeft)
                starts[pair] += started
                free[type] -= started
                if started < lack, free[type] <= 0 {
                    waiting[type] = true
                    if short[owners[model]] { isPressing[type] = true }
                }
            }
        }
        for pair in target.indices {
            let type = pair % free.count
            let owner = owners[pair / free.count]
            let surplus = serving[pair] + starting[pair] - target[pair] - stops[pair]
            guard surplus > 0, !isDwelling[pair] || isPressing[type] else { continue }
            let floor = isPressing[type] ? 0 : waiting[type] ? seen[owner] : required(owner)
            let throughput = problem.throughputs[pair]
            let spare = ready[owner] - floor * (1 - Coverage.tolerance)
            let most = throughput > 0 ? Int(max(0, min(spare / throughput, 1e9))) : surplus
            let stopped = allowed(min(surplus, serving[pair], most), \.stopsLeft)
            stops[pair] += stopped
            ready[owner] -= Double(stopped) * throughput
        }
        return (starts, stops)
    }

    /// What has to stay covered: no more than the plan itself covers.
    private func required(_ owner: Int) -> Double { min(needed[owner], capacities(of: target)[owner]) }

    /// Queries/s that servers answer of each owner's load.
    private func capacities(of counts: ProvisioningProblem.Counts) -> [Double] {
        var sums = needed.map { _ in 0.0 }
        for model in problem.models.indices {
            sums[owners[model]] += problem.capacity(of: counts, model: model)
        }
        return sums
    }

    /// Whoever lacks most of its load, in relation, starts first.
    private func inOrderOfNeed(_ ready: [Double]) -> [Int] {
        guard startsLeft != nil else { return Array(problem.models.indices) }
        func covered(_ model: Int) -> Double {
            let owner = owners[model]
            return needed[owner] > 0 ? ready[owner] / needed[owner] : .infinity
        }
        return problem.models.indices.sorted { (covered($0), $0) < (covered($1), $1) }
    }

    private mutating func allowed(_ count: Int, _ budget: WritableKeyPath<Self, Int?>) -> Int {
        guard count > 0, let left = self[keyPath: budget] else { return max(0, count) }
        let taken = min(count, left)
        self[keyPath: budget] = left - taken
        return taken
    }
}
