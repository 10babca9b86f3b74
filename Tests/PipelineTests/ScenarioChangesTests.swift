import Catalog
import Foundation
import Pipeline
import Quantities
import Testing
import Vocabulary

/// What a command line changes of a scenario, by names that the scenario has to judge.
@Suite struct ScenarioChangesTests {
    private static let workloads = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Workloads").path
    private let scenario: Scenario

    init() throws {
        let path = "\(Self.workloads)/scenarios/modelled.yaml"
        scenario = try Catalog(forScenarioAt: path).scenario(at: path, host: nil, known: .builtIn).scenario
    }

    /// The scenario with one model whose tables were cut.
    private func withCutModel() -> Scenario {
        var cut = scenario
        cut.models = [scenario.models[0].renamed("rm1-200k-rows"), scenario.models[3]]
        return cut
    }

    private func unknown(_ kind: String, _ found: String, _ body: () throws -> some Any) -> Bool {
        do {
            _ = try body()
            return false
        } catch PipelineError.unknownName(kind, found, _) {
            return true
        } catch {
            return false
        }
    }

    @Test func namesAreJudgedByThoseThatAreKnown() throws {
        let known = KnownNames(policies: ["mine"], searchMethods: ["own"], engines: ["ours"])
        var changes = ScenarioChanges()
        changes.policies = ["mine"]
        changes.baseline = "mine"
        changes.method = "own"
        changes.engine = EngineSettings(name: "ours")
        let changed = try changes.applied(to: scenario, known: known)
        #expect(changed.replay.policies.first == "mine" && changed.replay.baseline == "mine")
        #expect(changed.search.method == "own" && changed.profile.engine?.name == "ours")
        #expect(unknown("engine", "ours") { try changes.applied(to: scenario, known: .builtIn) })
        changes.engine = nil
        #expect(
            unknown("search method", "own") { try changes.applied(to: scenario, known: .builtIn) })
        changes.method = nil
        #expect(unknown("policy", "mine") { try changes.applied(to: scenario, known: .builtIn) })
    }

    @Test func withoutChangesTheScenarioStays() throws {
        #expect(try ScenarioChanges().applied(to: scenario, known: .builtIn) == scenario)
    }

    @Test func theTraceIsCutToItsBeginning() throws {
        var changes = ScenarioChanges()
        changes.traceLength = Nanoseconds(seconds: 86_400)
        let day = try changes.applied(to: scenario, known: .builtIn).requiredTrace()
        #expect(day.span == Nanoseconds(seconds: 86_400) && day.models == scenario.trace?.models)
        changes.traceLength = Nanoseconds(seconds: 8_640_000_000)
        #expect(try changes.applied(to: scenario, known: .builtIn).trace == scenario.trace)
        changes.traceLength = Nanoseconds(1)
        #expect(try changes.applied(to: scenario, known: .builtIn).trace?.intervalCount == 1)
    }

    @Test func loadsGoByBaseNamesToo() throws {
        let scenario = withCutModel()
        var request = DemandRequest()
        request.loads = ["rm1": QueriesPerSecond(100), "ncf": QueriesPerSecond(20)]
        request.scale = 2
        let demand = try #require(try request.demand(for: scenario))
        #expect(demand["rm1-200k-rows"] == QueriesPerSecond(200) && demand["ncf"] == QueriesPerSecond(40))
        request.loads = ["rm1-200k-rows": QueriesPerSecond(100)]
        #expect(try request.demand(for: scenario)?["ncf"] == .zero)
        request.loads["rm1"] = QueriesPerSecond(5)
        #expect(throws: PipelineError.self) { try request.demand(for: scenario) }
        request.loads = ["bert": QueriesPerSecond(5)]
        #expect(unknown("model", "bert") { try request.demand(for: scenario) })
    }

    @Test func withoutLoadsTheDemandIsTheTracesPeak() throws {
        var request = DemandRequest()
        #expect(try request.demand(for: scenario) == nil)
        request.scale = 3
        #expect(try request.demand(for: scenario) == scenario.trace?.peakDemand.scaled(by: 3))
    }

    @Test func goalsGoByNamesOfTheScenario() throws {
        let scenario = withCutModel()
        var changes = PlanGoalChanges()
        changes.pinned["rm1", "cpu-t1"] = 3
        changes.minServers = ["rm1": 2]
        changes.maxTypes = 4
        changes.pricesPerHour = ["cpu-t1": 0.5]
        let goal = try changes.goal(for: scenario, headroom: Fraction(0.25), idlePowers: [:])
        #expect(goal.constraints.pinned["rm1-200k-rows", "cpu-t1"] == 3)
        #expect(goal.constraints.minServers == ["rm1-200k-rows": 2] && goal.constraints.maxTypes == 4)
        #expect(goal.rates.pricesPerHour == ["cpu-t1": 0.5] && goal.rates.fullness == Fraction(0.8))
        changes.pinned["rm1-200k-rows", "cpu-t1"] = 1
        #expect(throws: PipelineError.self) { try changes.requireKnownNames(in: scenario) }
    }

    @Test func namesThatTheScenarioDoesNotKnowAreRefused() {
        func refused(_ kind: String, _ name: String, _ change: (inout PlanGoalChanges) -> Void) -> Bool {
            var changes = PlanGoalChanges()
            change(&changes)
            return unknown(kind, name) { try changes.requireKnownNames(in: scenario) }
        }
        #expect(refused("server type", "x") { $0.pricesPerHour = ["x": 1] })
        #expect(refused("server type", "x") { $0.embodiedGramsPerHour = ["x": 1] })
        #expect(refused("server type", "x") { $0.pinned["ncf", "x"] = 1 })
        #expect(refused("model", "x") { $0.reserved["x", "cpu-t1"] = 1 })
        #expect(refused("model", "x") { $0.minServers = ["x": 1] })
        #expect(refused("model", "x") { $0.priorities = ["x": 1] })
        #expect(unknown("server type", "x") { try FleetSizingStage.requireKnown(["x": 1], in: scenario) })
        #expect(unknown("model", "x") { try LiveComparison.requireKnown(["x"], in: scenario) })
        #expect(unknown("policy of the replay", "x") { try ExportStage.requirePlayed("x", in: scenario) })
        #expect(throws: PipelineError.self) { try LiveSearchStage.thisHost(of: scenario) }
    }
}

extension Model {
    fileprivate func renamed(_ name: String) -> Model {
        Model(
            id: ModelID(name), title: title, source: source, kind: kind, latencyTarget: latencyTarget,
            querySizes: querySizes)
    }
}
