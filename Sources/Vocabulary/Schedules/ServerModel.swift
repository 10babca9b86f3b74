import Quantities

/// What one server of a type would do with one model, before or beside any measurement.
///
/// It stands between evidence and search. A family of models (recommendation, language) is one
/// implementation, and nothing outside asks what kind a model is. Several threads may ask one server model.
public protocol ServerModel: Sendable {
    var model: Model { get }
    var serverType: ServerType { get }

    /// Everything its answers depend on besides the model, the server type and the limits. A stored outcome
    /// of the same inputs is found again by it.
    var inputs: any Encodable & Sendable { get }

    /// The schedules there are to choose from: those that break no constraint known beforehand.
    func space(within limits: ServiceLimits) -> ScheduleSpace

    /// What is believed of a schedule before it is evaluated; nil where nothing is.
    func prior(within limits: ServiceLimits) -> SchedulePrior?

    /// What a schedule must keep to.
    func constraints(within limits: ServiceLimits) -> any ScheduleConstraints

    /// The highest rate at which a schedule keeps to the limits. Asking for the same schedule under other
    /// limits costs less than the first time.
    /// - Throws: an error where the schedule is not one of this model's.
    func evaluate(_ schedule: Schedule, within limits: ServiceLimits) throws -> ScheduleEvaluation

    /// What one deployment takes of the server type.
    func footprint(of schedule: Schedule) -> Footprint

    /// The power of one deployment's servers at a share of the highest rate that they could sustain, whatever
    /// the latency.
    /// - Parameter utilisation: 0 for idle, 1 for that rate.
    /// - Throws: as `evaluate`.
    func power(of schedule: Schedule, at utilisation: Fraction) throws -> Watts
}

extension ServerModel {
    public func footprint(of schedule: Schedule) -> Footprint { schedule.footprint(on: serverType) }
}

/// What a deployment is held to while its throughput is found.
public struct ServiceLimits: Hashable, Sendable {
    public var target: LatencyTarget
    /// nil when power is not limited.
    public var powerBudget: Watts?

    public init(target: LatencyTarget, powerBudget: Watts? = nil) {
        self.target = target
        self.powerBudget = powerBudget
    }
}

/// The constraints on the schedules of one model on one server type.
public protocol ScheduleConstraints: Sendable {
    /// Their names for people, for example `device memory`, in the order in which they are checked.
    var titles: [String] { get }

    /// Every schedule that the hardware has the parts for.
    var candidates: [Schedule] { get }

    /// Those that a schedule breaks even on an idle server; empty for one that can serve.
    func broken(by schedule: Schedule) -> [BrokenConstraint]
}

/// One constraint that a schedule breaks, and how much it would need.
public struct BrokenConstraint: Sendable {
    /// As in `ScheduleConstraints.titles`.
    public let title: String
    /// What the schedule needs, in a unit of the constraint's own; less is easier to give.
    public let needed: Double
    /// Says to people what is needed at least and what there is. Made when asked for.
    public let detail: @Sendable () -> String

    public init(title: String, needed: Double, detail: @escaping @Sendable () -> String) {
        self.title = title
        self.needed = needed
        self.detail = detail
    }
}
