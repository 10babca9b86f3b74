import Catalog
import Foundation
import Pipeline
import Profiling
import Quantities
import Reporting
import Scheduling
import ServerModels
import Vocabulary

/// The methods over real surfaces: models measured on this machine, cell by cell, in this run or, where they
/// were kept, in an earlier one. A machine of few cores has few M and O; its wide spaces are those of small
/// models with every precision, more D and several waits for joined batches.
enum RealSurfaces {
    /// Everything measured of one model.
    private struct Surface: Codable {
        var cells: [LoadRun] = []
        var saturations: [LoadRun] = []
    }

    /// What is measured of each model.
    private struct Grid {
        let name: String
        let models: [(name: String, rowsMax: Int)]
        let batches: [Int]
        let precisions: [Precision]
        let waits: [Nanoseconds]
        let cellDuration: Nanoseconds
        /// Of the bars and figures.
        let prefix: String

        func schedules(cores: Int) -> [Schedule] {
            scheduleGrid(
                cores: cores, batches: batches, precisions: precisions,
                joined: JoinedBatches(waits: waits, batches: waits.isEmpty ? [] : batches))
        }
    }

    private static let narrow = Grid(
        name: "every M, O and D", models: [("ncf", 150_000), ("wnd", 50_000), ("rm1", 200_000)],
        batches: [16, 32, 48, 64, 128, 192, 256, 384, 512, 1024], precisions: [.default], waits: [],
        cellDuration: Nanoseconds(milliseconds: 600), prefix: "measured")

    /// At least 500 cells on two cores.
    private static let wide = Grid(
        name: "every M and O, more D, precisions and waits", models: [("ncf", 50_000), ("wnd", 20_000)],
        batches: [
            8, 16, 24, 32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 448, 512, 640, 768, 1024,
        ], precisions: [.default, .f32],
        waits: [0, 0.25, 1, 2].map { Nanoseconds(seconds: $0 / 1000) },
        cellDuration: Nanoseconds(milliseconds: 250), prefix: "measured wide")
    /// The tightest limit, over the tail of the idlest schedule: at less, a few percent of service time
    /// decide over all of the throughput, and the surface is noise.
    private static let limitOverIdle = 3.0
    private static let queries = 2000

    /// - Parameters:
    ///   - folder: where surfaces are kept, so that other versions of the methods search the same ones.
    ///   - isWide: whether the wide spaces are measured too, which takes ten minutes a model.
    static func run(
        on board: inout BenchmarkBoard, seed: UInt64, optuna: OptunaPeer?, folder: String?, isWide: Bool
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
        for grid in isWide ? [narrow, wide] : [narrow] {
            try show(
                grid, on: &board,
                contest(grid, catalog, type, profiler, seed: seed, optuna: optuna, folder: folder),
                machine: "\(host.processor), \(host.cores) cores")
        }
    }

    private static func contest(
        _ grid: Grid, _ catalog: Catalog, _ type: ServerType, _ profiler: HostProfiler, seed: UInt64,
        optuna: OptunaPeer?, folder: String?
    ) throws -> [ContestResult] {
        let cores = type.processor?.cores ?? 1
        var results: [ContestResult] = []
        for (name, rowsMax) in grid.models {
            let model = try catalog.model(ModelID(name)).shrunk(toTableRows: rowsMax)
            let surface = try surface(grid, model, type, profiler, seed: seed, cores: cores, folder: folder)
            FileHandle.standardError.write(
                Data("search: \(surface.cells.count) measured cells of \(model.id)\n".utf8))
            let saturations = Dictionary(surface.saturations.map { ($0.schedule, $0) }) { _, later in later }
            results += try contest(
                grid, surface.cells, saturations, model, type, seed: seed, optuna: optuna)
        }
        return results
    }

    private static func show(
        _ grid: Grid, on board: inout BenchmarkBoard, _ results: [ContestResult], machine: String
    ) {
        let tally = SearchTally(results)
        board.show(
            tally.methodTable(
                "Measured on this machine (\(machine)), \(grid.name): \(tally.problems) problems"))
        board.show(tally.worst("gradient"))
        board.note(
            "Each cell is \(grid.cellDuration) of load; the space is \(grid.name) of this machine.\n")
        tally.report(on: &board, prefix: grid.prefix)
    }

    /// Measures a surface, or reads a kept one.
    private static func surface(
        _ grid: Grid, _ model: Model, _ type: ServerType, _ profiler: HostProfiler, seed: UInt64,
        cores: Int, folder: String?
    ) throws -> Surface {
        let file = folder.map { URL(fileURLWithPath: $0).appendingPathComponent("\(model.id).json") }
        if let file, let bytes = try? Data(contentsOf: file) {
            return try JSONDecoder().decode(Surface.self, from: bytes)
        }
        let settings = ProfileSettings(
            batches: grid.batches, cellDuration: grid.cellDuration, loadFraction: Fraction(0.7),
            confirmationDuration: grid.cellDuration)
        var surface = Surface()
        for schedule in grid.schedules(cores: cores) {
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
        _ grid: Grid, _ cells: [LoadRun], _ saturations: [Schedule: LoadRun], _ model: Model,
        _ type: ServerType, seed: UInt64,
        optuna: OptunaPeer?
    ) throws -> [ContestResult] {
        var results: [ContestResult] = []
        var starts: [Schedule] = []
        let server = MeasuredServerModel(
            model, on: type, cells: cells, saturations: saturations,
            settings: ServerModelSettings(batches: grid.batches, queries: .exactly(queries), seed: seed))
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
