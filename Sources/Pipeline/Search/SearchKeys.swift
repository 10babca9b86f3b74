import Profiling
import Quantities
import ServerModels
import Store
import Vocabulary

/// What tells the searches of a scenario apart in the database: each outcome is found again by everything it
/// depends on, so a changed setting, seed or measurement never picks up an old outcome.
struct SearchKeys: Sendable {
    private let session: Session

    init(_ session: Session) { self.session = session }

    /// Everything a search's outcome depends on besides the pair and the target. What the server model
    /// depends on stands at the same level as the rest.
    private struct Inputs: Encodable {
        let server: any Encodable & Sendable
        /// How long the winner is checked live; nil where it is not.
        let confirmation: Nanoseconds?

        private enum CodingKeys: String, CodingKey { case confirmation, confirmationEdition }

        func encode(to encoder: any Encoder) throws {
            try server.encode(to: encoder)
            guard let confirmation else { return }
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(confirmation, forKey: .confirmation)
            try values.encode(LiveConfirmation.edition, forKey: .confirmationEdition)
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
        let inputs = MeasuredServerModel.inputs(cells.map(\.measurement), session.serverModelSettings)
        return try key(
            model, type, target, powerBudget,
            Inputs(
                server: inputs,
                confirmation: isConfirmed ? session.scenario.profile.confirmationDuration : nil))
    }

    /// A search that measures on this machine as it goes.
    func live(_ model: Model, _ type: ServerType, method: String) throws -> SearchKey {
        let settings = session.scenario.search
        let inputs = LiveInputs(
            batches: settings.batches, queries: settings.queries, seed: session.scenario.seed,
            profile: try MeasurementSettings.cell(session.scenario.profile, seed: session.scenario.seed)
                .digest
                .hexadecimal, host: session.host.fingerprint,
            partitions: session.scenario.profile.partitions,
            precisions: session.scenario.profile.precisions, joinWaits: session.scenario.profile.joinWaits)
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
        /// nil for `default` alone.
        let precisions: [Precision]?
        let joinWaits: [Nanoseconds]?
        var isLive = true
        var simulation = QueueSimulation.edition
    }

    /// The stored outcome of a measured pair.
    func stored(
        _ model: Model, _ type: ServerType, cells: [StoredMeasurement], isConfirmed: Bool,
        target: LatencyTarget? = nil, powerBudget: Watts? = nil
    ) throws -> StoredSearch? {
        try session.store.searchOutcome(
            for: measured(
                model, type, cells: cells, isConfirmed: isConfirmed, target: target, powerBudget: powerBudget)
        )
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

    /// The stored outcome that rests on the pair's strongest evidence, a confirmed one before others; nil
    /// where the pair has not been searched.
    func stored(
        _ model: Model, _ type: ServerType, target: LatencyTarget? = nil, powerBudget: Watts? = nil
    ) throws -> StoredSearch? {
        switch try session.evidence.of(model, on: type) {
        case .measuredHere(let cells), .measuredElsewhere(let cells):
            return try stored(
                model, type, cells: cells.loaded, isConfirmed: true, target: target, powerBudget: powerBudget)
                ?? stored(
                    model, type, cells: cells.loaded, isConfirmed: false, target: target,
                    powerBudget: powerBudget)
        case .imported(let figures):
            return try session.store.searchOutcome(
                for: imported(model, type, figures: figures, target: target, powerBudget: powerBudget))
        case .modelled:
            guard let server = ServerModelFamilies.make(model, on: type, session.serverModelSettings) else {
                return nil
            }
            return try session.store.searchOutcome(
                for: modelled(server, target: target, powerBudget: powerBudget))
        case .nothing: return nil
        }
    }

    private func key(
        _ model: Model, _ type: ServerType, _ target: LatencyTarget?, _ powerBudget: Watts?, _ inputs: Inputs
    ) throws -> SearchKey {
        SearchKey(
            model: model, serverType: type, target: target, powerBudget: powerBudget,
            method: session.scenario.search.method, inputsDigest: try ContentDigest(of: inputs))
    }
}
