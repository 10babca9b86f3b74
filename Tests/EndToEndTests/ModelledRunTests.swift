import Foundation
import Testing

/// The verbs on a scenario without measurements: everything is reproducible.
@Suite struct ModelledRunTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func verbsByHandCarryTheContract() throws {
        let search = try hercules("search", "Workloads/scenarios/small.yaml", "--format", "json")
        #expect(search.status == 0, "\(search.errors)")
        let entries = try #require(
            JSONSerialization.jsonObject(with: Data(search.output.utf8)) as? [[String: Any]])
        #expect(entries.count == 6)
        for entry in entries {
            #expect(
                Set(entry.keys).isSuperset(of: [
                    "model", "server", "method", "partition", "threads", "workers", "batch", "qps", "watts",
                    "provenance", "evaluations", "spaceSize",
                ]))
            #expect(entry["provenance"] as? String == "modelled")
        }

        let plan = try object(hercules("plan", "--format", "json").output)
        #expect(plan["status"] as? String == "optimal")
        let objective = try #require(plan["objectiveWatts"] as? Double)
        let bound = try #require(plan["boundWatts"] as? Double)
        #expect(bound <= objective && objective * (1 - 0.001) <= bound)
        #expect((plan["allocations"] as? [Any])?.isEmpty == false)
        #expect((plan["shortfall"] as? [Any])?.isEmpty == true)

        let replay = try object(hercules("replay", "--days", "2", "--format", "json").output)
        #expect(replay["intervals"] as? Int == 192)
        #expect(replay["baseline"] as? String == "static")
        let policies = try #require(replay["policies"] as? [[String: Any]])
        #expect(
            policies.compactMap { $0["name"] as? String } == [
                "static", "oblivious", "greedy", "priority", "hercules",
            ])
        for policy in policies {
            // Energy is power over time: 192 intervals of 900 s.
            let energy = try #require(policy["energyJoules"] as? Double)
            let power = try #require(policy["meanProvisionedWatts"] as? Double)
            #expect(abs(energy / (power * 192 * 900) - 1) < 1e-9)
            #expect(policy["decisionSeconds"] is Double)
        }
        #expect((replay["savings"] as? [[String: Any]])?.count == 4)
    }

    @Test func savingsAreReadAtEqualService() throws {
        #expect(try hercules("run", "Workloads/scenarios/small.yaml", "--days", "5").status == 0)
        let first = try hercules("replay", "--days", "5", "--frontier", "--format", "json", "--omit-timing")
        #expect(first.errors.contains("the stored outcome is shown"))
        let replay = try object(first.output)
        let points = try #require(replay["frontier"] as? [[String: Any]])
        let policies = try #require(replay["policies"] as? [[String: Any]])
        // As the scenario has them, the frontier and the replay are the same plays.
        for policy in policies {
            let own = try #require(
                points.first {
                    $0["policy"] as? String == policy["name"] as? String && $0["isOwn"] as? Bool == true
                })
            #expect(own["violationFraction"] as? Double == policy["violationFraction"] as? Double)
            #expect(own["changes"] as? Int == policy["changes"] as? Int)
            let drawn = try #require(own["drawnWatts"] as? Double)
            let energy = try #require(policy["drawnEnergyJoules"] as? Double)
            #expect(abs(drawn * 5 * 86_400 / energy - 1) < 1e-9)
        }
        let savings = try #require(replay["equalService"] as? [[String: Any]])
        #expect(savings.count == 8, "four baselines, by two measures")
        let saving = try #require(savings.first { $0["baseline"] as? String == "static" })
        let saved = try #require(saving["drawnEnergyFraction"] as? Double)
        let low = try #require(saving["low"] as? Double)
        let high = try #require(saving["high"] as? Double)
        #expect(low <= saved && saved <= high && saved < 1)
        #expect(saving["costFraction"] is NSNull, "money without prices is not known")
        let html = try String(
            contentsOf: workloads.folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(html.contains("drawn energy saved against static at equal violations"))
        #expect(html.contains("Power over service"))
        let without = try hercules(
            "run", "Workloads/scenarios/small.yaml", "--days", "4", "--no-frontier", "--database", "n.sqlite")
        #expect(without.status == 0 && !without.output.contains("equal service"))
    }

    @Test func equalInputsGiveEqualBytesInTwoDatabases() throws {
        var outputs: [[String]] = []
        for database in ["one.sqlite", "two.sqlite"] {
            let search = try hercules(
                "search", "Workloads/scenarios/small.yaml", "--database", database, "--format", "json")
            let plan = try hercules("plan", "--database", database, "--format", "json")
            let replay = try hercules(
                "replay", "--database", database, "--days", "1", "--format", "json", "--omit-timing")
            outputs.append([search.output, plan.output, replay.output])
        }
        #expect(outputs[0] == outputs[1])
        #expect(outputs[0].allSatisfy { !$0.isEmpty })
    }

    @Test func anotherSeedGivesOtherSearches() throws {
        let one = try hercules("search", "Workloads/scenarios/small.yaml", "--format", "json")
        let other = try hercules(
            "search", "Workloads/scenarios/small.yaml", "--seed", "8", "--format", "json")
        #expect(one.output != other.output)
    }

    @Test func aSecondRunSearchesNothingAgain() throws {
        let first = try hercules("run", "Workloads/scenarios/small.yaml", "--days", "1")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors.contains("searched 6 pairs, 0 were stored"))
        let second = try hercules("run", "Workloads/scenarios/small.yaml", "--days", "1")
        #expect(second.errors.contains("searched 0 pairs, 6 were stored"))
        #expect(second.output == first.output)
        let html = try String(
            contentsOf: workloads.folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(html.contains("Savings of hercules against each other policy"))
    }

    @Test func aRunKilledAtAnyMomentGoesOn() throws {
        let whole = try hercules(
            "run", "Workloads/scenarios/small.yaml", "--days", "1", "--database", "whole.sqlite")
        #expect(whole.status == 0)
        let expected = try hercules(
            "replay", "--database", "whole.sqlite", "--days", "1", "--format", "json", "--omit-timing")
        var delay = 0.02
        var kills = 0
        while delay < 3 {
            let process = try HerculesCommand.start(
                ["run", "Workloads/scenarios/small.yaml", "--days", "1", "--database", "killed.sqlite"],
                in: workloads.folder, output: FileHandle.nullDevice, errors: FileHandle.nullDevice)
            Thread.sleep(forTimeInterval: delay)
            guard process.isRunning else { break }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            kills += 1
            delay *= 1.6
        }
        #expect(kills > 0)
        let finished = try hercules(
            "run", "Workloads/scenarios/small.yaml", "--days", "1", "--database", "killed.sqlite")
        #expect(finished.status == 0, "\(finished.errors)")
        let replay = try hercules(
            "replay", "--database", "killed.sqlite", "--days", "1", "--format", "json", "--omit-timing")
        #expect(replay.output == expected.output)
        #expect(try hercules("db", "check", "--database", "killed.sqlite").output == "no problems\n")
    }

    @Test func plansKnowOtherObjectivesConstraintsAndFleets() throws {
        _ = try hercules("search", "Workloads/scenarios/small.yaml")
        let demand = ["--load", "ncf=2000", "--load", "wnd=200", "--headroom", "0"]
        func plan(_ arguments: String...) throws -> [String: Any] {
            let outcome = try HerculesCommand.run(
                ["plan", "--format", "json"] + demand + arguments, in: workloads.folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try object(outcome.output)
        }
        func servers(_ plan: [String: Any], _ model: String) throws -> Int {
            let shares = try #require(plan["allocations"] as? [[String: Any]])
            return shares.filter { $0["model"] as? String == model }.compactMap { $0["count"] as? Int }
                .reduce(0, +)
        }
        let plain = try plan("--sensitivity")
        #expect((plain["sensitivity"] as? [Any])?.isEmpty == false)
        #expect(plain["route"] is String)
        let fewest = try plan("--objective", "servers")
        let objective = try #require(fewest["objective"] as? [String: Any])
        #expect(objective["unit"] as? String == "servers")
        #expect(fewest["boundWatts"] is NSNull && fewest["gap"] is Double)
        #expect(try servers(plan("--least-servers", "ncf=4"), "ncf-1k-rows") >= 4)
        let safe = try plan("--survive", "rack:2")
        #expect(
            try #require(safe["objectiveWatts"] as? Double) >= #require(plain["objectiveWatts"] as? Double))
        #expect((safe["constraints"] as? [String])?.first?.contains("rack of 2") == true)
        let prices = ["cpu-t1=0.5", "cpu-t2=0.4", "cpu-t2-v100=0"].flatMap { ["--price", $0] }
        func size(_ name: String) throws -> HerculesCommand.Outcome {
            try HerculesCommand.run(
                ["plan", name, "--energy-price", "0.2"] + prices, in: workloads.folder)
        }
        let whatIf = try size("--what-if")
        #expect(whatIf.output.contains("What to buy and what to retire"))
        let sizing = try size("--sizing")
        #expect(sizing.output == whatIf.output, "the former name stays")
        #expect(try servers(plan("--min-servers", "ncf=4"), "ncf-1k-rows") >= 4)
        let tooMany = try hercules("plan", "--pin", "ncf:cpu-t1=100000")
        #expect(tooMany.status == 64 && tooMany.errors.contains("expected at most the"))
        let wrong = try hercules("plan", "--survive", "rack")
        #expect(wrong.status == 64 && wrong.errors.contains("rack:SERVERS"))
    }

    @Test func aFleetIsSizedForGrowthWithSpare() throws {
        let day = SmallWorkloads.scenario(id: "day", fleet: "small")
            .replacingOccurrences(of: "trace:\n", with: "trace:\n  days: 1\n  interval_seconds: 7200\n")
        try workloads.write("scenarios/day.yaml", day)
        _ = try hercules("search", "Workloads/scenarios/day.yaml")
        let words = [
            "plan", "--sizing", "--purchase", "cpu-t2=900", "--energy-price", "0.2", "--years", "2",
        ]
        func size(_ more: String...) throws -> HerculesCommand.Outcome {
            try HerculesCommand.run(words + more, in: workloads.folder)
        }
        let plain = try size()
        #expect(plain.status == 0 && plain.output.contains("until the change has paid for itself"))
        let grown = try size("--growth", "30", "--survive", "server")
        #expect(grown.status == 64 && grown.errors.contains("expected a share from -0.9 to 10"))
        let more = try size("--growth", "9", "--survive", "server")
        #expect(more.status == 0, "\(more.errors)")
        #expect(more.output.contains("with loads that change by 900.0 %"))
        #expect(more.output.contains("not comparable"), "ten times the load is beyond the fleet as it is")
    }

    @Test func infeasibleDemandIsAResultThatNamesTheModels() throws {
        _ = try hercules("search", "Workloads/scenarios/small.yaml")
        let plan = try hercules("plan", "--load", "wnd=10000000", "--load", "ncf=10", "--format", "json")
        #expect(plan.status == 2)
        let json = try object(plan.output)
        #expect(json["status"] as? String == "infeasible")
        let shortfall = try #require(json["shortfall"] as? [[String: Any]])
        #expect(shortfall.compactMap { $0["model"] as? String } == ["wnd-1k-rows"])
        #expect(try #require(shortfall[0]["qps"] as? Double) > 9_000_000)
    }

    @Test func planningBeforeSearchingNamesTheMissingPairs() throws {
        let plan = try hercules("plan", "Workloads/scenarios/small.yaml")
        #expect(plan.status == 1)
        #expect(plan.errors.contains("no efficiency entry for (ncf-1k-rows, cpu-t1)"))
        #expect(plan.errors.contains("hercules search"))
    }

    @Test func anyTableOfTimesAndLoadsCanBeReplayed() throws {
        _ = try hercules("search", "Workloads/scenarios/small.yaml")
        // Unsorted, a duplicate minute, a gap and no load at all in places.
        let rows = [
            "minute,requests", "2024-01-01 00:02:00,30", "2024-01-01 00:00:00,60", "2024-01-01 00:01:00,0",
            "2024-01-01 00:02:00,90", "2024-01-01 00:04:00,0", "2024-01-01 00:05:00,120",
        ]
        try rows.joined(separator: "\r\n").write(
            to: workloads.folder.appendingPathComponent("any.csv"), atomically: true, encoding: .utf8)
        let replay = try hercules(
            "replay", "--trace", "any.csv", "--time-column", "minute", "--load-column", "requests",
            "--load-kind", "count", "--scale-to-peak", "--format", "json")
        #expect(replay.status == 0, "\(replay.errors)")
        let json = try object(replay.output)
        #expect(json["intervals"] as? Int == 6)
        #expect(json["trace"] as? String == "any")
        let inspected = try hercules("trace", "inspect", "--trace", "any.csv", "--load-kind", "count")
        #expect(inspected.output.contains("1 rows shared a time with another and were merged"))
        // Looking at another trace does not change what the next verb works on.
        let again = try object(hercules("replay", "--days", "1", "--format", "json").output)
        #expect(again["trace"] as? String == "week")
    }
}
