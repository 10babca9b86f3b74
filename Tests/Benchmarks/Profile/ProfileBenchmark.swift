import Catalog
import Foundation
import Pipeline
import Profiling
import Quantities
import Reporting
import Vocabulary

/// What the profiler's numbers are worth: its generator's punctuality, its own overhead, and how far
/// simulated throughput is from live.
enum ProfileBenchmark: Benchmark {
    static let name = "profile"
    static let purpose =
        """
        generator lateness beside LoadGen, overhead, rates beside OpenVINO's benchmark_app, live against \
        simulated throughput (--parts, --models, --runs, --database)
        """

    private struct Options {
        var parts: Set<String> = ["generator", "runtime", "comparison"]
        var models = ["ncf", "rm1", "wnd"]
        var database: String?
        /// Of the comparison, each measured anew.
        var runs = 1
        var scenario = "Workloads/scenarios/quickstart.yaml"

        init(_ arguments: [String]) throws {
            var rest = arguments[...]
            while let key = rest.popFirst() {
                guard let value = rest.popFirst() else { throw BenchmarkUsage(found: key) }
                switch key {
                case "--parts": parts = Set(value.split(separator: ",").map(String.init))
                case "--models": models = value.split(separator: ",").map(String.init)
                case "--database": database = value
                case "--runs": runs = try Self.runs(value)
                case "--scenario": scenario = value
                default: throw BenchmarkUsage(found: key)
                }
            }
            // What is kept is what was compared last, whichever run that was.
            if runs > 1, database != nil { throw BenchmarkUsage(found: "--runs beside --database") }
        }

        private static func runs(_ value: String) throws -> Int {
            guard let runs = Int(value), (1...10).contains(runs) else {
                throw BenchmarkUsage(found: "--runs \(value)")
            }
            return runs
        }
    }

    /// Arguments that are not understood.
    private struct BenchmarkUsage: Error, CustomStringConvertible {
        let found: String
        var description: String {
            """
            found \(found), expected --parts generator,runtime,comparison, --models NAMES, --runs N, \
            --database FILE or --scenario FILE
            """
        }
    }

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let options = try Options(arguments)
        if options.parts.contains("generator") { try generator(&board) }
        if options.parts.contains("runtime") { try runtime(options, &board) }
        if options.parts.contains("comparison") { try comparison(options, &board) }
    }

    // MARK: The generator

    private static func generator(_ board: inout BenchmarkBoard) throws {
        let trial = try GeneratorTrial()
        board.note("Null engine, one thread: \(trial.placement)")
        let rates = [1_000.0, 10_000, 50_000, 200_000]
        let ours = try rates.map { try trial.offer($0) }
        let peers = rates.map { GeneratorTrial.loadGenMiddle($0) }
        let best = try GeneratorTrial.highestRate(from: 50_000) {
            try trial.offer($0, for: Nanoseconds(milliseconds: 400)).lateness
        }
        let peerBest = GeneratorTrial.highestRate(from: 10_000) { GeneratorTrial.loadGenMiddle($0) }
        func row(_ generator: String, _ found: GeneratorTrial.Lateness) -> [Table.Cell] {
            [
                .text(generator), .number(found.rate), .number(found.issuedRate.rounded()),
                .number(round(found.p50Microseconds)), .number(round(found.p99Microseconds)),
                .number(round(found.maxMicroseconds)),
            ]
        }
        var rows: [[Table.Cell]] = []
        for (index, found) in ours.enumerated() {
            rows.append(row("hercules", found.lateness))
            if let peer = peers[index] { rows.append(row("LoadGen", peer)) }
        }
        if let best { rows.append(row("hercules, highest with p99 < 100 us", best)) }
        if let peerBest { rows.append(row("LoadGen, highest with p99 < 100 us", peerBest)) }
        board.show(
            Table(
                caption: "Lateness from the scheduled arrival; the middle of three runs of a second",
                columns: [
                    .init("generator", "Generator", .text), .init("rate", "Offered (1/s)", .plain),
                    .init("issued", "Issued (1/s)", .plain), .init("p50", "p50 (us)", .plain),
                    .init("p99", "p99 (us)", .plain), .init("max", "Max (us)", .plain),
                ], rows: rows))
        overhead(trial, ours.map(\.outcome), rates, perPiece: try trial.nanosecondsPerPiece(), &board)
        board.figure("highestRateQueriesPerSecond", .number(best?.rate ?? 0))
        board.figure("loadGenHighestRateQueriesPerSecond", .number(peerBest?.rate ?? 0))
        board.figure("latenessP99MicrosecondsAt50k", .number(ours[2].lateness.p99Microseconds))
        board.figure("loadGenLatenessP99MicrosecondsAt50k", .number(peers[2]?.p99Microseconds ?? -1))
        board.bar("highest rate with p99 lateness < 100 us", best?.rate ?? 0, atLeast: 50_000)
        // LoadGen through Python may stay under 100 us at no rate, and then there is nothing to divide by.
        if let rate = peerBest?.rate {
            board.bar("that rate against LoadGen's", (best?.rate ?? 0) / rate, atLeast: 1)
        }
        if let peer = peers[2]?.p99Microseconds {
            board.bar(
                "p99 lateness at 50 000 queries/s against LoadGen's", ours[2].lateness.p99Microseconds / peer,
                atMost: 1)
        }
        board.bar("p99 lateness at 50 000 queries/s in us", ours[2].lateness.p99Microseconds, atMost: 100)
    }

    private static func overhead(
        _ trial: GeneratorTrial, _ outcomes: [LoadOutcome], _ rates: [Double], perPiece: Double,
        _ board: inout BenchmarkBoard
    ) {
        board.show(
            Table(
                caption: "Overhead of the null engine: from scheduled arrival to the end of nothing",
                columns: [
                    .init("rate", "Offered (1/s)", .plain), .init("p50", "p50 (us)", .plain),
                    .init("p99", "p99 (us)", .plain),
                    .init("wakeUp", "of it waking a thread, p50 (us)", .plain),
                ],
                rows: zip(rates, outcomes).map { rate, outcome in
                    [
                        .number(rate),
                        .number(round(outcome.latencies.latency(at: Quantile(0.5))?.microseconds ?? 0)),
                        .number(round(outcome.latencies.latency(at: Quantile(0.99))?.microseconds ?? 0)),
                        .number(round(outcome.dispatch.latency(at: Quantile(0.5))?.microseconds ?? 0)),
                    ]
                }))
        board.note("Closed loop: \(Int(perPiece.rounded())) ns a piece")
        let median = outcomes[1].latencies.latency(at: Quantile(0.5))?.microseconds ?? 0
        board.figure("nullOverheadP50MicrosecondsAt10k", .number(median))
        board.figure("nullClosedLoopNanosecondsPerPiece", .number(perPiece.rounded()))
        board.bar("median overhead per query at 10 000 queries/s in us", median, atMost: 100)
    }

    private static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    // MARK: The runtime's own benchmark

    /// Items in a batch that are compared: small and large beside a thread's caches.
    private static let batches = [16, 128]

    private static func runtime(_ options: Options, _ board: inout BenchmarkBoard) throws {
        let machine = try HostProbe().host()
        let scenario = try Catalog(forScenarioAt: options.scenario).scenario(
            at: options.scenario, host: DetectedHost(cores: machine.cores, memory: machine.memory)
        ).scenario
        let trial = try RuntimeTrial(seed: scenario.seed)
        let cores = HostProbe().topology.cores.count
        var found: [RuntimeTrial.Found] = []
        for name in options.models {
            guard let model = scenario.models.first(where: { $0.id.name.hasPrefix(name) }) else { continue }
            for streams in Set([1, cores]).sorted() {
                for batch in batches {
                    found.append(try trial.run(model, streams: streams, batch: batch))
                }
            }
        }
        board.show(
            Table(
                caption: "Our closed loop beside benchmark_app: items a second, the middle of three turns",
                columns: [
                    .init("model", "Model", .text), .init("streams", "Streams of one thread", .plain),
                    .init("batch", "Items in a batch", .plain),
                    .init("cold", "hercules, cold rows (1/s)", .plain),
                    .init("ours", "hercules, same rows (1/s)", .plain),
                    .init("peer", "benchmark_app (1/s)", .plain), .init("ratio", "Ours over it", .plain),
                    .init("precision", "Precision", .text), .init("peerPrecision", "Its precision", .text),
                ],
                rows: found.map { found in
                    [
                        .text(found.model.name), .integer(found.streams), .integer(found.batch),
                        .number(found.cold.rounded()), .number(found.ours.rounded()),
                        .number(found.peer.rounded()),
                        .number((found.ours / found.peer * 1000).rounded() / 1000), .text(found.precision),
                        .text(found.peerPrecision),
                    ]
                }))
        let ratios = found.map { $0.ours / $0.peer }.sorted()
        guard let least = ratios.first, let most = ratios.last else { return }
        board.figure("rateOverBenchmarkAppMedian", .number(ratios[ratios.count / 2]))
        board.figure("rateOverBenchmarkAppLeast", .number(least))
        board.figure("rateOverBenchmarkAppMost", .number(most))
        board.bar("least rate over benchmark_app's at equal settings", least, atLeast: 0.9)
    }

    // MARK: Live against simulated

    /// What a run of the comparison came to; differences are relative, without sign.
    private struct Comparison {
        let schedules: Int
        let models: Int
        let median: Double?
        /// With service times taken to be the same at every load.
        let plain: Double?
        /// Sizes of the differences, schedule by schedule: with load effects and without.
        let sizes: [(effects: Double, plain: Double)]
    }

    /// Whether load effects pay, schedule by schedule over all runs: how often they bring the simulation
    /// nearer, and how likely as many would be if they did nothing (sign test, two-sided, by the normal law).
    private static func pairs(_ runs: [Comparison], _ board: inout BenchmarkBoard) {
        let sizes = runs.flatMap(\.sizes)
        let nearer = sizes.count { $0.effects < $0.plain }
        let farther = sizes.count { $0.effects > $0.plain }
        guard nearer + farther > 0 else { return }
        func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
        let excess = max(0, abs(Double(nearer - farther)) - 1) / Double(nearer + farther).squareRoot()
        let chance = erfc(excess / 2.0.squareRoot())
        board.note(
            "Over all \(sizes.count) comparisons load effects bring the simulation nearer in \(nearer) and "
                + "farther in \(farther); the size of the difference is "
                + "\(percent(mean(sizes.map(\.effects)))) in the mean with them and "
                + "\(percent(mean(sizes.map(\.plain)))) without, in the median "
                + "\(percent(middle(sizes.map(\.effects)))) and \(percent(middle(sizes.map(\.plain)))). As "
                + "uneven a split comes about by chance with a probability of "
                + "\((chance * 100).rounded() / 100).")
        board.figure("loadEffectsNearer", .number(Double(nearer)))
        board.figure("loadEffectsFarther", .number(Double(farther)))
        board.figure("meanDifferencePooled", .number(mean(sizes.map(\.effects))))
        board.figure("meanDifferencePooledWithoutLoadEffects", .number(mean(sizes.map(\.plain))))
        board.bar(
            "share of comparisons that load effects bring nearer",
            Double(nearer) / Double(nearer + farther), atLeast: 0.5)
    }

    private static func comparison(_ options: Options, _ board: inout BenchmarkBoard) throws {
        let runs = try (0..<options.runs).map { _ in try comparison(options, on: board) }
        if runs.count > 1 {
            board.show(
                Table(
                    caption: "Median difference between live and simulated throughput, run by run",
                    columns: [
                        .init("run", "run", .count), .init("schedules", "schedules", .count),
                        .init("median", "with load effects", .fraction),
                        .init("plain", "without", .fraction),
                    ],
                    rows: runs.enumerated().map { index, run in
                        [
                            .integer(index + 1), .integer(run.schedules),
                            run.median.map { .number($0) } ?? .missing,
                            run.plain.map { .number($0) } ?? .missing,
                        ]
                    }))
        }
        let medians = runs.compactMap(\.median).sorted()
        let plains = runs.compactMap(\.plain).sorted()
        let median = medians.isEmpty ? nil : medians[medians.count / 2]
        let plain = plains.isEmpty ? nil : plains[plains.count / 2]
        board.figure("comparedSchedules", .number(Double(runs.map(\.schedules).max() ?? 0)))
        board.figure("comparedModels", .number(Double(runs.map(\.models).max() ?? 0)))
        board.figure("comparisonRuns", .number(Double(runs.count)))
        board.figure("medianRelativeDifference", median.map { .number($0) } ?? .null)
        board.figure("medianRelativeDifferenceWithoutLoadEffects", plain.map { .number($0) } ?? .null)
        board.bar(
            "median relative difference between live and simulated throughput", median ?? .infinity,
            atMost: 0.05)
        pairs(runs, &board)
    }

    private static func comparison(_ options: Options, on board: BenchmarkBoard) throws -> Comparison {
        let path =
            options.database
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("hercules-benchmark-\(UUID().uuidString).sqlite").path
        defer {
            if options.database == nil {
                for suffix in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: path + suffix)
                }
            }
        }
        let session = try Session.open(
            scenarioPath: options.scenario, databasePath: path, changes: ScenarioChanges(),
            progress: SilentProgress())
        let selected = session.restricted(to: options.models)
        let measurer = selected.measurer()
        _ = try ProfileStage(selected, measurer: measurer).run()
        var selection = LiveComparison.Selection()
        selection.models = options.models.map { ModelID($0) }
        selection.timePerRate = Nanoseconds(seconds: 3)
        _ = try LiveComparison(selected, measurer: measurer).run(selection)
        // With a database that is kept, what earlier calls compared counts too.
        let made = try session.store.comparisons()
        let all = ThroughputComparisonDocument(latestOf: made)
        board.show(all.table)
        return Comparison(
            schedules: all.count, models: all.modelCount, median: all.medianDifference?.value,
            plain: all.medianPlainDifference?.value,
            sizes: made.compactMap { comparison in
                guard let effects = comparison.difference, let plain = comparison.plainDifference else {
                    return nil
                }
                return (abs(effects.value), abs(plain.value))
            })
    }
}
