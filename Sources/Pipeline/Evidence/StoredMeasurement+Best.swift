import Profiling
import Store
import Vocabulary

extension [StoredMeasurement] {
    /// Leaves out what a host, engine and version measured on which the same model has failed in some cell:
    /// a runtime that fails in one may have left work out in the others.
    func without(_ failures: [CellFailure]) -> [StoredMeasurement] {
        guard !failures.isEmpty else { return self }
        let failed = Set(failures.map { "\($0.host.fingerprint)\n\($0.engine)\n\($0.engineVersion)" })
        return filter {
            let found = $0.measurement
            return !failed.contains("\(found.host.fingerprint)\n\(found.engine)\n\(found.engineVersion)")
        }
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
