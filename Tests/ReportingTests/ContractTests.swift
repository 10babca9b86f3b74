import Foundation
import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct ContractTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func searchHasTheContractsKeys() throws {
        let text = SearchJSON(entries: Fixtures.entries).text
        let array = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(array.map { $0["model"] as? String } == ["ncf", "rm1", "rm1"])
        #expect(array.map { $0["server"] as? String } == ["cpu", "cpu", "gpu"])
        let contract: Set = [
            "model", "server", "method", "partition", "threads", "workers", "batch", "qps", "watts",
            "provenance",
            "evaluations", "spaceSize",
        ]
        for element in array { #expect(contract.isSubset(of: element.keys)) }
        let last = try #require(array.last)
        #expect(last["qps"] as? Double == 400)
        #expect(last["watts"] as? Double == 500)
        #expect(last["partition"] as? String == "whole")
        #expect(last["threads"] as? Int == 4)
        #expect(last["workers"] as? Int == 2)
        #expect(last["batch"] as? Int == 128)
        #expect(last["provenance"] as? String == "modelled")
        #expect(last["wattsProvenance"] as? String == "estimated")
        #expect(last["powerBudgetWatts"] is NSNull)
        #expect(SearchJSON(entries: []).text == "[\n\n]\n")
    }

    /// Arrays have no place for a version; every object has it, however it is made.
    @Test func objectsCarryTheVersionOfTheirKeys() throws {
        let plan = PlanJSON(plan: Fixtures.optimalPlan, table: Fixtures.table).text
        let replay = ReplayJSON(
            outcome: Fixtures.replay, baseline: "static", table: Fixtures.table, includingDecisionTime: false
        ).text
        let report = JSONRenderer().render(Fixtures.replayReport.report(seed: 1))
        for text in [plan, replay, report] { #expect(try object(text)["schemaVersion"] as? Int == 1) }
        #expect(!SearchJSON(entries: Fixtures.entries).text.contains("schemaVersion"))
    }

    @Test func anEngineStandsBesideTheColumnsThatItFits() throws {
        let array = try #require(
            try JSONSerialization.jsonObject(with: Data(SearchJSON(entries: Fixtures.entries).text.utf8))
                as? [[String: Any]])
        #expect(array.allSatisfy { $0["engine"] == nil }, "threads have no such key")
        let rules = EngineRules(tensorParallel: 2, sequencesMax: 64, tokenBudget: 2048, role: .prefill)
        let entry = Fixtures.entry("rm1", "gpu", qps: 1, watts: 1, schedule: .engine(rules))
        let text = SearchJSON(entries: [entry]).text
        let engine = try #require(
            (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])?.first)
        #expect(engine["partition"] as? String == "whole")
        #expect(
            ["threads", "workers", "batch"].map { engine[$0] as? Int } == [64, 1, 1])
        let found = try #require(engine["engine"] as? [String: Any])
        #expect(found["tensorParallel"] as? Int == 2 && found["role"] as? String == "prefill")
        #expect(found.count == 7)
    }

    @Test func planHasTheContractsKeys() throws {
        let plan = try object(PlanJSON(plan: Fixtures.optimalPlan, table: Fixtures.table).text)
        #expect(
            Set(["status", "objectiveWatts", "boundWatts", "gap", "allocations", "shortfall"]).isSubset(
                of: plan.keys))
        #expect(plan["status"] as? String == "optimal")
        #expect(plan["objectiveWatts"] as? Double == 1560)
        #expect(plan["boundWatts"] as? Double == 1559)
        // JSONSerialization rounds the last digit, so the comparison is of the text.
        #expect(
            PlanJSON(plan: Fixtures.optimalPlan, table: Fixtures.table).text.contains(
                "\"gap\" : \(1.0 / 1560)"))
        let allocations = try #require(plan["allocations"] as? [[String: Any]])
        #expect(allocations.map { $0["model"] as? String } == ["ncf", "rm1", "rm1"])
        #expect(allocations.map { $0["server"] as? String } == ["cpu", "cpu", "gpu"])
        #expect(allocations.map { $0["count"] as? Int } == [2, 1, 2])
        #expect((plan["shortfall"] as? [Any])?.isEmpty == true)
    }

    @Test func whatIsNotKnownIsNullAndPresent() throws {
        let plan = try object(PlanJSON(plan: Fixtures.infeasiblePlan, table: EfficiencyTable([])).text)
        #expect(plan["status"] as? String == "infeasible")
        #expect(plan["boundWatts"] is NSNull)
        #expect(plan["gap"] is NSNull)
        let shortfall = try #require(plan["shortfall"] as? [[String: Any]])
        #expect(shortfall.count == 1)
        #expect(shortfall.first?["model"] as? String == "rm1")
        #expect(shortfall.first?["qps"] as? Double == 1234)
        let share = try #require((plan["allocations"] as? [[String: Any]])?.first)
        #expect(share["watts"] is NSNull)
        #expect(share["provenance"] is NSNull)
    }

    @Test func replayHasTheContractsKeysAndValues() throws {
        let json = ReplayJSON(
            outcome: Fixtures.replay, baseline: "static", table: Fixtures.table, includingDecisionTime: true)
        let replay = try object(json.text)
        #expect(replay["trace"] as? String == "four-hours")
        #expect(replay["intervals"] as? Int == 4)
        #expect(replay["baseline"] as? String == "static")
        let policies = try #require(replay["policies"] as? [[String: Any]])
        #expect(policies.map { $0["name"] as? String } == ["static", "hercules"])
        let own = try #require(policies.last)
        let expected: [String: Double] = [
            "meanProvisionedWatts": 1020, "peakProvisionedWatts": 1360, "energyJoules": 4080 * 3600,
            "meanDrawnWatts": 915, "drawnEnergyJoules": 3660 * 3600, "meanServers": 3, "peakServers": 4,
            "violationFraction": 0.125, "unservedFraction": 100.0 / 7100, "decisionSeconds": 0.25,
        ]
        for (key, value) in expected {
            let found = try #require(own[key] as? Double, "\(key)")
            #expect(abs(found - value) <= 1e-12 * value, "\(key)")
        }
        // None of its decisions is in the fixture.
        #expect(own["changes"] as? Int == 0)
        let provenance = try #require(own["provenance"] as? [String: Int])
        #expect(provenance["measured"] == 1)
        #expect(provenance["modelled"] == 1)
        #expect(provenance["wattsEstimated"] == 2)
        let saving = try #require((replay["savings"] as? [[String: Any]])?.first)
        #expect(saving["policy"] as? String == "hercules")
        #expect(saving["baseline"] as? String == "static")
        let savings: [String: Double] = [
            "powerMeanFraction": 1 - 1020.0 / 2160, "powerPeakFraction": 1 - 1360.0 / 2160,
            "capacityMeanFraction": 1 - 3.0 / 11, "capacityPeakFraction": 1 - 4.0 / 11,
        ]
        for (key, value) in savings {
            let found = try #require(saving[key] as? Double, "\(key)")
            #expect(abs(found - value) < 1e-12, "\(key)")
        }
    }

    @Test func decisionTimeIsLeftOutOnRequestAndNeverInvented() throws {
        let json = ReplayJSON(
            outcome: Fixtures.replay, baseline: "static", table: Fixtures.table, includingDecisionTime: false)
        let policies = try #require(try object(json.text)["policies"] as? [[String: Any]])
        #expect(policies.allSatisfy { $0["decisionSeconds"] is NSNull })
    }

    @Test func numbersThatAreNotFiniteBecomeNull() throws {
        let plan = Plan(
            status: .feasible, allocation: Allocation(), objective: Watts(.nan), bound: Watts(-.infinity),
            shortfalls: [Plan.Shortfall(model: "m", load: QueriesPerSecond(.infinity))])
        let decoded = try object(PlanJSON(plan: plan, table: EfficiencyTable([])).text)
        #expect(decoded["objectiveWatts"] is NSNull)
        #expect(decoded["boundWatts"] is NSNull)
        let free = Fixtures.entry("m", "s", qps: 1, watts: 0)
        let text = SearchJSON(entries: [free]).text
        #expect(text.contains("\"queriesPerJoule\" : null"))
    }

    @Test func keysAscendAndBytesRepeat() {
        let first = ReplayJSON(
            outcome: Fixtures.replay, baseline: "static", table: Fixtures.table, includingDecisionTime: false
        ).text
        let second = ReplayJSON(
            outcome: Fixtures.replay, baseline: "static", table: EfficiencyTable(Fixtures.entries.reversed()),
            includingDecisionTime: false
        ).text
        #expect(first == second)
        let keys = first.split(separator: "\n").filter { $0.hasPrefix("  \"") }
        #expect(keys == keys.sorted())
        #expect(keys.count >= 5)
    }
}
