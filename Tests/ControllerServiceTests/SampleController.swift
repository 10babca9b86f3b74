import Controlling
import Foundation
import Quantities
import Synchronization
import Vocabulary

@testable import hercules_controller

/// A controller whose picture is made up, for what shows it and for who asks it.
final class SampleController: LiveController {
    struct State {
        var snapshot = Sample.snapshot()
        var decisions = [Sample.decision(id: 1), Sample.decision(id: 2)]
        var events: [ControllerEvent] = Sample.events
        var commands: [ControllerCommand] = []
        var actors: [ControllerActor] = []
        var refusal: ControllerRefusal?
    }

    let state: Mutex<State>

    init(_ change: (inout State) -> Void = { _ in }) {
        var state = State()
        change(&state)
        self.state = Mutex(state)
    }

    func snapshot() async -> ControllerSnapshot { state.withLock { $0.snapshot } }

    func decisions(_ query: DecisionQuery) async throws -> [ControllerDecision] {
        state.withLock { state in
            state.decisions.reversed().filter { decision in
                decision.id > query.after ?? 0 && (query.reason.map { decision.reason == $0 } ?? true)
                    && (query.model.map { decision.model == $0 } ?? true)
            }
        }
    }

    func decision(_ id: Int64) async throws -> ControllerDecision? {
        state.withLock { $0.decisions.first { $0.id == id } }
    }

    func events(after id: Int64, limit: Int) async throws -> [ControllerEvent] {
        state.withLock { Array($0.events.filter { $0.id > id }.prefix(limit)) }
    }

    func waitForEvent(after id: Int64, seconds: Double) async {
        // Bounded by the time asked for, in steps that a test can afford.
        for _ in 0..<Int(seconds * 100) {
            if state.withLock({ ($0.events.last?.id ?? 0) > id }) { return }
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
        }
    }

    func audit(after _: Int64, limit _: Int) async throws -> [AuditEntry] { [] }
    func history(last limit: Int) async throws -> [HistoryPoint] { Array(Sample.history.suffix(limit)) }

    func scorecard() async throws -> ControllerScorecard {
        ControllerScorecard(
            days: 1, ticks: 1440, trustedShare: 0.99, shortMinutes: 0, starts: 12, unsafeStops: 0,
            comparisons: [], recommendsActing: false, objections: ["fewer than seven days"])
    }

    func perform(_ command: ControllerCommand, by actor: ControllerActor) async throws {
        try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.commands.append(command)
            state.actors.append(actor)
        }
    }
}

/// Pictures of a fleet of three models on two server types.
enum Sample {
    static let start = WallTime(unixMilliseconds: 1_795_900_000_000)
    static let models: [ModelID] = ["rm1", "ncf", "wide-and-deep"]
    static let types: [ServerTypeID] = ["cpu-t2", "cpu-nmp"]

    static func trust(_ model: ModelID) -> InputTrust {
        model == "ncf"
            ? InputTrust(
                state: .held, cause: .thin, detail: "9 of 16 samples", ageSeconds: 12, samples: 9,
                expected: 16, since: start, queriesPerSecond: 900, resets: 0)
            : InputTrust(
                state: .fresh, ageSeconds: 4.2, samples: 16, expected: 16, queriesPerSecond: 4_800,
                resets: 0)
    }

    static func decision(id: Int64) -> ControllerDecision {
        var allocation = Allocation()
        allocation["rm1", "cpu-t2"] = 20
        allocation["ncf", "cpu-t2"] = 4
        allocation["wide-and-deep", "cpu-nmp"] = 11
        return ControllerDecision(
            id: id, at: start, tick: Int(id), mode: .advisory, generation: 3, reason: .loadRose,
            sentence: "rm1 needs 9 % more (4,800 to 5,240/s): 2 more cpu-nmp; optimum proven to 0.08 %",
            route: .direct, status: .optimal, model: "rm1", neededBefore: 4_800, neededNow: 5_240,
            load: ["rm1": 4_800, "ncf": 900], forecast: ["rm1": 4_990, "ncf": 910],
            needed: ["rm1": 5_240, "ncf": 955], headroom: ["rm1": 0.05, "ncf": 0.05],
            trust: Dictionary(uniqueKeysWithValues: models.map { ($0, trust($0)) }),
            objectiveWatts: 50_610, boundWatts: 50_570, gap: 0.0008, seconds: 0.004,
            allocation: allocation,
            orders: [.init(model: "rm1", serverType: "cpu-nmp", from: 20, to: 22)],
            cut: [.init(rule: "S1", model: "rm1", serverType: nil, asked: 30, allowed: 22)],
            binding: ["cpu-nmp servers: 40 of 40"],
            instead: [
                "greedy": .init(watts: 54_120, servers: 131, short: []),
                "reactive": .init(watts: 56_900, servers: 140, short: ["ncf"]),
                "static": .init(watts: 88_000, servers: 220, short: []),
            ], fleetHold: nil)
    }

    static func snapshot() -> ControllerSnapshot {
        var counters = ControllerCounters()
        counters.ticks = ["decided": 40, "held": 2]
        counters.orders = ["start/ordered": 12, "stop/ordered": 3]
        counters.rejections = ["ncf": ["thin": 2]]
        counters.holds = ["thin": 1]
        counters.holdSeconds = 120
        counters.savedJoules = ["static": 2.2e9, "greedy": -40]
        counters.auditRows = 57
        return ControllerSnapshot(
            mode: .advisory, isPaused: false, revision: 17, isLeader: true, leader: "host-1",
            generation: 3, scenarioDigest: String(repeating: "ab", count: 32), startedAt: start,
            now: start, tick: 2, intervalSeconds: 60, lastTickAt: start,
            nextTickAt: start.adding(seconds: 60), secondsSinceTick: 12, fleetHold: nil, canWrite: true,
            decision: decision(id: 2), hasTrustedPlan: true,
            models: models.map {
                .init(
                    model: $0, trust: trust($0), load: 4_800, forecast: 4_990, needed: 5_240,
                    capacity: 5_400, headroom: 0.05)
            },
            pairs: models.flatMap { model in
                types.map {
                    .init(
                        model: model, serverType: $0, target: decision(id: 2).allocation[model, $0],
                        serving: 9, starting: 1, draining: 0, min: 1, max: 40, lag: 0, cannot: nil)
                }
            },
            available: ["cpu-t2": 100, "cpu-nmp": 40], wattsMax: 120_000,
            savings: .init(
                hours: 20, estimatedKilowattHours: 900, meteredKilowattHours: nil, currency: "EUR",
                shortMinutes: 0, starts: 12,
                against: [
                    .init(
                        policy: "static", savedKilowattHours: 610, savedMoney: 98, savedCarbonGrams: 2e5,
                        shortMinutes: 0, starts: 0)
                ]),
            proposals: [], overrides: [], counters: counters)
    }

    static let events: [ControllerEvent] = (1...7).map { index in
        ControllerEvent(
            id: index, at: start, kind: index % 2 == 0 ? .decision : .tick, text: "event \(index)",
            decision: index % 2 == 0 ? index : nil)
    }

    static let history: [HistoryPoint] = (0..<360).map { tick in
        let phase = Double(tick) / 360 * 2 * .pi
        func wave(_ base: Double) -> [ModelID: Double] {
            Dictionary(uniqueKeysWithValues: models.map { ($0, base * (1 + 0.4 * sin(phase))) })
        }
        let plan = 50_000 + 9_000 * sin(phase)
        return HistoryPoint(
            at: start.adding(seconds: Double(tick - 360) * 60), tick: tick, load: wave(4_800),
            forecast: wave(4_900), needed: wave(5_150), capacity: wave(5_400),
            headroom: ["rm1": 0.05, "ncf": 0.05, "wide-and-deep": 0.05],
            held: (100..<130).contains(tick) ? ["ncf"] : [], servers: ["cpu-t2": 24, "cpu-nmp": 11],
            watts: ["plan": plan, "greedy": plan * 1.07, "reactive": plan * 1.12, "static": 88_000],
            boundWatts: plan * 0.999)
    }
}

/// A file of tokens in a folder of its own.
final class TokenFolder {
    let path: String
    /// By role.
    let tokens: [Role: String]

    init(mode: Int = 0o600) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("tokens").path
        tokens = Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0, RandomToken.make()) })
        try write(mode: mode)
    }

    /// Writes the file, with one token of each role but those left out.
    func write(mode: Int = 0o600, without left: Set<Role> = []) throws {
        let lines = Role.allCases.filter { !left.contains($0) }.map { role in
            "\(role.rawValue)-1 \(role.rawValue) sha256:\(TokenDigest(of: tokens[role] ?? "").hexadecimal)"
        }
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
}
