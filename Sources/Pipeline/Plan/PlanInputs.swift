import Quantities
import Store
import Vocabulary

/// Everything that a plan depends on.
struct PlanInputs {
    let demand: Demand
    let headroom: Fraction
    let fleet: Fleet
    let table: EfficiencyTable
    let goal: PlanGoal
    let gap: Fraction

    /// Raised whenever the planner gives another plan for the same inputs.
    static let edition = 1

    private struct Key: Encodable {
        let demand: Demand
        let headroom: Fraction
        let fleet: [ServerTypeID: Int]
        let entries: [EfficiencyEntry]
        let goal: PlanGoal
        /// The goal's own, by name: encoded with the goal, they depend on the order of a hash table.
        let weights: [String: Double]
        let gap: Fraction
        var edition = PlanInputs.edition
    }

    func digest() throws -> ContentDigest {
        var plain = goal
        plain.weights = [:]
        let weights = goal.weights.map { ($0.key.rawValue, $0.value) }
        return try ContentDigest(
            of: Key(
                demand: demand, headroom: headroom, fleet: fleet.counts, entries: table.entries, goal: plain,
                weights: Dictionary(uniqueKeysWithValues: weights), gap: gap))
    }
}
