import Quantities
import Vocabulary

/// Part of the delay step: whether a plan in force is kept although another could be had.
enum PlanHold {
    /// Whether the plan in force will do without asking for another: it covers what is needed, its servers
    /// are there, and no need has moved from the one it was made for by more than the tolerance.
    static func isGoodEnough(
        _ counts: ProvisioningProblem.Counts, madeFor: [Double], needed: [Double], tolerance: Double,
        problem: ProvisioningProblem
    ) -> Bool {
        for (before, now) in zip(madeFor, needed) where abs(now - before) > tolerance * before {
            return false
        }
        return covers(counts, needed, problem)
    }

    /// What becomes of the plan in force, if it is not replaced by a new one.
    enum Choice {
        /// The new plan earns its switching.
        case new
        /// Nothing changes.
        case kept
        /// The plan in force, with servers added where a model lacks some and given up where it has too many.
        case adjusted(ProvisioningProblem.Counts)
    }

    /// Which plan costs least, what it takes to start servers included. The program weighs that too, but only
    /// up to its gap; so small a saving does not send servers to another model.
    ///
    /// - Parameters:
    ///   - new: serves what is needed.
    ///   - problem: weighs starts.
    static func choice(
        _ counts: ProvisioningProblem.Counts, or new: ProvisioningProblem.Counts, needed: [Double],
        problem: ProvisioningProblem
    ) -> Choice {
        var best = Choice.new
        var least = problem.cost(of: new)
        var scaling = FleetScaling(problem, from: counts)
        for model in problem.models.indices { scaling.shrink(model, to: needed[model], replicasMin: 0) }
        for model in problem.models.indices {
            scaling.grow(model, to: needed[model], replicasMin: 0, replicasMax: .max)
        }
        // A shrunk plan saves at once, so it comes before keeping what is not needed.
        if covers(scaling.counts, needed, problem), problem.cost(of: scaling.counts) <= least {
            best = .adjusted(scaling.counts)
            least = problem.cost(of: scaling.counts)
        }
        if covers(counts, needed, problem), problem.cost(of: counts) <= least { best = .kept }
        return best
    }

    private static func covers(
        _ counts: ProvisioningProblem.Counts, _ needed: [Double], _ problem: ProvisioningProblem
    ) -> Bool {
        for type in problem.serverTypes.indices {
            let used = problem.models.indices.reduce(0) {
                $0 + counts[problem.index(model: $1, serverType: type)]
            }
            if used > problem.available[type] { return false }
        }
        return problem.models.indices.allSatisfy {
            problem.assuredCapacity(of: counts, model: $0) >= needed[$0]
                * (1 - Coverage.tolerance)
        }
    }
}

/// What starting a server costs, one figure for each pair in the order of a problem's arrays.
struct SwitchingCosts: Hashable, Sendable {
    /// What is drawn from off until the first query, at the power of a server that starts, and what is lost
    /// meanwhile: whatever the server replaces has to serve on until then.
    private(set) var joulesToStart: [Double]

    /// In watts, spread over the time that a plan is taken to last.
    func watts(over horizon: Nanoseconds) -> [Double] { joulesToStart.map { $0 / horizon.seconds } }

    /// Costs from how servers start; pairs that cannot serve cost nothing.
    init(_ problem: ProvisioningProblem, times: StartTimes) {
        joulesToStart = []
        for (model, name) in problem.models.enumerated() {
            for type in problem.serverTypes.indices {
                let power = problem.powers[problem.index(model: model, serverType: type)]
                let idle = min(times.idlePowers[problem.serverTypes[type]]?.value ?? power, power)
                let seconds = times.startTime(of: name).seconds
                joulesToStart.append(seconds * (idle + times.startingLoad.value * (power - idle) + power))
            }
        }
    }
}

/// How long servers take to start, as far as a provisioner knows.
public struct StartTimes: Hashable, Sendable {
    public var boot: Nanoseconds
    /// From running to serving, of each model.
    public var modelLoads: [ModelID: Nanoseconds]
    public var drain: Nanoseconds
    /// Power while starting, between idle (0) and full load (1).
    public var startingLoad: Fraction
    public var idlePowers: [ServerTypeID: Watts]

    public init(
        boot: Nanoseconds, modelLoads: [ModelID: Nanoseconds], drain: Nanoseconds, startingLoad: Fraction,
        idlePowers: [ServerTypeID: Watts]
    ) {
        self.boot = boot
        self.modelLoads = modelLoads
        self.drain = drain
        self.startingLoad = startingLoad
        self.idlePowers = idlePowers
    }

    /// Servers that start and stop in no time.
    public static let instant = StartTimes(
        boot: .zero, modelLoads: [:], drain: .zero, startingLoad: .zero, idlePowers: [:])

    /// From off to serving.
    public func startTime(of model: ModelID) -> Nanoseconds { boot + (modelLoads[model] ?? .zero) }

    /// The longest start of any model.
    public var longest: Nanoseconds { boot + (modelLoads.values.max() ?? .zero) }

    /// Whether nothing takes any time.
    public var isInstant: Bool { longest == .zero && drain == .zero }
}
