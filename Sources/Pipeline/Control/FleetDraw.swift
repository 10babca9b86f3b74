import Controlling
import Provisioning
import Quantities
import Vocabulary

/// What allocations serve and draw, from the figures that plans are made with.
struct FleetDraw {
    private let problem: ProvisioningProblem
    private let idlePowers: [Double]

    init(_ problem: ProvisioningProblem, idlePowers: [ServerTypeID: Watts]) {
        self.problem = problem
        self.idlePowers = problem.serverTypes.map { idlePowers[$0]?.value ?? 0 }
    }

    /// What the whole fleet could serve of a model, in queries/s.
    func capacityOfFleet(_ model: Int) -> Double {
        problem.serverTypes.indices.reduce(0) {
            $0 + Double(problem.available[$1])
                * problem.throughputs[problem.index(model: model, serverType: $1)]
        }
    }

    /// What servers serve of each model, in queries/s.
    func capacities(of allocation: Allocation) -> [ModelID: Double] {
        let counts = problem.counts(of: allocation)
        return Dictionary(
            uniqueKeysWithValues: problem.models.enumerated().map {
                ($0.element, problem.capacity(of: counts, model: $0.offset))
            })
    }

    /// Provisioned power, servers, and models whose load is not covered.
    func alternative(
        _ allocation: Allocation, loads: [ModelID: BelievedLoad]
    ) -> ControllerDecision.Alternative {
        let counts = problem.counts(of: allocation)
        let short = problem.models.enumerated().filter { index, model in
            guard case .trusted(let load)? = loads[model] else { return false }
            return problem.capacity(of: counts, model: index) < load * (1 - Coverage.tolerance)
        }
        return ControllerDecision.Alternative(
            watts: problem.power(of: counts), servers: allocation.serverCount, short: short.map(\.element))
    }

    /// Power drawn while loads are spread in proportion to throughput, as the books of a replay count it.
    func drawn(_ allocation: Allocation, loads: [ModelID: BelievedLoad]) -> Double {
        let counts = problem.counts(of: allocation)
        var watts = 0.0
        for (index, model) in problem.models.enumerated() {
            let capacity = problem.capacity(of: counts, model: index)
            let load = loads[model]?.queriesPerSecond ?? 0
            let fullness = capacity > 0 ? min(1, load / capacity) : 0
            for type in problem.serverTypes.indices {
                let pair = problem.index(model: index, serverType: type)
                let idle = min(idlePowers[type], problem.powers[pair])
                watts += Double(counts[pair]) * (idle + (problem.powers[pair] - idle) * fullness)
            }
        }
        return watts
    }
}
