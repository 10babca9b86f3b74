import Foundation
import Quantities

extension EfficiencyTable {
    /// A fleet whose types are less alike, or more: of each model, the types' queries per joule are moved
    /// away from their geometric mean, or towards it, with their logarithms multiplied by the factor.
    ///
    /// Throughputs change and powers stay, so that a server draws what it drew. 1 leaves everything as it is,
    /// and 0 makes all types equally efficient for each model. What was moved is an assumption, and its
    /// provenance is `modelled`. Pairs that serve nothing stay.
    /// - Parameter factor: at least zero.
    public func spread(by factor: Double) -> EfficiencyTable {
        guard factor != 1 else { return self }
        let entries = entries
        let byModel = Dictionary(grouping: entries.filter { $0.queriesPerJoule > 0 }, by: \.model)
        let means = byModel.mapValues { entries in
            exp(entries.reduce(0) { $0 + log($1.queriesPerJoule) } / Double(entries.count))
        }
        return EfficiencyTable(
            entries.map { entry in
                guard entry.queriesPerJoule > 0, let mean = means[entry.model] else { return entry }
                let change = pow(entry.queriesPerJoule / mean, factor - 1)
                return EfficiencyEntry(
                    model: entry.model, serverType: entry.serverType, target: entry.target,
                    powerBudget: entry.powerBudget, schedule: entry.schedule,
                    throughput: QueriesPerSecond(entry.throughput.value * change), power: entry.power,
                    powerProvenance: entry.powerProvenance, provenance: .modelled, method: entry.method,
                    evaluations: entry.evaluations, spaceSize: entry.spaceSize)
            })
    }
}
