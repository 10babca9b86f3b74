import Quantities
import Store
import Vocabulary

/// Everything that a plan depends on.
package struct PlanInputs {
    package let demand: Demand
    package let headroom: Fraction
    package let fleet: Fleet
    package let table: EfficiencyTable
    package let goal: PlanGoal
    package let gap: Fraction

    package init(
        demand: Demand, headroom: Fraction, fleet: Fleet, table: EfficiencyTable, goal: PlanGoal,
        gap: Fraction
    ) {
        self.demand = demand
        self.headroom = headroom
        self.fleet = fleet
        self.table = table
        self.goal = goal
        self.gap = gap
    }

    /// Raised whenever the planner gives another plan for the same inputs.
    package static let edition = 1

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

    package func digest() throws -> ContentDigest {
        var plain = goal
        plain.weights = [:]
        let weights = goal.weights.map { ($0.key.rawValue, $0.value) }
        return try ContentDigest(
            of: Key(
                demand: demand, headroom: headroom, fleet: fleet.counts, entries: table.entries, goal: plain,
                weights: Dictionary(uniqueKeysWithValues: weights), gap: gap))
    }
}
