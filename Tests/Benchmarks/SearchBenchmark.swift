import Catalog
import Foundation
import Pipeline
import Profiling
import Quantities
import Reporting
import Scheduling
import Vocabulary

/// How close each search method comes to the best schedule there is, and at how many evaluations.
///
/// An evaluation is one search for the highest rate that meets the target at one schedule: about ten
/// discrete-event simulations, or one measured cell of this machine.
enum SearchBenchmark: Benchmark {
    static let name = "search"
    static let purpose =
        """
        search methods against the exhaustive optimum, over all models and server types and over this \
        machine [--machine-only|--no-machine] [--wide] [--surfaces=FOLDER]
        """

    private static let seed: UInt64 = 1
    /// Of the model's own latency limit.
    private static let limits = [1.0, 0.5, 2.0]
    private static let queries = 1500
    private static let batches = [8, 16, 32, 64, 128, 256, 512, 1024, 2048]

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let options = try Options(arguments)
        let started = ContinuousClock.now
        if options.isModelled { try modelled(options, on: &board) }
        if options.isReal {
            try RealSurfaces.run(
                on: &board, seed: seed, optuna: options.hasPeers ? OptunaPeer() : nil, folder: options.folder,
                isWide: options.isWide)
        }
        let took = (ContinuousClock.now - started) / .seconds(1)
        board.figure("seconds", .number(took))
        if !options.isWide { board.bar("minutes for everything", took / 60, atMost: 10) }
    }

    private static func modelled(_ options: Options, on board: inout BenchmarkBoard) throws {
        let surfaces = try surfaces(options)
        let results = try contest(surfaces, options)
        let tally = SearchTally(results)
        board.show(tally.methodTable("Modelled: \(tally.problems) problems with a feasible schedule"))
        board.note(
            """
            An evaluation is one search for the highest rate at one schedule, about ten simulations of \
            \(queries) queries.
            """
                + " \(tally.infeasible) problems have no feasible schedule and are left out. `random` and "
                + "`optuna-tpe` get as many "
                + "evaluations as `gradient` took on the same problem, and with `-x10`, at each model's own "
                + "target, ten times as many.\n"
        )
        board.show(tally.worst("gradient"))
        board.show(tally.stops("gradient"))
        let headline = SearchHeadline(results)
        board.show(headline.table)
        headline.report(on: &board)
        tally.report(on: &board, prefix: "modelled")
        let spent = tally.seconds(of: "gradient")
        let evaluation = surfaces.reduce((0.0, 0)) { ($0.0 + $1.fresh.seconds, $0.1 + $1.fresh.count) }
        let each = evaluation.0 / Double(max(evaluation.1, 1))
        let share = spent.choosing / max(spent.evaluations * each, 1e-9)
        let choosing = spent.choosing / max(spent.problems, 1)
        board.note(
            """
            Choosing costs `gradient` \(text(choosing * 1000)) ms a search (the prior over the whole \
            space, its
            """
                + " corrections, the choice), an evaluation \(text(each * 1000)) ms on average: "
                + "\(text(share * 100)) % on "
                + "top of its evaluations, or \(text(choosing / each)) evaluations' worth.")
        board.figure("choosingShareOfEvaluationTime", .number(share))
        board.figure("evaluationMilliseconds", .number(each * 1000))
    }

    static func text(_ number: Double) -> String { String(format: "%.3g", number) }

    private struct Options {
        var models: Set<String> = []
        var hasPeers = true
        var isReal = true
        var isModelled = true
        var isWide = false
        /// Where surfaces of this machine are kept.
        var folder: String?

        init(_ arguments: [String]) throws {
            for argument in arguments {
                switch argument {
                case "--no-peers": hasPeers = false
                case "--no-machine": isReal = false
                case "--machine-only": isModelled = false
                case "--wide": isWide = true
                case _ where argument.hasPrefix("--surfaces="):
                    folder = String(argument.dropFirst("--surfaces=".count))
                default: models.insert(argument)
                }
            }
        }
    }

    private static func surfaces(_ options: Options) throws -> [SearchSurface] {
        let catalog = try Catalog(directory: "Workloads")
        let host = DetectedHost(cores: 1, memory: Bytes(1e9))
        let types = try catalog.serverTypeNames().map { try catalog.serverType(ServerTypeID($0), host: host) }
            // The rest of the catalogue is known by published figures.
            .filter { $0.id.name.hasPrefix("cpu-t") }
        var groups: [[ServerType]] = []
        for type in types {
            let place = groups.firstIndex {
                $0[0].processor == type.processor && $0[0].memory == type.memory
                    && $0[0].nearMemory == type.nearMemory
            }
            if let place { groups[place].append(type) } else { groups.append([type]) }
        }
        let shaped = try catalog.modelNames().filter { try catalog.model(ModelID($0)).graph != nil }
        return try shaped.filter { options.models.isEmpty || options.models.contains($0) }
            .flatMap { name in
                let model = try catalog.model(ModelID(name))
                return groups.map {
                    SearchSurface(
                        model, on: $0, limits: limits, queries: queries, batches: batches, seed: seed)
                }
            }
    }

    /// Spreads the surfaces over the processors; results come in the order of the surfaces.
    private static func contest(_ surfaces: [SearchSurface], _ options: Options) throws -> [ContestResult] {
        let pool = try Pool(surfaces: surfaces, hasPeers: options.hasPeers)
        DispatchQueue.concurrentPerform(iterations: surfaces.count) { pool.work(on: $0, seed: seed) }
        return try pool.results()
    }

    /// Hands surfaces and peers to threads and keeps what came of them.
    private final class Pool: @unchecked Sendable {
        // Unchecked: each surface is touched by one thread; everything else is guarded by the lock.
        private let surfaces: [SearchSurface]
        private let lock = NSLock()
        private var peers: [OptunaPeer] = []
        private var found: [Int: Result<[ContestResult], any Error>] = [:]
        private let hasPeers: Bool

        init(surfaces: [SearchSurface], hasPeers: Bool) throws {
            self.surfaces = surfaces
            self.hasPeers = hasPeers
        }

        func work(on index: Int, seed: UInt64) {
            let result = Result {
                let peer = hasPeers ? try lock.withLock { peers.popLast() } ?? OptunaPeer() : nil
                let results = try SearchContest.run(surfaces[index], optuna: peer, seed: seed)
                if let peer { lock.withLock { peers.append(peer) } }
                surfaces[index].release()
                return results
            }
            lock.withLock {
                found[index] = result
                let line =
                    """
                    search: \(found.count)/\(surfaces.count) \(surfaces[index].model.id) on \
                    \(surfaces[index].types[0].id)\n
                    """
                FileHandle.standardError.write(Data(line.utf8))
            }
        }

        func results() throws -> [ContestResult] {
            try surfaces.indices.flatMap { try found[$0]?.get() ?? [] }
        }
    }
}
