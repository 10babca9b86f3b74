import Quantities

/// What one more server of a type would be worth to a plan.
public struct PlanSensitivity: Hashable, Codable, Sendable {
    public let serverType: ServerTypeID
    /// The price of the type at the plan's bound, in the unit of the objective. As long as no model by itself
    /// could use up the type, one more server lowers that bound by at most this.
    public let dualPrice: Double
    /// By how much the objective fell when the plan was made again with one more server; negative where the
    /// new plan, within the same gap, happened to cost more. nil where it was not made again.
    public let saved: Double?
    /// `dualPrice` as money over a year at the energy price given; nil where there is none or the objective
    /// is not power.
    public let moneyPerYear: Double?

    public init(serverType: ServerTypeID, dualPrice: Double, saved: Double?, moneyPerYear: Double?) {
        self.serverType = serverType
        self.dualPrice = dualPrice
        self.saved = saved
        self.moneyPerYear = moneyPerYear
    }
}
