import Quantities
import Replaying
import Vocabulary

/// Books kept apart from the replay's own, from nothing but the transitions of single servers.
final class FleetLedger {
    struct Transition {
        let at: Int64
        let server: Int
        let from: ServerPhase
        let to: ServerPhase
        let pair: Int
    }

    struct Sums {
        var provisioned = 0.0
        var drawn = 0.0
        var served: [Double]
        var unserved: [Double]
    }

    private(set) var transitions: [Transition] = []

    func note(_ at: Int64, _ server: Int, _ from: ServerPhase, _ to: ServerPhase, _ pair: Int) {
        transitions.append(Transition(at: at, server: server, from: from, to: to, pair: pair))
    }

    /// Every transition leaves the phase its server was in, servers are where they can be, and time never
    /// runs back.
    func breaches(serverCount: Int) -> [String] {
        let allowed: Set<[ServerPhase]> = [
            [.off, .booting], [.booting, .loading], [.booting, .serving], [.booting, .off],
            [.loading, .serving], [.loading, .idle], [.serving, .draining], [.draining, .serving],
            [.draining, .idle], [.draining, .loading], [.idle, .loading], [.idle, .off], [.failed, .off],
        ]
        var phases = [ServerPhase](repeating: .off, count: serverCount)
        var breaches: [String] = []
        var time = Int64.min
        for step in transitions {
            if step.at < time { breaches.append("time ran back to \(step.at)") }
            time = step.at
            if phases[step.server] != step.from {
                breaches.append(
                    "server \(step.server) left \(step.from) but was \(phases[step.server]) at \(step.at)")
            }
            if step.to != .failed, !allowed.contains([step.from, step.to]) {
                breaches.append("server \(step.server) went from \(step.from) to \(step.to)")
            }
            phases[step.server] = step.to
        }
        return breaches
    }

    /// Energy and queries of each interval, from the phases of all servers.
    ///
    /// - Parameter types: the type of each server, as a position in name order.
    func sums(
        _ trace: Trace, types: [Int], typeNames: [ServerTypeID], table: EfficiencyTable,
        idlePowers: [ServerTypeID: Watts], dynamics: FleetDynamics
    ) -> [Sums] {
        let models = trace.models
        var phases = types.map { _ in ServerPhase.off }
        var pairs = types.map { _ in -1 }
        var next = 0
        return (0..<trace.intervalCount).map { index in
            let zeros = models.map { _ in 0.0 }
            var sums = Sums(served: zeros, unserved: zeros)
            var time = trace.interval.count * Int64(index)
            let end = time + trace.interval.count
            let load = models.map { trace.loads[$0]?[index].value ?? 0 }
            while time < end {
                while next < transitions.count, transitions[next].at <= time {
                    phases[transitions[next].server] = transitions[next].to
                    pairs[transitions[next].server] = transitions[next].pair
                    next += 1
                }
                let until = min(end, next < transitions.count ? transitions[next].at : end)
                let seconds = Double(until - time) / 1e9
                var capacity = zeros
                for server in types.indices where phases[server] == .serving {
                    let model = pairs[server] / typeNames.count
                    capacity[model] += table[models[model], typeNames[types[server]]]?.throughput.value ?? 0
                }
                for server in types.indices {
                    let type = typeNames[types[server]]
                    let idle = idlePowers[type]?.value ?? 0
                    switch phases[server] {
                    case .off: sums.drawn += dynamics.offPower.value * seconds
                    case .failed: break
                    case .idle:
                        sums.drawn += idle * seconds
                        sums.provisioned += idle * seconds
                    case .booting, .loading, .serving, .draining:
                        let model = pairs[server] / typeNames.count
                        let power = table[models[model], type]?.power.value ?? 0
                        let floor = min(idle, power)
                        let share =
                            switch phases[server] {
                            case .serving: min(1, load[model] / capacity[model])
                            case .draining: 0.0
                            default: dynamics.startingLoad.value
                            }
                        sums.drawn += (floor + (power - floor) * share) * seconds
                        sums.provisioned += power * seconds
                    }
                }
                for model in models.indices {
                    sums.served[model] += min(load[model], capacity[model]) * seconds
                    sums.unserved[model] += max(0, load[model] - capacity[model]) * seconds
                }
                time = until
            }
            return sums
        }
    }
}
