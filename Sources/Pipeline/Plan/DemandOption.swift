import Quantities
import Vocabulary

/// Demands as people type them.
public enum DemandOption {
    /// The demand of `model=qps` texts, or nil without any and a scale of 1.
    ///
    /// A model may be given by the name it has in the scenario or, where its tables were cut, by its base
    /// name.
    /// - Throws: `PipelineError` that names the option and what was expected.
    public static func demand(_ texts: [String], scale: Double, for scenario: Scenario) throws -> Demand? {
        guard scale.isFinite, scale >= 0 else {
            throw PipelineError.badOption(
                name: "--load-scale", found: "\(scale)", expected: "a number that is not negative")
        }
        if texts.isEmpty { return scale == 1 ? nil : scenario.trace.peakDemand.scaled(by: scale) }
        var loads = Dictionary(scenario.models.map { ($0.id, QueriesPerSecond.zero) }) { first, _ in first }
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let load = Double(parts[1]), load.isFinite, load >= 0 else {
                throw PipelineError.badOption(
                    name: "--load", found: text, expected: "model=queries per second, for example ncf=2000")
            }
            loads[try model(parts[0], in: scenario)] = QueriesPerSecond(load)
        }
        return Demand(loads).scaled(by: scale)
    }

    /// The over-provision rate of a number.
    public static func headroom(_ value: Double) throws -> Fraction {
        guard value.isFinite, value >= 0, value <= 10 else {
            throw PipelineError.badOption(
                name: "--headroom", found: "\(value)", expected: "a number in 0...10")
        }
        return Fraction(value)
    }

    static func model(_ name: String, in scenario: Scenario) throws -> ModelID {
        let ids = scenario.models.map(\.id)
        if let exact = ids.first(where: { $0.name == name }) { return exact }
        let cut = ids.filter { $0.name.hasPrefix("\(name)-") && $0.name.hasSuffix("-rows") }
        guard cut.count == 1 else {
            throw PipelineError.unknownName(kind: "model", found: name, known: ids.map(\.name))
        }
        return cut[0]
    }
}
