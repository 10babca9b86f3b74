import Quantities
import Vocabulary

/// The last step of a decision: whatever is about to be started and stopped goes through here, in a replay,
/// in advice and on a live fleet alike, and rules cut from it what they do not allow.
///
/// Rules only ever take away: fewer starts, fewer stops. What is beyond its bounds is brought back by the
/// target (`bounded`), of which this step then lets through what the other rules allow.
struct StepLimiter {
    let problem: ProvisioningProblem
    let limits: StepLimits
    let tick: ControlTick?
    let at: Nanoseconds
    /// What runs or starts, and what takes queries, as N[m, h].
    let running: ProvisioningProblem.Counts
    let serving: ProvisioningProblem.Counts
    /// What is wanted.
    let target: ProvisioningProblem.Counts
    /// Load with headroom, in queries/s, in the order of the models.
    let needed: [Double]
    /// Models whose load is not believed.
    let isHeld: [Bool]
    let isInfeasible: Bool
    /// Whether servers serve as they are started.
    let isInstant: Bool

    private(set) var cuts: [StepCut] = []
    private var starts: ProvisioningProblem.Counts = []
    private var stops: ProvisioningProblem.Counts = []

    init(
        problem: ProvisioningProblem, limits: StepLimits, tick: ControlTick?, at: Nanoseconds,
        running: ProvisioningProblem.Counts, serving: ProvisioningProblem.Counts,
        target: ProvisioningProblem.Counts, needed: [Double], isHeld: [Bool], isInfeasible: Bool,
        isInstant: Bool
    ) {
        self.problem = problem
        self.limits = limits
        self.tick = tick
        self.at = at
        self.running = running
        self.serving = serving
        self.target = target
        self.needed = needed
        self.isHeld = isHeld
        self.isInfeasible = isInfeasible
        self.isInstant = isInstant
    }

    /// A target brought inside the bounds of its pairs and models. What a bound takes from a model is made up
    /// for by its other types, the most efficient first, while any are free. O(models x types^2).
    static func bounded(
        _ target: ProvisioningProblem.Counts, needed: [Double], problem: ProvisioningProblem,
        limits: StepLimits, tick: ControlTick?
    ) -> ProvisioningProblem.Counts {
        guard !limits.pairs.isEmpty || !limits.models.isEmpty || !(tick?.bounds.isEmpty ?? true) else {
            return target
        }
        let bounds = problem.pairs.map { tick?.bounds[$0] ?? limits.pairs[$0] ?? ServerBounds() }
        var counts = zip(bounds, target).map { min($1, $0.max ?? .max) }
        let types = problem.serverTypes.count
        var free = problem.available
        for pair in counts.indices { free[pair % types] -= counts[pair] }
        for pair in counts.indices {
            let raised = max(0, min(bounds[pair].bounding(counts[pair]) - counts[pair], free[pair % types]))
            counts[pair] += raised
            free[pair % types] -= raised
        }
        for model in problem.models.indices {
            let ranked = problem.mostEfficient(problem.serverTypes.indices, for: model)
            let ofModel = limits.models[problem.models[model]] ?? ServerBounds()
            var count = (0..<types).reduce(0) { $0 + counts[problem.index(model: model, serverType: $1)] }
            for type in ranked {
                let pair = problem.index(model: model, serverType: type)
                while counts[pair] < bounds[pair].max ?? .max, free[type] > 0, count < ofModel.max ?? .max,
                    count < ofModel.min ?? 0
                        || problem.capacity(of: counts, model: model)
                            < min(needed[model], problem.capacity(of: target, model: model))
                            * (1 - Coverage.tolerance)
                {
                    counts[pair] += 1
                    free[type] -= 1
                    count += 1
                }
            }
            for type in ranked.reversed() {
                let pair = problem.index(model: model, serverType: type)
                let surplus = max(0, count - (ofModel.max ?? .max))
                let given = min(surplus, counts[pair] - min(counts[pair], bounds[pair].min ?? 0))
                counts[pair] -= given
                count -= given
            }
        }
        return counts
    }

    /// What may be done of the changes. O(models x types + what the record holds).
    mutating func limited(
        starts: ProvisioningProblem.Counts, stops: ProvisioningProblem.Counts, record: inout StepRecord
    ) -> (starts: ProvisioningProblem.Counts, stops: ProvisioningProblem.Counts) {
        self.starts = starts
        self.stops = stops
        note(&record)
        keepHolds()
        keepStopWindow(record)
        // What a later rule keeps from stopping still counts for the bounds that starts have to keep.
        var before: (ProvisioningProblem.Counts, ProvisioningProblem.Counts)
        repeat {
            before = (self.starts, self.stops)
            keepBounds()
            keepSteps(record)
            keepCover()
        } while before != (self.starts, self.stops)
        record.startsNow += self.starts.reduce(0, +)
        record.hasRun = record.hasRun || record.startsNow > 0 || running.contains { $0 > 0 }
        let stopped = self.stops.reduce(0, +)
        record.stopsNow += stopped
        if stopped > 0, limits.windowStopsShare != nil {
            record.stops.append(StepRecord.Stops(at: at, count: stopped))
        }
        return (self.starts, self.stops)
    }
}

// MARK: - Rules

extension StepLimiter {
    /// Remembers what is asked for, as far back as the windows reach.
    private func note(_ record: inout StepRecord) {
        record.stops.removeAll { $0.at + limits.window <= at }
        guard limits.stopWindow > .zero else { return }
        if record.trustedSince.isEmpty { record.trustedSince = problem.models.map { _ in nil } }
        for model in problem.models.indices {
            record.trustedSince[model] = isHeld[model] ? nil : record.trustedSince[model] ?? at
        }
        record.asked.removeAll { $0.at + limits.stopWindow < at || $0.at == at }
        record.asked.append(StepRecord.Ask(at: at, counts: target))
    }

    /// Loads that are not believed, objects that are not to be touched, and whoever holds the fleet.
    private mutating func keepHolds() {
        for pair in starts.indices {
            let model = pair / problem.serverTypes.count
            let name = problem.pair(pair)
            if let rule = tick?.fleetHold ?? tick?.pairHolds[name] {
                cut(pair, rule, starts: 0, stops: 0)
            }
            if let rule = tick?.startHolds[name] { cut(pair, rule, starts: 0) }
            if isHeld[model] { cut(pair, .modelHeld, stops: 0) }
            if let rule = tick?.stopHold { cut(pair, rule, stops: 0) }
            if isInfeasible, limits.keepsCover { cut(pair, .infeasible, stops: 0) }
        }
    }

    /// A stop waits until nothing in the window has asked for the server.
    private mutating func keepStopWindow(_ record: StepRecord) {
        guard limits.stopWindow > .zero else { return }
        for pair in stops.indices where stops[pair] > 0 {
            let since = record.trustedSince[pair / problem.serverTypes.count]
            guard let since, since + limits.stopWindow <= at else {
                cut(pair, .stopWindow, stops: 0)
                continue
            }
            let most = record.asked.reduce(0) { $1.at >= since ? max($0, $1.counts[pair]) : $0 }
            cut(pair, .stopWindow, stops: max(0, running[pair] - most))
        }
    }

    /// The least and the most of pairs, models, the fleet and its power.
    private mutating func keepBounds() {
        var fleet = running.reduce(0, +)
        var watts = problem.power(of: running)
        for model in inOrderOfNeed() {
            let ofModel = limits.models[problem.models[model]] ?? ServerBounds()
            var count = problem.serverTypes.indices.reduce(0) {
                $0 + running[problem.index(model: model, serverType: $1)]
            }
            for type in problem.serverTypes.indices {
                let pair = problem.index(model: model, serverType: type)
                let bounds = tick?.bounds[problem.pair(pair)] ?? limits.pairs[problem.pair(pair)]
                let least = bounds?.min ?? 0
                cut(pair, .bounds, stops: max(0, running[pair] - least))
                cut(pair, .bounds, stops: max(0, count - (ofModel.min ?? 0)))
                cut(pair, .bounds, stops: max(0, fleet - (limits.fleet.min ?? 0)))
                count -= stops[pair]
                fleet -= stops[pair]
                watts -= Double(stops[pair]) * problem.powers[pair]
            }
            for type in problem.serverTypes.indices {
                let pair = problem.index(model: model, serverType: type)
                guard starts[pair] > 0 else { continue }
                let bounds = tick?.bounds[problem.pair(pair)] ?? limits.pairs[problem.pair(pair)]
                var most = min(
                    (bounds?.max ?? .max) - running[pair], (ofModel.max ?? .max) - count,
                    (limits.fleet.max ?? .max) - fleet)
                if let cap = limits.wattsMax, problem.powers[pair] > 0 {
                    let left = (cap.value * (1 + 1e-9) - watts) / problem.powers[pair]
                    most = min(most, Int(max(0, min(left, 1e9))))
                }
                cut(pair, .bounds, starts: max(0, most))
                count += starts[pair]
                fleet += starts[pair]
                watts += Double(starts[pair]) * problem.powers[pair]
            }
        }
    }

    /// So many at once: whoever lacks most of its load starts first, whoever has most to spare stops first.
    private mutating func keepSteps(_ record: StepRecord) {
        let there = running.reduce(0, +) + record.stopsNow - record.startsNow
        func most(_ share: Fraction, _ least: Int) -> Int {
            max(least, Int((share.value * Double(max(0, there))).rounded(.down)))
        }
        let order = inOrderOfNeed()
        // A fleet that is seen empty after it was not may be a list that is wrong: only the first is exempt.
        if let share = limits.startsShare, there > 0 || record.hasRun {
            handOut(order, \.starts, of: max(0, most(share, limits.startsLeast) - record.startsNow))
        }
        var stopsMost = Int.max
        if let share = limits.stopsShare {
            stopsMost = max(0, most(share, limits.stopsLeast) - record.stopsNow)
        }
        if let share = limits.windowStopsShare {
            let before = record.stops.reduce(0) { $0 + $1.count }
            let whole = Double(running.reduce(0, +) + before)
            stopsMost = min(stopsMost, max(0, max(1, Int((share.value * whole).rounded(.down))) - before))
        }
        handOut(order.reversed(), \.stops, of: stopsMost)
    }

    /// Hands a number of changes out in an order of models, and cuts the rest.
    private mutating func handOut(
        _ order: [Int], _ changes: WritableKeyPath<Self, ProvisioningProblem.Counts>, of most: Int
    ) {
        var left = most
        for model in order {
            for type in problem.serverTypes.indices {
                let pair = problem.index(model: model, serverType: type)
                let allowed = min(left, self[keyPath: changes][pair])
                if changes == \.starts {
                    cut(pair, .step, starts: allowed)
                } else {
                    cut(pair, .step, stops: allowed)
                }
                left -= allowed
            }
        }
    }

    /// Whatever stops, what is needed stays covered, or as much of it as is covered now.
    private mutating func keepCover() {
        guard limits.keepsCover else { return }
        for model in problem.models.indices {
            let now = problem.capacity(of: serving, model: model)
            let floor = min(needed[model], now) * (1 - Coverage.tolerance)
            var left = now
            for type in problem.serverTypes.indices {
                let pair = problem.index(model: model, serverType: type)
                let gone = min(serving[pair], max(0, stops[pair] - (running[pair] - serving[pair])))
                left -= Double(gone) * problem.throughputs[pair]
                if isInstant { left += Double(starts[pair]) * problem.throughputs[pair] }
            }
            for type in problem.mostEfficient(problem.serverTypes.indices, for: model) where left < floor {
                let pair = problem.index(model: model, serverType: type)
                guard stops[pair] > 0 else { continue }
                let lack = Int(min(((floor - left) / problem.throughputs[pair]).rounded(.up), 1e9))
                let kept = min(stops[pair], lack)
                cut(pair, .cover, stops: stops[pair] - kept)
                left += Double(kept) * problem.throughputs[pair]
            }
        }
    }

    /// Whoever covers least of what it needs comes first.
    private func inOrderOfNeed() -> [Int] {
        let covered = problem.models.indices.map { model in
            needed[model] > 0 ? problem.capacity(of: running, model: model) / needed[model] : .infinity
        }
        return problem.models.indices.sorted { (covered[$0], $0) < (covered[$1], $1) }
    }

    /// Lowers a change to what a rule allows, and notes it where that is less.
    private mutating func cut(_ pair: Int, _ rule: StepRule, starts: Int = .max, stops: Int = .max) {
        let asked = running[pair] + self.starts[pair] - self.stops[pair]
        self.starts[pair] = min(self.starts[pair], starts)
        self.stops[pair] = min(self.stops[pair], stops)
        let allowed = running[pair] + self.starts[pair] - self.stops[pair]
        guard allowed != asked else { return }
        let name = problem.pair(pair)
        cuts.append(
            StepCut(
                rule: rule, model: name.model, serverType: name.serverType, asked: asked, allowed: allowed))
    }
}

// MARK: - In a decision

extension ProvisionerCore {
    /// The changes that the limits let through; what they leave and what they cut is noted in the state.
    /// Where nothing limits them, as in replays, nothing is gone through.
    func limited(
        _ state: inout ProvisionerState, starts: ProvisioningProblem.Counts,
        stops: ProvisioningProblem.Counts, target: ProvisioningProblem.Counts,
        running: ProvisioningProblem.Counts, serving: ProvisioningProblem.Counts, at: Nanoseconds
    ) -> (starts: ProvisioningProblem.Counts, stops: ProvisioningProblem.Counts) {
        var changes = (starts: starts, stops: stops)
        state.cuts = []
        let isHeld = problem.models.indices.map {
            state.keptLoads.indices.contains($0) && state.keptLoads[$0] != nil
        }
        if !isUnlimited || !(state.tick?.isPlain ?? true) || isHeld.contains(true) {
            var limiter = StepLimiter(
                problem: problem, limits: configuration.limits, tick: state.tick, at: at, running: running,
                serving: serving, target: target, needed: state.requiredLoad ?? state.lastLoad,
                isHeld: isHeld, isInfeasible: state.planInForce?.status == .infeasible,
                isInstant: configuration.startTimes.isInstant)
            changes = limiter.limited(starts: starts, stops: stops, record: &state.steps)
            state.cuts = limiter.cuts
        }
        state.ordered = running.indices.map { running[$0] + changes.starts[$0] - changes.stops[$0] }
        return changes
    }
}

extension ProvisioningProblem {
    /// The names of a place in the flat arrays.
    func pair(_ pair: Int) -> ModelOnServer {
        ModelOnServer(
            model: models[pair / serverTypes.count], serverType: serverTypes[pair % serverTypes.count])
    }

    /// The names of all places in the flat arrays.
    var pairs: [ModelOnServer] { costs.indices.map(pair) }
}
