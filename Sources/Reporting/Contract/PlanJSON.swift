import Quantities
import Vocabulary

/// A plan as `{"status","objectiveWatts","boundWatts","gap","allocations":[{"model","server","count"}],
/// "shortfall":[{"model","qps"}]}` and more.
public struct PlanJSON: ContractJSON {
    private struct Share: Encodable {
        let model: String
        let server: String
        let count: Int
        /// Of all servers of the share together.
        let qps: FiniteNumber
        let watts: FiniteNumber
        let provenance: NullableString
        let wattsProvenance: NullableString

        init(_ share: Allocation.Share, entry: EfficiencyEntry?) {
            model = share.model.name
            server = share.serverType.name
            count = share.count
            qps = FiniteNumber(entry.map { $0.throughput * Double(share.count) })
            watts = FiniteNumber(entry.map { $0.power * Double(share.count) })
            provenance = NullableString(entry?.provenance.rawValue)
            wattsProvenance = NullableString(entry?.powerProvenance.rawValue)
        }
    }

    private struct Shortfall: Encodable {
        let model: String
        let qps: FiniteNumber
    }

    /// What was made small, in its own unit.
    private struct Objective: Encodable {
        let name: String
        let unit: String
        let value: FiniteNumber
        let bound: FiniteNumber
    }

    private struct Sensitivity: Encodable {
        let server: String
        let dualPrice: FiniteNumber
        let saved: FiniteNumber
        let moneyPerYear: FiniteNumber
    }

    private let status: String
    private let objective: Objective
    private let route: NullableString
    private let constraints: [String]
    private let sensitivity: [Sensitivity]
    private let objectiveWatts: FiniteNumber
    private let boundWatts: FiniteNumber
    private let gap: FiniteNumber
    private let allocations: [Share]
    private let shortfall: [Shortfall]
    private let provenance: ProvenanceJSON

    /// A plan with the efficiency entries it was made from.
    ///
    /// - Parameter route: which step of the planner settled it; written as its name.
    public init(
        plan: Plan, table: EfficiencyTable, goal: PlanGoal = PlanGoal(), route: PlanRoute? = nil,
        sensitivities: [PlanSensitivity] = []
    ) {
        status = plan.status.rawValue
        objective = Objective(
            name: goal.name, unit: goal.unit,
            value: FiniteNumber(plan.valuation?.value ?? plan.objective.value),
            bound: FiniteNumber(plan.valuation.map(\.bound) ?? plan.bound?.value))
        self.route = NullableString(route?.rawValue)
        constraints = goal.constraints.descriptions
        sensitivity = sensitivities.map {
            Sensitivity(
                server: $0.serverType.name, dualPrice: FiniteNumber($0.dualPrice),
                saved: FiniteNumber($0.saved), moneyPerYear: FiniteNumber($0.moneyPerYear))
        }
        objectiveWatts = FiniteNumber(plan.objective)
        boundWatts = FiniteNumber(plan.bound)
        gap = FiniteNumber(plan.gap)
        allocations = plan.allocation.shares.map { Share($0, entry: table[$0.model, $0.serverType]) }
        shortfall = plan.shortfalls.map { Shortfall(model: $0.model.name, qps: FiniteNumber($0.load)) }
        provenance = ProvenanceJSON(ProvenanceMix(table, usedBy: [plan.allocation]))
    }
}
