import Catalog
import Foundation
import Pipeline
import Profiling
import Quantities
import Reporting
import Scheduling
import ServerModels
import Vocabulary

/// The methods over real surfaces: three models measured on this machine, cell by cell, in this run or, where
/// they were kept, in an earlier one.
enum RealSurfaces {
    /// Everything measured of one model.
    private struct Surface: Codable {
        var cells: [LoadRun] = []
        var saturations: [LoadRun] = []
    }

    private static let models: [(name: String, rowsMax: Int)] = [
        ("ncf", 150_000), ("wnd", 50_000), ("rm1", 200_000),
    ]
    private static let batches = [16, 32, 48, 64, 128, 192, 256, 384, 512, 1024]
    private static let cellDuration = Nanoseconds(milliseconds: 600)
    /// The tightest limit, over the tail of the idlest schedule: at less, a few percent of service time
    /// decide over all of the throughput, and the surface is noise.
    private static let limitOverIdle = 3.0
    private static let queries = 2000

    /// - Parameter folder: where surfaces are kept, so that other versions of the methods search the same
    ///   ones.
    static func run(
        on board: inout BenchmarkBoard, seed: UInt64, optuna: OptunaPeer?, folder: String?
    ) throws {
        let catalog = try Catalog(directory: "Workloads")
        let probe = HostProbe()
        let host = try probe.host()
        let type = try catalog.serverType(
            "this-host", host: DetectedHost(cores: host.cores, memory: host.memory))
        let profiler: HostProfiler
        do {
            let engine = try OpenVINOEngine(
                models: GeneratedModels(directory: ".hercules/models"), seed: seed,
                cacheBytes: Int(probe.lastLevelCache.value))
            profiler = try HostProfiler(engine: engine, toolVersion: Recorder.toolVersion)
        } catch {
            board.note("This machine is left out: \(error)")
            return
        }
        var results: [ContestResult] = []
        for (name, rowsMax) in models {
            let model = try catalog.model(ModelID(name)).shrunk(toTableRows: rowsMax)
            let surface = try surface(model, type, profiler, seed: seed, cores: host.cores, folder: folder)
            FileHandle.standardError.write(
                Data("search: \(surface.cells.count) measured cells of \(model.id)\n".utf8))
            let saturations = Dictionary(surface.saturations.map { ($0.schedule, $0) }) { _, later in later }
            results += try contest(surface.cells, saturations, model, type, seed: seed, optuna: optuna)
        }
        let tally = SearchTally(results)
        board.show(
            tally.methodTable(
                "Measured on this machine (\(host.processor),"
                    + " \(host.cores) cores): \(tally.problems) problems"
            ))
        board.show(tally.worst("gradient"))
        board.note(
            "Each cell is \(cellDuration) of load; the space is every M, O and D of this machine,"
                + " so small that the share "
                + "of it says little.\n")
        tally.report(on: &board, prefix: "measured")
    }

    /// Measures a surface, or reads a kept one.
    private static func surface(
        _ model: Model, _ type: ServerType, _ profiler: HostProfiler, seed: UInt64, cores: Int,
        folder: String?
    ) throws -> Surface {
        let file = folder.map { URL(fileURLWithPath: $0).appendingPathComponent("\(model.id).json") }
        if let file, let bytes = try? Data(contentsOf: file) {
            return try JSONDecoder().decode(Surface.self, from: bytes)
        }
        let settings = ProfileSettings(
            batches: batches, cellDuration: cellDuration, loadFraction: Fraction(0.7),
            confirmationDuration: cellDuration)
        var surface = Surface()
        for schedule in scheduleGrid(cores: cores, batches: batches) {
            let cell = try profiler.measureBoth(
                model: model, serverType: type, schedule: schedule, settings: settings, seed: seed)
            surface.cells.append(cell.loaded)
            surface.saturations.append(cell.saturation)
        }
        if let file {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try JSONEncoder().encode(surface).write(to: file)
        }
        return surface
    }

    private static func contest(
        _ cells: [LoadRun], _ saturations: [Schedule: LoadRun], _ model: Model,
        _ type: ServerType, seed: UInt64,
        optuna: OptunaPeer?
    ) throws -> [ContestResult] {
        var results: [ContestResult] = []
        var starts: [Schedule] = []
        let server = MeasuredServerModel(
            model, on: type, cells: cells, saturations: saturations,
            settings: ServerModelSettings(batches: batches, queries: .exactly(queries), seed: seed))
        let quantile = model.latencyTarget.quantile
        let least = try cells.map { try server.idleLatency(of: $0.schedule, at: quantile) }.min()
        let limit = max(
            model.latencyTarget.limit.seconds, 2 * limitOverIdle * (least ?? .zero).seconds)
        for factor in [1.0, 0.5, 2.0] {
            let target = LatencyTarget(quantile: quantile, limit: Nanoseconds(seconds: limit * factor))
            let limits = ServiceLimits(target: target)
            let problem = SearchProblem(server, within: limits, seed: seed)
            var surface: [Schedule: ScheduleEvaluation] = [:]
            for schedule in problem.space.schedules {
                surface[schedule] = try server.evaluate(schedule, within: limits)
            }
            let optimum = surface.values.map(\.throughput.value).max() ?? 0
            let known = surface
            let outcomes = try SearchContest.compete(
                problem, starts: starts, cores: type.processor?.cores ?? 1, optuna: optuna
            ) { schedule in
                if let found = known[schedule] { return found }
                return try server.evaluate(schedule, within: limits)
            }
            if let best = outcomes.first?.best { starts.append(best) }
            results += outcomes.map {
                ContestResult(
                    method: $0.method, model: model.id, serverType: type.id, target: target,
                    provenance: .measured,
                    share: optimum > 0 ? $0.value / optimum : nil, throughput: $0.value,
                    evaluations: $0.evaluations,
                    spaceSize: problem.space.count, stop: $0.stop, choosingSeconds: $0.choosingSeconds,
                    schedule: $0.best)
            }
        }
        return results
    }
}
