import Foundation
import Reporting

/// What the subject of each shipped scenario saves against every other policy where both serve equally well,
/// through the real command.
enum SavingsBenchmark: Benchmark {
    static let name = "savings"
    static let purpose =
        "savings at equal service on scenarios and published traces [--only SCENARIO|traces|TRACE]"

    private static let scenarios = [
        "modelled", "operated", "published", "paper-cluster", "paper-cluster-full", "accelerated",
    ]
    private static let rivals = [
        "greedy", "priority", "oblivious", "reactive", "melange", "round-robin-static", "target-tracking",
    ]
    private static let oracle = "oracle"

    struct Replay: Decodable {
        struct Policy: Decodable {
            let name: String
            let cost: Double?
            let decisionSeconds: Double
        }

        struct Saving: Decodable {
            let baseline: String
            let measure: String
            let level: Double
            let drawnEnergyFraction: Double?
            let low: Double?
            let high: Double?
            let provisionedEnergyFraction: Double?
            let costFraction: Double?
        }

        struct Point: Decodable {
            let policy: String
            let isOwn: Bool
            let drawnWatts: Double
            let changes: Int
            let violationFraction: Double
            let unservedFraction: Double
        }

        let policies: [Policy]
        let equalService: [Saving]
        let frontier: [Point]

        /// A policy as the scenario has it.
        func own(_ policy: String) -> Point? { frontier.first { $0.isOwn && $0.policy == policy } }

        /// What a policy draws as the scenario has it.
        func drawnWatts(_ policy: String) -> Double? { own(policy)?.drawnWatts }

        /// What the subject draws as the scenario has it, where that is what a saving compares; nil where the
        /// baseline is compared elsewhere.
        func drawnWatts(_ subject: String, at saving: Saving) -> Double? {
            guard let own = frontier.first(where: { $0.isOwn && $0.policy == subject }) else { return nil }
            let missed = saving.measure == "unserved" ? own.unservedFraction : own.violationFraction
            return abs(missed - saving.level) < 1e-9 ? own.drawnWatts : nil
        }

        /// Of what a baseline draws beyond the oracle at equal service, the share that is saved; nil without
        /// an oracle, or where the baseline draws no more or is compared elsewhere.
        func closed(_ saving: Saving, subject: String) -> Double? {
            guard let share = saving.drawnEnergyFraction, share < 1,
                let own = drawnWatts(subject, at: saving), let least = drawnWatts(oracle)
            else { return nil }
            let baseline = own / (1 - share)
            return baseline > least ? share * baseline / (baseline - least) : nil
        }
    }

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let only = arguments.firstIndex(of: "--only").flatMap { index in
            index + 1 < arguments.count ? arguments[index + 1] : nil
        }
        for scenario in only.map({ name in scenarios.filter { $0 == name } }) ?? scenarios {
            try weigh(scenario, &board)
        }
        guard only.map({ !scenarios.contains($0) }) ?? true else { return }
        for (trace, replay) in try PublishedTraces.replays(only: only == "traces" ? nil : only, board) {
            tell(replay, of: trace, &board)
            if let (own, other) = changes(replay), own > other { try weighBudget(of: trace, &board) }
        }
    }

    /// What a published trace's changes come to where they are held to the autoscaler's, and what that costs.
    private static func weighBudget(of trace: String, _ board: inout BenchmarkBoard) throws {
        guard
            let replay = try PublishedTraces.replays(only: trace, changesLike: "reactive", board).first?
                .replay,
            let (own, other) = changes(replay)
        else { return }
        board.bar(
            "\(trace): servers changed, held to the autoscaler's, over those it changes", own / other,
            atMost: 1)
        for saving in replay.equalService where ["greedy", "reactive"].contains(saving.baseline) {
            guard let saved = saving.drawnEnergyFraction else { continue }
            board.figure("\(trace)-held-\(saving.baseline)-\(saving.measure)", .number(saved))
        }
    }

    /// Servers that the subject and the autoscaler change.
    private static func changes(_ replay: Replay) -> (own: Double, other: Double)? {
        guard let own = replay.own("hercules")?.changes, let other = replay.own("reactive")?.changes,
            other > 0
        else { return nil }
        return (Double(own), Double(other))
    }

    /// What the subject of one shipped scenario saves, as a part of another benchmark.
    static func weigh(_ scenario: String, _ board: inout BenchmarkBoard) throws {
        tell(try replay(of: scenario), of: scenario, &board)
    }

    /// What a replay with its frontier says, in tables, figures and bars.
    static func tell(_ replay: Replay, of scenario: String, _ board: inout BenchmarkBoard) {
        show(replay, of: scenario, board)
        weigh(replay, of: scenario, &board)
    }

    private static func replay(of scenario: String) throws -> Replay {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "savings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = try BuiltProgram.output(of: [
            "run", "Workloads/scenarios/\(scenario).yaml", "--format", "json", "--quiet", "--database",
            folder.appendingPathComponent("savings.sqlite").path, "--output",
            folder.appendingPathComponent("report.html").path,
        ])
        return try JSONDecoder().decode(Replay.self, from: output)
    }

    private static func cell(_ value: Double?) -> Table.Cell { value.map { .number($0) } ?? .missing }

    private static func show(_ replay: Replay, of scenario: String, _ board: BenchmarkBoard) {
        board.show(
            Table(
                caption: "\(scenario): saved at equal service, and the bounds of 90 % of resampled days",
                columns: [
                    .init("baseline", "against", .text), .init("measure", "where equal", .text),
                    .init("level", "at", .gap), .init("drawn", "drawn energy", .fraction),
                    .init("low", "from", .fraction), .init("high", "to", .fraction),
                    // At equal service the same is served, queries as well as tokens.
                    .init("perWatt", "served per watt", .fraction),
                    .init("provisioned", "provisioned", .fraction), .init("cost", "cost", .fraction),
                    .init("closed", "of the way to the oracle", .fraction),
                ],
                keyColumnCount: 2,
                rows: replay.equalService.map {
                    [
                        .text($0.baseline), .text($0.measure), .number($0.level),
                        cell($0.drawnEnergyFraction),
                        cell($0.low), cell($0.high),
                        cell($0.drawnEnergyFraction.map { 1 / (1 - $0) - 1 }),
                        cell($0.provisionedEnergyFraction),
                        cell($0.costFraction), cell(replay.closed($0, subject: "hercules")),
                    ]
                }))
        board.show(
            Table(
                caption: "\(scenario): policies as the scenario has them",
                columns: [
                    .init("policy", "policy", .text), .init("drawnWatts", "mean drawn", .power),
                    .init("violated", "violated", .gap), .init("changes", "servers changed", .count),
                    .init("cost", "energy bill", .plain), .init("seconds", "seconds deciding", .plain),
                ],
                rows: replay.frontier.filter(\.isOwn).map { point in
                    let played = replay.policies.first { $0.name == point.policy }
                    return [
                        .text(point.policy), .number(point.drawnWatts), .number(point.violationFraction),
                        .integer(point.changes), cell(played?.cost?.rounded()),
                        cell((played?.decisionSeconds).map { (10 * $0).rounded() / 10 }),
                    ]
                }))
    }

    private static func weigh(_ replay: Replay, of scenario: String, _ board: inout BenchmarkBoard) {
        for saving in replay.equalService {
            let key = "\(scenario)-\(saving.baseline)-\(saving.measure)"
            guard let saved = saving.drawnEnergyFraction else {
                if rivals.contains(saving.baseline) {
                    board.note(
                        "\(scenario): \(saving.baseline) has no setting that misses as little, or as much, "
                            + "as hercules (\(saving.measure)): not comparable.")
                }
                continue
            }
            board.figure(key, .number(saved))
            guard rivals.contains(saving.baseline) else { continue }
            let target = target(scenario, saving.baseline)
            board.bar(
                "\(scenario): drawn energy saved against \(saving.baseline), equal \(saving.measure)", saved,
                atLeast: target)
            if saved < target, let note = bound(replay, saving, of: scenario) { board.note(note) }
            if PublishedTraces.closing.contains(scenario), saving.baseline != "oblivious",
                let closed = replay.closed(saving, subject: "hercules")
            {
                board.bar(
                    "\(scenario): of the way from \(saving.baseline) to the oracle, equal \(saving.measure)",
                    closed, atLeast: 1.0 / 3)
            }
            if scenario == "accelerated", let cost = saving.costFraction, saving.baseline != "oblivious" {
                board.bar(
                    "\(scenario): bill saved against \(saving.baseline), equal \(saving.measure)", cost,
                    atLeast: 0)
            }
        }
        weighChanges(replay, of: scenario, &board)
        if let seconds = replay.policies.first(where: { $0.name == "hercules" })?.decisionSeconds {
            board.figure("\(scenario)-decisionSeconds", .number(seconds))
            board.bar("\(scenario): seconds of deciding in a replay", seconds, atMost: 60)
        }
    }

    /// Servers changed beside the autoscaler's, where that was played.
    private static func weighChanges(
        _ replay: Replay, of scenario: String, _ board: inout BenchmarkBoard
    ) {
        guard let (own, other) = changes(replay) else { return }
        board.bar("\(scenario): servers changed, over those the autoscaler changes", own / other, atMost: 1)
        guard own > other, let missed = replay.own("hercules")?.violationFraction else { return }
        // As the scenario has it the autoscaler holds more and misses less.
        let alike = replay.frontier.filter { $0.policy == "reactive" }.min {
            abs($0.violationFraction - missed) < abs($1.violationFraction - missed)
        }
        guard let alike else { return }
        let drawn = (1000 * (alike.drawnWatts / (replay.drawnWatts("hercules") ?? .nan) - 1)).rounded() / 10
        board.note(
            "\(scenario): the autoscaler's setting that misses most alike changes \(alike.changes) servers, "
                + "where hercules changes \(Int(own)), and draws \(drawn) % more.")
    }

    /// The share to be saved of what a policy draws.
    private static func target(_ scenario: String, _ baseline: String) -> Double {
        switch (scenario, baseline) {
        case (_, "oblivious"): 0.3
        case ("modelled", _): 0.01
        case ("paper-cluster-full", "greedy"), ("paper-cluster-full", "priority"): 0.04
        default: -0.005
        }
    }

    /// What even the program that knows the load to come would save, where a bar is missed.
    private static func bound(_ replay: Replay, _ saving: Replay.Saving, of scenario: String) -> String? {
        guard let share = saving.drawnEnergyFraction, let own = replay.drawnWatts("hercules", at: saving),
            let least = replay.drawnWatts(oracle)
        else { return nil }
        let whole = 1 - least * (1 - share) / own
        return "\(scenario): of what \(saving.baseline) draws at equal \(saving.measure), the program that "
            + "knows the load to come saves \((1000 * whole).rounded() / 10) %."
    }
}
