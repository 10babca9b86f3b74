import Profiling
import Store
import Vocabulary

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
