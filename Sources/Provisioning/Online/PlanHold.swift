import Quantities
import Vocabulary

/// Part of the delay step: whether a plan in force is kept although another could be had.
enum PlanHold {
    /// Whether the plan in force will do without asking for another: it covers what is needed, its servers are there,
    /// and no need has moved from the one it was made for by more than the tolerance.
    static func isGoodEnough(
        _ counts: ProvisioningProblem.Counts, madeFor: [Double], needed: [Double], tolerance: Double,
        problem: ProvisioningProblem
    ) -> Bool {
        for (before, now) in zip(madeFor, needed) where abs(now - before) > tolerance * before {
            return false
        }
        return covers(counts, needed, problem)
    }

    /// Whether to keep the plan in force because the new one would not earn its switching within the horizon: joules
    /// to start what the new one adds, while what it replaces stays on, against the watts between the two plans.
    static func isCheaperToKeep(
        _ counts: ProvisioningProblem.Counts, over new: ProvisioningProblem.Counts, needed: [Double],
        problem: ProvisioningProblem, costs: SwitchingCosts, horizon: Nanoseconds
    ) -> Bool {
        guard covers(counts, needed, problem) else { return false }
        let saved = problem.power(of: counts) - problem.power(of: new)
        var spent = 0.0
        for index in counts.indices where new[index] > counts[index] {
            spent += Double(new[index] - counts[index]) * costs.joulesToStart[index]
        }
        return saved * horizon.seconds <= spent
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
            problem.capacity(of: counts, model: $0) >= needed[$0]
                * (1 - ProvisioningProblem.coverageTolerance)
        }
    }
}

/// What starting a server costs, one figure for each pair in the order of a problem's arrays.
struct SwitchingCosts: Hashable, Sendable {
    /// From off until the first query.
    var startSeconds: [Double]
    /// Drawn until then, at the power of a server that starts.
    var joulesToStart: [Double]

    /// Costs from how servers start; pairs that cannot serve cost nothing.
    init(_ problem: ProvisioningProblem, times: StartTimes) {
        startSeconds = []
        joulesToStart = []
        for (model, name) in problem.models.enumerated() {
            for type in problem.serverTypes.indices {
                let power = problem.powers[problem.index(model: model, serverType: type)]
                let idle = min(times.idlePowers[problem.serverTypes[type]]?.value ?? power, power)
                let seconds = times.startTime(of: name).seconds
                startSeconds.append(seconds)
                joulesToStart.append(seconds * (idle + times.startingLoad.value * (power - idle)))
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
