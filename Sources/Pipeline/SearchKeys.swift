import Profiling
import Quantities
import ServerModels
import Store
import Vocabulary

/// What tells the searches of a scenario apart in the database: each outcome is found again by everything it
/// depends on, so a changed setting, seed or measurement never picks up an old outcome.
struct SearchKeys: Sendable {
    private let bench: Workbench

    init(_ bench: Workbench) { self.bench = bench }

    /// Everything a search's outcome depends on besides the pair and the target. What the server model
    /// depends on stands at the same level as the rest.
    private struct Inputs: Encodable {
        let server: any Encodable & Sendable
        /// How long the winner is checked live; nil where it is not.
        let confirmation: Nanoseconds?

        private enum CodingKeys: String, CodingKey { case confirmation }

        func encode(to encoder: any Encoder) throws {
            try server.encode(to: encoder)
            guard let confirmation else { return }
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(confirmation, forKey: .confirmation)
        }
    }

    /// A pair that a server model stands in for.
    /// - Parameter target: the model's own where nil; so in every call here.
    func modelled(
        _ server: any ServerModel, target: LatencyTarget? = nil, powerBudget: Watts? = nil
    ) throws -> SearchKey {
        try key(
            server.model, server.serverType, target, powerBudget,
            Inputs(server: server.inputs, confirmation: nil))
    }

    func measured(
        _ model: Model, _ type: ServerType, cells: [StoredMeasurement], isConfirmed: Bool,
        target: LatencyTarget? = nil, powerBudget: Watts? = nil
    ) throws -> SearchKey {
        let inputs = MeasuredServerModel.inputs(cells.map(\.measurement), bench.serverModelSettings)
        return try key(
            model, type, target, powerBudget,
            Inputs(
                server: inputs,
                confirmation: isConfirmed ? bench.scenario.profile.confirmationDuration : nil))
    }

    /// A search that measures on this machine as it goes.
    func live(_ model: Model, _ type: ServerType, method: String) throws -> SearchKey {
        let settings = bench.scenario.search
        let inputs = LiveInputs(
            batches: settings.batches, queries: settings.queries, seed: bench.scenario.seed,
            profile: try bench.profileDigest().hexadecimal, host: bench.host.fingerprint,
            partitions: bench.scenario.profile.partitions)
        return SearchKey(
            model: model, serverType: type, powerBudget: nil, method: method,
            inputsDigest: try ContentDigest(of: inputs))
    }

    private struct LiveInputs: Codable {
        let batches: [Int]
        let queries: Int
        let seed: UInt64
        let profile: String
        let host: String
        /// nil for `whole` alone.
        let partitions: [ThreadSchedule.Partition]?
        var isLive = true
        var simulation = QueueSimulation.edition
    }

    /// The stored outcome of a measured pair.
    func stored(
        _ model: Model, _ type: ServerType, cells: [StoredMeasurement], isConfirmed: Bool,
        target: LatencyTarget? = nil, powerBudget: Watts? = nil
    ) throws -> StoredSearch? {
        try bench.store.searchOutcome(
            for: measured(
                model, type, cells: cells, isConfirmed: isConfirmed, target: target, powerBudget: powerBudget)
        )
    }

    /// What others measured of a pair; empty where nothing was imported under these names.
    func figures(of model: Model, on type: ServerType) throws -> [ImportedFigure] {
        try bench.store.importedFigures(model: model.id.name, server: type.id.name).filter {
            ($0.throughput ?? 0) > 0
        }
    }

    /// A pair that rests on imported figures.
    func imported(
        _ model: Model, _ type: ServerType, figures: [ImportedFigure], target: LatencyTarget? = nil,
        powerBudget: Watts? = nil
    ) throws -> SearchKey {
        SearchKey(
            model: model, serverType: type, target: target, powerBudget: powerBudget,
            method: ImportedEfficiency.method, inputsDigest: try ContentDigest(of: figures))
    }

    /// The stored outcome of any pair of the scenario, a confirmed one before one that is not; nil where the
    /// pair has not been searched.
    func stored(
        _ model: Model, _ type: ServerType, target: LatencyTarget? = nil, powerBudget: Watts? = nil
    ) throws -> StoredSearch? {
        let cells = try measuredCells(of: model, on: type)
        guard type.isThisHost || !cells.isEmpty else {
            let figures = try figures(of: model, on: type)
            guard figures.isEmpty else {
                return try bench.store.searchOutcome(
                    for: imported(model, type, figures: figures, target: target, powerBudget: powerBudget))
            }
            guard let server = ServerModelFamilies.make(model, on: type, bench.serverModelSettings) else {
                return nil
            }
            return try bench.store.searchOutcome(
                for: modelled(server, target: target, powerBudget: powerBudget))
        }
        return try stored(
            model, type, cells: cells, isConfirmed: true, target: target, powerBudget: powerBudget)
            ?? stored(model, type, cells: cells, isConfirmed: false, target: target, powerBudget: powerBudget)
    }

    /// One measurement for each cell of the grid under the scenario's settings; valid ones before doubtful
    /// ones, less disturbed before more, later before earlier. Ordered by schedule.
    ///
    /// Of another type than this machine: what a job measured on a host that stands for it
    /// (`MeasuredElsewhere`).
    func measuredCells(of model: Model, on type: ServerType) throws -> [StoredMeasurement] {
        guard type.isThisHost else { return try elsewhere(model, type).cells }
        return try chosen(.cell, of: model, on: type).values.sorted {
            $0.measurement.schedule < $1.measurement.schedule
        }
    }

    /// What the schedules of those cells did with all threads busy, where that was measured.
    func saturations(of model: Model, on type: ServerType) throws -> [Schedule: Measurement] {
        guard type.isThisHost else { return try elsewhere(model, type).saturations }
        return try chosen(.saturation, of: model, on: type).mapValues(\.measurement)
    }

    private func elsewhere(_ model: Model, _ type: ServerType) throws -> MeasuredElsewhere {
        var filter = MeasurementFilter()
        filter.model = model
        filter.serverType = type
        filter.provenance = .measured
        return MeasuredElsewhere(try bench.store.measurements(filter))
    }

    private func chosen(
        _ purpose: Measurement.Purpose, of model: Model, on type: ServerType
    ) throws -> [Schedule: StoredMeasurement] {
        var filter = MeasurementFilter()
        filter.model = model
        filter.serverType = type
        filter.purpose = purpose
        filter.settingsDigest = try bench.profileDigest()
        return StoredMeasurement.bestBySchedule(try bench.store.measurements(filter))
    }

    private func key(
        _ model: Model, _ type: ServerType, _ target: LatencyTarget?, _ powerBudget: Watts?, _ inputs: Inputs
    ) throws -> SearchKey {
        SearchKey(
            model: model, serverType: type, target: target, powerBudget: powerBudget,
            method: bench.scenario.search.method, inputsDigest: try ContentDigest(of: inputs))
    }
}

extension StoredMeasurement {
    /// Of several measurements of a schedule, in the order they were made, the one to go by.
    static func bestBySchedule(_ measurements: [StoredMeasurement]) -> [Schedule: StoredMeasurement] {
        var chosen: [Schedule: StoredMeasurement] = [:]
        for candidate in measurements {
            if let current = chosen[candidate.measurement.schedule], current.isBetter(than: candidate) {
                continue
            }
            chosen[candidate.measurement.schedule] = candidate
        }
        return chosen
    }

    /// Than a later one of the same cell.
    private func isBetter(than later: StoredMeasurement) -> Bool {
        guard verdict.isValid == later.verdict.isValid else { return verdict.isValid }
        return !verdict.isValid && measurement.noise.disturbance < later.measurement.noise.disturbance
    }
}
