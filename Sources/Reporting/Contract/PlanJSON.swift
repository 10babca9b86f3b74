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

    private let status: String
    private let objectiveWatts: FiniteNumber
    private let boundWatts: FiniteNumber
    private let gap: FiniteNumber
    private let allocations: [Share]
    private let shortfall: [Shortfall]
    private let provenance: ProvenanceJSON

    /// A plan with the efficiency entries it was made from.
    public init(plan: Plan, table: EfficiencyTable) {
        status = plan.status.rawValue
        objectiveWatts = FiniteNumber(plan.objective)
        boundWatts = FiniteNumber(plan.bound)
        gap = FiniteNumber(plan.gap)
        allocations = plan.allocation.shares.map { Share($0, entry: table[$0.model, $0.serverType]) }
        shortfall = plan.shortfalls.map { Shortfall(model: $0.model.name, qps: FiniteNumber($0.load)) }
        provenance = ProvenanceJSON(ProvenanceMix(table, usedBy: [plan.allocation]))
    }
}
