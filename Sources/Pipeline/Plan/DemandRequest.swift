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
        if loads.isEmpty {
            let peak = try scenario.peakDemand()
            return scale == 1 ? nil : peak.scaled(by: scale)
        }
        let idle = Dictionary(scenario.asked.map { ($0, QueriesPerSecond.zero) }) { first, _ in first }
        return Demand(idle.merging(try scenario.byModel(loads)) { $1 }).scaled(by: scale)
    }

    /// The scenario's trace under what is asked for: each model's peak becomes its load, models without one
    /// have none, and everything is scaled.
    /// - Throws: as `demand(for:)` does, and `PipelineError.badValue` for a model whose trace is zero
    ///   throughout.
    public func trace(for scenario: Scenario) throws -> Trace {
        let trace = try scenario.requiredTrace()
        guard !loads.isEmpty else { return trace.scaledToPeak(trace.peakDemand.scaled(by: scale).loads) }
        let asked = try scenario.byModel(loads)
        if let flat = asked.keys.sorted().first(where: {
            asked[$0] != .zero && trace.peakDemand[$0] == .zero
        }) {
            throw PipelineError.badValue(
                name: "the load of \(flat)", found: "a trace without any load of it",
                expected: "a model whose load the trace shows the shape of")
        }
        let peaks = trace.loads.mapValues { _ in QueriesPerSecond.zero }.merging(asked) { $1 }
        return trace.scaledToPeak(peaks.mapValues { $0 * scale })
    }
}
