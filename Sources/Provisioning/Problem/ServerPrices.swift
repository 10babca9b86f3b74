import Vocabulary

extension PlanningMemory {
    /// The price of one more server of each type at the plan's best bound, in the unit of the objective.
    public var pricesByType: [ServerTypeID: Double] {
        Dictionary(zip(serverTypes, prices)) { first, _ in first }
    }
}
