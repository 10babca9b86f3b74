/// A cost that is to be made small and that nobody has priced: unknown is not free.
public struct UnpricedCost: Hashable, Sendable {
    public let cost: PlanGoal.Cost
    /// The server types that lack what others have, or all.
    public let missing: [ServerTypeID]
    /// Whether the other server types have what these lack.
    public let hasOthers: Bool

    /// nil where the cost is known: where energy is priced, or servers are, either none of them or all.
    /// - Parameters:
    ///   - prices: of a server of each type.
    ///   - types: those that a decision may use; empty where servers have no price of their own.
    ///   - isEnergyPriced: whether what servers draw costs something.
    public init?(
        _ cost: PlanGoal.Cost, prices: [ServerTypeID: Double] = [:], of types: [ServerTypeID] = [],
        isEnergyPriced: Bool
    ) {
        self.cost = cost
        missing = types.filter { prices[$0] == nil }
        hasOthers = missing.count < types.count
        // Beside types that have one, a type without would look the cheapest.
        guard hasOthers ? !missing.isEmpty : !isEnergyPriced else { return nil }
    }
}

extension UnpricedCost: CustomStringConvertible {
    public var description: String {
        let each = cost == .money ? "price an hour" : "embodied carbon"
        let energy = cost == .money ? "price of a kilowatt hour" : "carbon of a kilowatt hour"
        let names = missing.map(\.name).joined(separator: ", ")
        return hasOthers
            ? "the objective \(cost.rawValue): found no \(each) of \(names), expected one of every server "
                + "type of the fleet, as others have one; 0 for what costs nothing"
            : "the objective \(cost.rawValue): found neither a \(energy) nor any \(each), expected one of "
                + "them: unknown is not free"
    }
}
