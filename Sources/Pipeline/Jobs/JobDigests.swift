import Quantities
import Store
import Vocabulary

/// The digests of a job's cells. What many cells have in common is digested once: a cell holds the whole
/// definition of its model.
struct JobDigests {
    private struct CellKey: Codable {
        let model: ContentDigest
        let serverType: ContentDigest
        let host: String
        let engine: EngineSettings
        let engineVersion: String
        let schedule: Schedule
        let load: OfferedLoad
        let settings: ContentDigest
        let repetition: Int
    }

    private struct SettingsKey: Hashable {
        let engine: EngineSettings
        let load: OfferedLoad
        let repetition: Int
    }

    private let job: ProfileJob
    private let host: String
    private var models: [ModelID: (model: Model, digest: ContentDigest)] = [:]
    private var serverType: (type: ServerType, digest: ContentDigest)?
    private var settings: [SettingsKey: ContentDigest] = [:]

    init(_ job: ProfileJob, _ host: Host) {
        self.job = job
        self.host = host.fingerprint
    }

    /// Of everything that decides a cell's measurement.
    mutating func digest(of cell: JobCell) throws -> ContentDigest {
        if models[cell.model.id]?.model != cell.model {
            models[cell.model.id] = (cell.model, try cell.model.behaviourDigest)
        }
        if serverType?.type != cell.serverType {
            serverType = (cell.serverType, try cell.serverType.behaviourDigest)
        }
        guard let model = models[cell.model.id]?.digest, let type = serverType?.digest else {
            preconditionFailure("both were put there just now")
        }
        return try ContentDigest(
            of: CellKey(
                model: model, serverType: type, host: host, engine: cell.engine.deciding,
                engineVersion: cell.engineVersion, schedule: cell.schedule, load: cell.load,
                settings: settings(of: cell), repetition: cell.repetition))
    }

    /// Of what a cell is measured with besides model, host, engine and schedule.
    mutating func settings(of cell: JobCell) throws -> ContentDigest {
        let key = SettingsKey(engine: cell.engine, load: cell.load, repetition: cell.repetition)
        if let known = settings[key] { return known }
        let digest = try JobPlan.settingsDigest(of: cell, job)
        settings[key] = digest
        return digest
    }
}
