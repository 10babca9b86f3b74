import Foundation
import Pipeline
import Provisioning
import Quantities
import Reporting
import Vocabulary

/// Provisioning plans: proven gap and processor time over a ladder of sizes, beside HiGHS called cold through
/// SciPy's `milp` on the same instances, and what each technique contributes.
enum PlanBenchmark: Benchmark {
    static let name = "plan"
    static let purpose =
        "provisioning plans beside HiGHS, by size; --short, or --only and sizes or `ablation`"

    /// The gap that plans and peers are to prove.
    private static let gap = 1e-3

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let isShort = arguments.contains("--short")
        let cap = isShort ? 10.0 : 60
        let only = arguments.firstIndex(of: "--only").map { arguments.dropFirst($0 + 1).map { $0 } }
        var ladder = PlanLadder(only: only)
        board.note("Processor time of one thread; the peer is stopped after \(Int(cap)) s of an instance.")

        let day = try PlanInstance.drawn(types: 10, models: 6, servers: 600, intervals: 288, seed: 1)
        try ladder.measure("day", day, peerEvery: isShort ? 48 : 16, peerSeconds: cap, gap: gap)
        let real = try realTables(isShort)
        try ladder.measure(
            "real", real, peerEvery: isShort ? 48 : 12, peerSeconds: min(cap, 20), gap: gap)
        // Close to the fleet's limit at the day's peak, where all types are contested.
        try ladder.measure(
            "real x3", real.scaled(by: 3), peerEvery: isShort ? 48 : 8, peerSeconds: min(cap, 20), gap: gap)
        for seed in 1...(isShort ? 2 : 8) as ClosedRange<UInt64> {
            try ladder.measure(
                "50x50", try .drawn(types: 50, models: 50, servers: 5000, intervals: 1, seed: seed),
                peerEvery: seed <= (isShort ? 1 : 3) ? 1 : 0, peerSeconds: cap, gap: gap)
        }
        try ladder.measure(
            "50x50 day", try .drawn(types: 50, models: 50, servers: 5000, intervals: 24, seed: 9),
            peerEvery: 0, peerSeconds: cap, gap: gap)
        for seed in 1...(isShort ? 1 : 3) as ClosedRange<UInt64> {
            try ladder.measure(
                "200x200", try .drawn(types: 200, models: 200, servers: 20_000, intervals: 1, seed: seed),
                peerEvery: seed == 1 ? 1 : 0, peerSeconds: cap, gap: gap)
        }
        try ladder.measure(
            "200x2000", try .drawn(types: 200, models: 2000, servers: 200_000, intervals: 1, seed: 1),
            peerEvery: isShort ? 0 : 1, peerSeconds: cap, gap: gap)
        board.show(ladder.table)
        if only?.contains("ablation") ?? true { try PlanAblation.run(on: day, gap: gap, board: &board) }
        bars(ladder, &board)
    }

    private static func bars(_ ladder: PlanLadder, _ board: inout BenchmarkBoard) {
        for row in ladder.sizes {
            let key = row.filter { $0.isLetter || $0.isNumber }
            let plans = ladder.plans(row)
            board.figure("\(key)MedianGap", .number(plans.map(\.gap).median))
            board.figure("\(key)WorstGap", .number(plans.map(\.gap).max() ?? 0))
            board.figure("\(key)MedianMilliseconds", .number(1000 * plans.map(\.seconds).median))
            if let speedUp = ladder.speedUp(row) { board.figure("\(key)SpeedUp", .number(speedUp)) }
        }
        func worst(_ size: String, _ value: (PlanLadder.Measured) -> Double) -> Double? {
            ladder.plans(size).map(value).max()
        }
        // Where HiGHS was not asked there is nothing to compare with.
        func faster(_ name: String, _ size: String, atLeast times: Double) {
            guard let speedUp = ladder.speedUp(size) else { return }
            board.bar("\(name): times faster than HiGHS", speedUp, atLeast: times)
        }
        if ladder.sizes.contains("day") {
            board.bar("10x6 day: median gap", ladder.plans("day").map(\.gap).median, atMost: gap)
            faster("10x6 day", "day", atLeast: 20)
        }
        if ladder.sizes.contains("real x3") {
            board.bar(
                "real tables, three times the load: median gap", ladder.plans("real x3").map(\.gap).median,
                atMost: gap)
            faster("real tables, three times the load", "real x3", atLeast: 20)
        }
        if let found = worst("50x50", \.gap) {
            board.bar("50x50: worst gap", found, atMost: gap)
            faster("50x50", "50x50", atLeast: 100)
        }
        if let found = worst("200x200", \.gap), let seconds = worst("200x200", \.seconds) {
            board.bar("200x200: worst gap", found, atMost: gap)
            board.bar("200x200: seconds", seconds, atMost: 1)
        }
        if let found = worst("200x2000", \.gap), let seconds = worst("200x2000", \.seconds) {
            board.bar("200x2000: gap", found, atMost: gap)
            board.bar("200x2000: seconds", seconds, atMost: 60)
        }
        board.bar("plans worse than HiGHS' at equal time", Double(ladder.worseAtEqualTime), atMost: 0)
    }

    /// The modelled scenario's efficiency table, fleet and first day, with its initial headroom.
    ///
    /// Its search is kept beside the build, so that only the first benchmark waits for it.
    private static func realTables(_ isShort: Bool) throws -> PlanInstance {
        let session = try Session.open(
            scenarioPath: "Workloads/scenarios/modelled.yaml", databasePath: ".build/benchmark-plan.sqlite",
            changes: ScenarioChanges(), progress: SilentProgress())
        _ = try SearchStage(session).run()
        let trace = try session.scenario.requiredTrace()
        let factor = 1 + session.scenario.replay.overProvision.initial.value
        let intervals = min(trace.intervalCount, Int(86_400 / trace.interval.seconds))
        return PlanInstance(
            name: "modelled scenario", fleet: session.scenario.fleet, table: try session.efficiencyTable(),
            demands: (0..<intervals).map { trace.demand(at: $0).scaled(by: factor) })
    }
}

/// What was measured on a ladder of sizes.
struct PlanLadder {
    /// One plan.
    struct Measured {
        let gap: Double
        let objective: Double
        let seconds: Double
        let route: PlanRoute
    }

    /// The only sizes to measure; nil for all.
    let only: [String]?
    private(set) var sizes: [String] = []
    private var measured: [String: [Measured]]
    private var answers: [String: [(ours: Measured, peer: PlanPeer.Answer)]]

    init(only: [String]?) {
        self.only = only
        measured = [:]
        answers = [:]
    }

    /// Plans every interval of an instance, each from the memory of the one before, and asks the peer now and
    /// then.
    mutating func measure(
        _ size: String, _ instance: PlanInstance, peerEvery: Int, peerSeconds: Double, gap: Double
    ) throws {
        if let only, !only.contains(size) { return }
        if !sizes.contains(size) { sizes.append(size) }
        let problems = try instance.problems()
        let plans = try Self.planned(problems, planner: IntegerProgramPlanner(gap: Fraction(gap)))
        let text = "\(size): \(plans.count) plans in \(plans.map(\.seconds).reduce(0, +)) s"
        FileHandle.standardError.write(Data("\(text)\n".utf8))
        measured[size, default: []] += plans
        guard peerEvery > 0 else { return }
        let asked = stride(from: 0, to: problems.count, by: peerEvery).map { $0 }
        let found = try PlanPeer.solve(
            asked.map {
                PlanPeer.Task(
                    name: "\(size) \($0)", problem: problems[$0], seconds: peerSeconds,
                    ourSeconds: plans[$0].seconds)
            }, gap: gap)
        answers[size, default: []] += zip(asked, found).map { (plans[$0], $1) }
    }

    static func planned(
        _ problems: [ProvisioningProblem], planner: IntegerProgramPlanner, remembers: Bool = true
    ) throws -> [Measured] {
        var memory: PlanningMemory?
        return try problems.map { problem in
            let start = processorSeconds()
            let outcome = try planner.plan(problem, after: remembers ? memory : nil)
            let seconds = processorSeconds() - start
            memory = outcome.memory
            return Measured(
                gap: outcome.plan.gap?.value ?? 1, objective: outcome.plan.objective.value, seconds: seconds,
                route: outcome.effort.route)
        }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    func plans(_ size: String) -> [Measured] { measured[size] ?? [] }

    /// The peer's median time over ours on the same instances; where the peer was stopped early this is too
    /// low.
    func speedUp(_ size: String) -> Double? {
        guard let pairs = answers[size], !pairs.isEmpty else { return nil }
        return pairs.map { $0.peer.seconds / $0.ours.seconds }.median
    }

    /// On how many instances the peer had a better allocation after the time ours took.
    var worseAtEqualTime: Int {
        answers.values.joined().count { pair in
            pair.peer.equalObjective.map { $0 < pair.ours.objective * (1 - 1e-9) } ?? false
        }
    }

    var table: Table {
        Table(
            caption: "Plans, and HiGHS on the same instances",
            columns: [
                .init("size", "Size", .text), .init("plans", "Plans", .count),
                .init("gapMedian", "Median gap", .gap), .init("gapWorst", "Worst gap", .gap),
                .init("milliseconds", "Median time", .milliseconds),
                .init("worstMilliseconds", "Worst time", .milliseconds), .init("routes", "Routes", .text),
                .init("asked", "HiGHS asked", .count), .init("reached", "Reached", .count),
                .init("peerMilliseconds", "Its median time", .milliseconds),
                .init("peerGap", "Its worst gap", .text), .init("speedUp", "Times faster", .plain),
            ],
            rows: sizes.map { size in
                let plans = plans(size)
                let peers = answers[size] ?? []
                let routes = Dictionary(grouping: plans, by: \.route).mapValues(\.count)
                return [
                    .text(size), .integer(plans.count), .number(plans.map(\.gap).median),
                    .number(plans.map(\.gap).max() ?? 0), .number(1000 * plans.map(\.seconds).median),
                    .number(1000 * (plans.map(\.seconds).max() ?? 0)),
                    .text(
                        routes.sorted { $0.key.rawValue < $1.key.rawValue }
                            .map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")),
                    .integer(peers.count), .integer(peers.count { $0.peer.isReached }),
                    peers.isEmpty ? .missing : .number(1000 * peers.map(\.peer.seconds).median),
                    peers.isEmpty ? .missing : .text(Self.worstGap(peers.map(\.peer))),
                    speedUp(size).map { .number(($0 * 10).rounded() / 10) } ?? .missing,
                ]
            })
    }

    private static func worstGap(_ answers: [PlanPeer.Answer]) -> String {
        let gaps = answers.map(\.gap)
        guard !gaps.contains(nil) else { return "nothing found" }
        return String(format: "%.3f %%", 100 * (gaps.compactMap { $0 }.max() ?? 0))
    }
}

/// What each technique contributes: the same plans with one of them left out.
enum PlanAblation {
    static func run(on day: PlanInstance, gap: Double, board: inout BenchmarkBoard) throws {
        let small = try day.problems()
        let large = try (1...2 as ClosedRange<UInt64>).flatMap {
            try PlanInstance.drawn(types: 50, models: 50, servers: 5000, intervals: 4, seed: $0).problems()
        }
        // Without the solver at the end: its minute would hide what the others reach.
        var full = PlanningLimits()
        full.solverNodes = 0
        var withoutPrices = full
        withoutPrices.priceSteps = 0
        var withoutDescents = full
        withoutDescents.descents = 0
        var withoutAnnealing = full
        withoutAnnealing.annealingMoves = 0
        var withoutCombination = full
        withoutCombination.combinationNodes = 0
        let variants: [(String, PlanningLimits, Bool)] = [
            ("everything", full, true), ("no memory of the last plan", full, false),
            ("no price steps", withoutPrices, true), ("no descents", withoutDescents, true),
            ("no annealing", withoutAnnealing, true),
            ("no combinations", withoutCombination, true),
        ]
        var rows: [[Table.Cell]] = []
        for (name, limits, remembers) in variants {
            let planner = try IntegerProgramPlanner(gap: Fraction(gap), limits: limits)
            let day = try PlanLadder.planned(small, planner: planner, remembers: remembers)
            let wide = try PlanLadder.planned(large, planner: planner, remembers: remembers)
            rows.append(
                [.text(name)]
                    + [day, wide].flatMap { plans -> [Table.Cell] in
                        [
                            .number(plans.map(\.gap).median), .number(plans.map(\.gap).max() ?? 0),
                            .number(1000 * plans.map(\.seconds).mean),
                        ]
                    })
        }
        board.show(
            Table(
                caption: "What each technique contributes (no solver at the end; mean time of a plan)",
                columns: [
                    .init("variant", "Variant", .text), .init("dayGap", "10x6 gap", .gap),
                    .init("dayWorst", "worst", .gap), .init("dayTime", "time", .milliseconds),
                    .init("wideGap", "50x50 gap", .gap), .init("wideWorst", "worst", .gap),
                    .init("wideTime", "time", .milliseconds),
                ], rows: rows))
    }
}

extension [Double] {
    /// The middle value; 0 of nothing.
    fileprivate var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }

    fileprivate var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}
