import Quantities
import Store
import Vocabulary

/// What a job measured of one model on a host that stands for a server type, brought here by `db merge`.
///
/// Several hosts, engines or versions may have measured the same pair. Figures of two of them are never mixed
/// in one surface: the one that covers the most schedules counts, of equals the one measured last. Its cells
/// must hold service samples, which the search by simulation draws on.
struct MeasuredElsewhere {
    /// One for each schedule, ordered by schedule: the highest load that did not end in overload, because
    /// throughput is decided there.
    let cells: [StoredMeasurement]
    /// What the same schedules did with all threads busy.
    let saturations: [Schedule: LoadRun]

    private struct Source: Hashable {
        let host: String
        let engine: String
        let version: String

        init(_ measurement: LoadRun) {
            host = measurement.host.fingerprint
            engine = measurement.engine
            version = measurement.engineVersion
        }
    }

    /// - Parameter measurements: of one model on one server type, in the order they were made.
    init(_ measurements: [StoredMeasurement]) {
        let usable = measurements.filter {
            $0.measurement.purpose == .cell && !$0.measurement.serviceSamples.isEmpty
                && $0.measurement.ending != .overloaded
        }
        let bySource = Dictionary(grouping: usable) { Source($0.measurement) }
        let ranked = bySource.values.map { found in
            (
                found: found, schedules: Set(found.map(\.measurement.schedule)).count,
                last: found.map(\.measurement.measuredAtUnixSeconds).max() ?? 0
            )
        }
        guard
            let best = ranked.max(by: {
                ($0.schedules, $0.last, $0.found[0].id.number) < (
                    $1.schedules, $1.last, $1.found[0].id.number
                )
            })?.found
        else {
            cells = []
            saturations = [:]
            return
        }
        let highest = Dictionary(grouping: best, by: \.measurement.schedule).mapValues { runs in
            let top = runs.map { $0.measurement.offeredRate?.value ?? 0 }.max() ?? 0
            // Repetitions draw their rate from a saturation of their own.
            return runs.filter { ($0.measurement.offeredRate?.value ?? 0) >= top * 0.8 }
        }
        cells = StoredMeasurement.bestBySchedule(
            highest.values.flatMap { $0 }.sorted { $0.id.number < $1.id.number }
        )
        .values.sorted { $0.measurement.schedule < $1.measurement.schedule }
        let source = Source(best[0].measurement)
        saturations = StoredMeasurement.bestBySchedule(
            measurements.filter { $0.measurement.pattern == .closed && Source($0.measurement) == source }
        ).mapValues(\.measurement)
    }
}
