import Quantities
import Vocabulary

/// What starting and giving up a server costs, one figure for each pair in the order of a problem's arrays.
package struct SwitchingCosts: Hashable, Sendable {
    /// What is drawn from off until the first query, at the power of a server that starts, and what is lost
    /// meanwhile: whatever the server replaces has to serve on until then.
    private(set) var joulesToStart: [Double] = []
    /// What a replay books for a start: the time it takes, at the power of a server that starts.
    package private(set) var joulesBooked: [Double] = []
    /// What a replay books after a server was given up: draining, and held idle until it is switched off.
    package private(set) var joulesToStop: [Double] = []
    /// Watts of a server that serves nothing.
    private(set) var idleWatts: [Double] = []

    /// Costs from how servers start; pairs that cannot serve cost nothing.
    package init(_ problem: ProvisioningProblem, times: StartTimes) {
        for (model, name) in problem.models.enumerated() {
            for type in problem.serverTypes.indices {
                let power = problem.powers[problem.index(model: model, serverType: type)]
                let idle = min(times.idlePowers[problem.serverTypes[type]]?.value ?? power, power)
                let seconds = times.startTime(of: name).seconds
                let starting = idle + times.startingLoad.value * (power - idle)
                joulesToStart.append(seconds * (starting + power))
                joulesBooked.append(seconds * starting)
                joulesToStop.append((times.drain.seconds + times.idleHold.seconds) * idle)
                idleWatts.append(idle)
            }
        }
    }

    /// In watts, spread over the time that a plan is taken to last.
    func watts(over horizon: Nanoseconds) -> [Double] { joulesToStart.map { $0 / horizon.seconds } }
}

/// How long servers take to start, as far as a provisioner knows.
public struct StartTimes: Hashable, Sendable {
    public var boot: Nanoseconds
    /// From running to serving, of each model.
    public var modelLoads: [ModelID: Nanoseconds]
    public var drain: Nanoseconds
    /// How long a server without a model stays on.
    public var idleHold: Nanoseconds
    /// Power while starting, between idle (0) and full load (1).
    public var startingLoad: Fraction
    public var idlePowers: [ServerTypeID: Watts]

    public init(
        boot: Nanoseconds, modelLoads: [ModelID: Nanoseconds], drain: Nanoseconds,
        idleHold: Nanoseconds = .zero, startingLoad: Fraction, idlePowers: [ServerTypeID: Watts]
    ) {
        self.boot = boot
        self.modelLoads = modelLoads
        self.drain = drain
        self.idleHold = idleHold
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
