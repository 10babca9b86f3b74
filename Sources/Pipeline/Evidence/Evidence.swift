import Profiling
import Quantities
import ServerModels
import Store
import Vocabulary

/// What is known of the pairs of a scenario: asked by search, check, plan, window and report alike.
///
/// Of several kinds the strongest counts, in the scenario's own order or in that of `EvidenceKind`. A type
/// that is this machine is measured, or has to be, unless the scenario names an order.
package struct Evidence: Sendable {
    private let scenario: Scenario
    private let store: Store

    package init(_ scenario: Scenario, store: Store) {
        self.scenario = scenario
        self.store = store
    }

    /// The strongest evidence of a pair. Reads the database until it has found it.
    package func of(_ model: Model, on type: ServerType) throws -> PairEvidence {
        for kind in Self.kinds(on: type, order: scenario.evidence) {
            if let found = try look(for: kind, of: model, on: type) { return found }
        }
        return .nothing(type.isThisHost ? .profiling : .importing)
    }

    /// What is known of a pair before anything is stored.
    package static func withoutDatabase(
        of model: Model, on type: ServerType, order: [EvidenceKind]?
    ) -> PairEvidence {
        kinds(on: type, order: order).contains(.modelled) && ServerModelFamilies.canModel(model, on: type)
            ? .modelled : .nothing(type.isThisHost ? .profiling : .importing)
    }

    /// The kinds that count on a server type, the strongest first.
    /// - Parameter order: the scenario's own; kinds that it leaves out do not count.
    package static func kinds(on type: ServerType, order: [EvidenceKind]?) -> [EvidenceKind] {
        guard let order else {
            return type.isThisHost ? [.measuredHere] : EvidenceKind.allCases.filter { $0 != .measuredHere }
        }
        return order.filter { type.isThisHost || $0 != .measuredHere }
    }

    private func look(
        for kind: EvidenceKind, of model: Model, on type: ServerType
    ) throws -> PairEvidence? {
        switch kind {
        case .measuredHere:
            let failures = try store.failures(of: model, on: type)
            let cells = try measuredHere(.cell, of: model, on: type, failures).values.sorted {
                $0.measurement.schedule < $1.measurement.schedule
            }
            guard !cells.isEmpty else { return nil }
            return .measuredHere(
                MeasuredCells(loaded: cells) {
                    try measuredHere(.saturation, of: model, on: type, failures).mapValues(\.measurement)
                })
        case .measuredElsewhere:
            var filter = MeasurementFilter()
            filter.model = model
            filter.serverType = type
            filter.provenance = .measured
            let found = MeasuredElsewhere(
                try store.measurements(filter).without(try store.failures(of: model, on: type)))
            guard !found.cells.isEmpty else { return nil }
            return .measuredElsewhere(MeasuredCells(loaded: found.cells) { found.saturations })
        case .imported:
            let figures = try store.importedFigures(
                model: model.id.name, server: type.id.name, namesFiles: true
            ).filter { ($0.throughput ?? 0) > 0 }
            return figures.isEmpty ? nil : .imported(figures)
        case .modelled:
            return ServerModelFamilies.canModel(model, on: type) ? .modelled : nil
        }
    }

    /// One measurement for each schedule under the scenario's settings; valid ones before doubtful ones, less
    /// disturbed before more, later before earlier.
    private func measuredHere(
        _ purpose: LoadRun.Purpose, of model: Model, on type: ServerType, _ failures: [CellFailure]
    ) throws -> [Schedule: StoredMeasurement] {
        var filter = MeasurementFilter()
        filter.model = model
        filter.serverType = type
        filter.purpose = purpose
        filter.settingsDigest = try MeasurementSettings.cell(scenario.profile, seed: scenario.seed).digest
        return StoredMeasurement.bestBySchedule(try store.measurements(filter).without(failures))
    }
}
