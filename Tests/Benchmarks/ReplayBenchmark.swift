import Catalog
import Dispatch
import Foundation
import Pipeline
import Provisioning
import Quantities
import Randomness
import Replaying
import Reporting
import Simulation
import Traces
import Vocabulary

/// Forty days of one-minute load for six models on ten server types under every policy, and a year of it
/// through the command and its database.
enum ReplayBenchmark: Benchmark {
    static let name = "replay"
    static let purpose =
        "40 days of minutes in memory and a year through the command, 6 models x 10 types, 7 policies "
        + "[--days N] [--year-days N]"

    private static let models = (1...6).map { ModelID("model-\($0)") }
    private static let idlePowers = Dictionary(
        uniqueKeysWithValues: (0..<10).map { (ServerTypeID("type-\($0)"), Watts(60 + 20 * Double($0))) })

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        func given(_ option: String) -> Double? {
            arguments.firstIndex(of: option).flatMap { index in
                index + 1 < arguments.count ? Double(arguments[index + 1]) : nil
            }
        }
        try playFortyDays(given("--days") ?? 40, board: &board)
        try playYear(given("--year-days") ?? 365, board: &board)
    }

    /// The kernel alone, in memory.
    private static func playFortyDays(_ days: Double, board: inout BenchmarkBoard) throws {
        let (trace, source) = try load(intervals: Int(days * 1440))
        board.note("trace: \(source), \(trace.intervalCount) intervals")
        let scenario = scenario(trace)
        let table = table()
        let clock = ContinuousClock()

        // Whether policies run side by side must not matter: two days, alone and together.
        let short = Self.scenario(
            Trace(
                name: trace.name, startUnixSeconds: trace.startUnixSeconds, interval: trace.interval,
                loads: trace.loads.mapValues { Array($0.prefix(720)) }))
        let alone = try play(short, table, sideBySide: false)
        let together = try play(short, table, sideBySide: true)
        let isSame = zip(alone, together).allSatisfy {
            $0.records == $1.records && $0.servingSteps == $1.servingSteps && $0.decisions == $1.decisions
        }

        var timelines: [Timeline] = []
        let took = try clock.measure { timelines = try play(scenario, table, sideBySide: true) }
        let seconds = took / .seconds(1)
        show(timelines, board)
        let megabytes = ProcessTime.peakMegabytes
        board.note(
            "wall \((seconds * 10).rounded() / 10) s, peak memory \(Int(megabytes)) MB, "
                + "same decisions side by side and alone: \(isSame)")
        board.figure("wallSeconds", .number(seconds))
        board.figure("peakMegabytes", .number(megabytes))
        board.figure("intervals", .number(Double(trace.intervalCount)))
        board.figure("policyIntervalsPerSecond", .number(Double(7 * trace.intervalCount) / seconds))
        board.figure("source", .string(source))
        for timeline in timelines {
            board.figure(
                "\(timeline.policy)MeanProvisionedWatts", .number(timeline.meanProvisionedPower.value))
            board.figure("\(timeline.policy)ViolationFraction", .number(timeline.violationFraction.value))
        }
        board.bar("wall seconds", seconds, atMost: 60)
        board.bar("peak memory in MB", megabytes, atMost: 1000)
        board.bar("same decisions alone and side by side", isSame ? 1 : 0, atLeast: 1)
    }

    /// The World Cup's requests per minute where they are at hand, each model with another start of the day;
    /// else a synthetic load of the same length.
    private static func load(intervals: Int) throws -> (Trace, String) {
        let file = "../shared/data/worldcup98/invocation_count.csv"
        let base: [Double]
        let source: String
        if FileManager.default.fileExists(atPath: file) {
            var options = TraceImportOptions()
            options.loadKind = .count
            let (trace, _) = try TraceImporter(options: options).read(path: file)
            base = Array((trace.loads.values.first ?? []).map(\.value).prefix(intervals))
            source = "WorldCup98 requests per minute"
        } else {
            let recipe = TraceRecipe(
                id: "synthetic", seed: 1, days: max(1, (intervals + 1439) / 1440),
                interval: Nanoseconds(seconds: 60), startUnixSeconds: 893_980_800,
                services: [
                    .init(
                        name: "a", peakHour: 20, troughFraction: Fraction(0.2),
                        weekendFraction: Fraction(0.8),
                        noise: Fraction(0.05), burstsPerDay: 2, burstHeight: Fraction(0.5))
                ])
            base = Array((TraceGenerator.trace(recipe).loads["a"] ?? []).map(\.value).prefix(intervals))
            source = "a synthetic trace (the World Cup's is not here)"
        }
        let peak = max(base.max() ?? 1, 1e-9)
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        for (number, model) in models.enumerated() {
            let shift = number * 240
            loads[model] = base.indices.map {
                QueriesPerSecond(1000 * Double(number + 1) * base[($0 + shift) % base.count] / peak)
            }
        }
        return (
            Trace(
                name: "benchmark", startUnixSeconds: 893_980_800, interval: Nanoseconds(seconds: 60),
                loads: loads),
            source
        )
    }

    /// Rates and powers drawn lognormal, from a fixed seed.
    private static func table() -> EfficiencyTable {
        var stream = RandomStream(seed: 7, name: "benchmark/replay")
        var entries: [EfficiencyEntry] = []
        for model in models {
            for type in idlePowers.keys.sorted() {
                entries.append(
                    EfficiencyEntry(
                        model: model, serverType: type,
                        target: LatencyTarget(
                            quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100)),
                        powerBudget: nil,
                        schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
                        throughput: QueriesPerSecond(stream.logNormal(mu: 4.6, sigma: 0.5)),
                        power: (idlePowers[type] ?? .zero) + Watts(stream.logNormal(mu: 4.8, sigma: 0.4)),
                        powerProvenance: .estimated, provenance: .modelled, method: "drawn", evaluations: 1,
                        spaceSize: 1))
            }
        }
        return EfficiencyTable(entries)
    }

    private static func scenario(_ trace: Trace) -> Scenario {
        var online = OnlineSettings()
        online.forecaster = "holt_winters"
        online.decisionPeriod = Nanoseconds(seconds: 300)
        online.replanFraction = Fraction(0.02)
        online.switchingHorizon = Nanoseconds(seconds: 900)
        online.overProvisionMax = Fraction(0.5)
        online.dynamics = FleetDynamics(
            boot: Nanoseconds(seconds: 90), modelLoad: Nanoseconds(seconds: 30),
            drain: Nanoseconds(seconds: 5))
        online.failures = FailureSettings(
            meanTimeBetweenServerFailures: Nanoseconds(seconds: 90 * 86_400),
            meanTimeBetweenRackFailures: Nanoseconds(seconds: 365 * 86_400), rackServers: 20,
            meanRepair: Nanoseconds(seconds: 4 * 3600))
        return Scenario(
            id: "benchmark", title: "benchmark", seed: 1, models: [],
            fleet: Fleet(id: "benchmark", counts: idlePowers.mapValues { _ in 40 }), serverTypes: [],
            trace: trace,
            profile: ProfileSettings(
                batches: [1], cellDuration: Nanoseconds(seconds: 1), loadFraction: Fraction(0.5),
                confirmationDuration: Nanoseconds(seconds: 1)),
            search: SearchSettings(method: "gradient", batches: [1], queries: 1),
            replay: ReplaySettings(
                policies: ProvisioningPolicies.deciding, subject: "hercules", baseline: "static",
                gap: Fraction(1e-3),
                overProvision: OverProvisionRule(
                    initial: Fraction(0.1), quantile: Quantile(0.99), window: 1440), online: online))
    }

    private static func play(
        _ scenario: Scenario, _ table: EfficiencyTable, sideBySide: Bool
    ) throws -> [Timeline] {
        let replay = try Replay(
            trace: scenario.requiredTrace(), fleet: scenario.fleet, table: table, idlePowers: idlePowers,
            settings: scenario.replay.online ?? OnlineSettings(), seed: scenario.seed)
        // The slowest first, so that two cores end together.
        let names = scenario.replay.policies
        let order = names.indices.sorted { names[$0].count > names[$1].count }
        let lock = NSLock()
        nonisolated(unsafe) var found: [Timeline?] = names.map { _ in nil }
        nonisolated(unsafe) var failure: (any Error)?
        @Sendable func one(_ position: Int) {
            do {
                let timeline = try PolicyPlay(
                    names[order[position]], scenario: scenario, replay: replay, table: table
                ).timeline(idlePowers: idlePowers, modelSizes: [:])
                lock.withLock { found[order[position]] = timeline }
            } catch {
                lock.withLock { failure = error }
            }
        }
        if sideBySide {
            DispatchQueue.concurrentPerform(iterations: names.count, execute: one)
        } else {
            for position in names.indices { one(position) }
        }
        if let failure { throw failure }
        return found.compactMap { $0 }
    }

    private static func show(_ timelines: [Timeline], _ board: BenchmarkBoard) {
        board.show(
            Table(
                caption: "Policies over the whole trace",
                columns: [
                    .init("policy", "policy", .text), .init("meanProvisionedWatts", "mean power", .power),
                    .init("drawnEnergyJoules", "energy drawn", .energy),
                    .init("meanServers", "mean servers", .count),
                    .init("violationFraction", "violated", .fraction),
                    .init("unservedFraction", "unserved", .gap), .init("decisions", "changes", .count),
                    .init("secondsDeciding", "s deciding", .plain),
                ],
                rows: timelines.map {
                    [
                        .text($0.policy), .quantity($0.meanProvisionedPower), .quantity($0.drawnEnergy),
                        .number($0.meanServers), .quantity($0.violationFraction),
                        .quantity($0.unservedFraction), .integer($0.decisions.count),
                        .number(($0.decisionSeconds * 100).rounded() / 100),
                    ]
                }))
    }
}

// MARK: - A year through the command

extension ReplayBenchmark {
    /// What a year is played with: six models, ten types, seven policies.
    private static let scenarioText = """
        id: year
        title: Six models on ten modelled server types over a year of minutes
        seed: 1
        models: [rm1, rm2, rm3, ncf, wnd, mtwnd]
        fleet: year
        trace:
          file: year.csv
          time_column: time
          columns: {rm1: model-1, rm2: model-2, rm3: model-3, ncf: model-4, wnd: model-5, mtwnd: model-6}
          peak_queries_per_second: {rm1: 80_000, rm2: 8_000, rm3: 30_000, ncf: 200_000, wnd: 40_000, \
          mtwnd: 30_000}
        profile: {batches: [64], cell_seconds: 1.0, load_fraction: 0.7, confirmation_seconds: 4}
        search: {method: gradient, batches: [16, 64, 256, 1024], queries: 1000}
        replay:
          policies: [static, oblivious, greedy, priority, reactive, hercules, oracle]
          subject: hercules
          baseline: static
          gap_fraction: 0.001
          over_provision: {rule: quantile, initial_fraction: 0.10, quantile: 0.99, window_intervals: 1440, \
        maximum_fraction: 0.5}
          forecast: {forecaster: holt_winters, season_seconds: 86_400}
          dynamics: {boot_seconds: 90, model_load_seconds: 30, drain_seconds: 5, idle_hold_seconds: 300}
          decisions: {period_seconds: 300, replan_fraction: 0.02, switching_horizon_seconds: 900}
          failures: {server_mean_seconds: 7_776_000, rack_mean_seconds: 31_536_000, rack_servers: 20, \
        repair_mean_seconds: 14_400}
          tariff: {currency: USD, price_per_kilowatt_hour: 0.12}
        """

    private static let fleetText = """
        id: year
        servers: {cpu-t1: 120, cpu-t1-nmp-x2: 20, cpu-t1-nmp-x4: 20, cpu-t1-p100: 15, cpu-t2: 90, \
        cpu-t2-nmp-x2: 20, cpu-t2-nmp-x4: 20, cpu-t2-p100: 15, cpu-t2-v100: 15, cpu-t2-nmp-x8-v100: 10}
        """

    /// The catalogue of this package with a scenario, a fleet and a trace of so many days.
    private static func writeYear(_ days: Double, in folder: URL) throws -> String {
        let catalogue = folder.appendingPathComponent("Workloads")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: "Workloads"), to: catalogue)
        let (trace, source) = try load(intervals: Int(days * 1440))
        let files = [
            ("scenarios/year.yaml", scenarioText), ("fleets/year.yaml", fleetText),
            ("traces/year.csv", TraceCSV.text(of: trace)),
        ]
        for (name, text) in files {
            try Data((text + "\n").utf8).write(to: catalogue.appendingPathComponent(name))
        }
        return source
    }

    /// A year of minutes through the command and its database: time, memory, size of the file, report and
    /// export.
    static func playYear(_ days: Double, board: inout BenchmarkBoard) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "year-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = try writeYear(days, in: folder)
        let scenario = ["Workloads/scenarios/year.yaml", "--database", "year.sqlite", "--quiet"]
        var rows: [[Table.Cell]] = []
        func megabytes(_ name: String) -> Double {
            let path = folder.appendingPathComponent(name).path
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
            return (size?.doubleValue ?? 0) / 1e6
        }
        func step(_ title: String, _ arguments: [String], _ file: String) throws -> FinishedProgram {
            board.progress(title)
            let done = try FinishedProgram.run(BuiltProgram.hercules, arguments, in: folder)
            rows.append([
                .text(title), .number((done.seconds * 10).rounded() / 10),
                .number(done.peakMegabytes.rounded()), .number((megabytes(file) * 10).rounded() / 10),
            ])
            return done
        }
        _ = try step("search", ["search"] + scenario, "year.sqlite")
        let replay = try step("replay", ["replay"] + scenario, "year.sqlite")
        let size = megabytes("year.sqlite")
        let again = try step("replay, stored before", ["replay"] + scenario, "year.sqlite")
        let database = ["--database", "year.sqlite", "--quiet"]
        let report = try step("report", ["report", "--output", "year.html"] + database, "year.html")
        let export = try step("export", ["export", "--output", "out"] + database, "out/intervals.csv")
        let check = try step("db check", ["db", "check", "--database", "year.sqlite"], "year.sqlite")
        board.show(
            Table(
                caption: "\(Int(days)) days of minutes through the command: \(source)",
                columns: [
                    .init("what", "What", .text), .init("seconds", "s", .plain),
                    .init("peakMegabytes", "peak MB", .plain), .init("fileMegabytes", "file MB", .plain),
                ], rows: rows))
        board.figure("yearReplaySeconds", .number(replay.seconds))
        board.figure("yearStoredReplaySeconds", .number(again.seconds))
        board.figure("yearReportSeconds", .number(report.seconds))
        board.figure("yearReportMegabytes", .number(megabytes("year.html")))
        board.figure("yearExportSeconds", .number(export.seconds))
        board.figure("yearCheckSeconds", .number(check.seconds))
        board.bar("a year through the command: seconds", replay.seconds, atMost: 120)
        board.bar("a year through the command: peak MB", replay.peakMegabytes, atMost: 1000)
        board.bar("a year through the command: MB of database", size, atMost: 200)
        board.bar("a year's report in MB", megabytes("year.html"), atMost: 20)
    }
}
