import Quantities
import Vocabulary

/// The demand that a plan is asked to serve, beside the scenario's own.
public struct DemandRequest: Sendable {
    /// By names that people know the models by; models not named have no load. Without any, each model's peak
    /// over the scenario's trace.
    public var loads: [ModelID: QueriesPerSecond] = [:]
    /// What all loads are multiplied by.
    public var scale = 1.0

    public init() {}

    /// The demand in the scenario's names; nil where nothing is asked for beyond the trace's peak.
    /// - Throws: `PipelineError.unknownName`, or `.badValue` where two names stand for one model.
    public func demand(for scenario: Scenario) throws -> Demand? {
        if loads.isEmpty { return scale == 1 ? nil : scenario.trace.peakDemand.scaled(by: scale) }
        let idle = Dictionary(scenario.models.map { ($0.id, QueriesPerSecond.zero) }) { first, _ in first }
        return Demand(idle.merging(try scenario.byModel(loads)) { $1 }).scaled(by: scale)
    }
}
