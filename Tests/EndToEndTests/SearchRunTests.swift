import Foundation
import Testing

/// The verb `search` with its budgets, targets and rankings.
@Suite struct SearchRunTests {
    private let workloads: SmallWorkloads
    private static let tiny = "Workloads/scenarios/tiny.yaml"

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func array(_ text: String) throws -> [[String: Any]] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    @Test func theGradientComesCloseToTryingEverything() throws {
        let gradient = try array(hercules("search", Self.tiny, "--format", "json").output)
        let exhaustive = try array(
            hercules("search", Self.tiny, "--method", "exhaustive", "--format", "json").output)
        #expect(gradient.count == 2 && exhaustive.count == 2)
        for (found, best) in zip(gradient, exhaustive) {
            #expect(found["model"] as? String == best["model"] as? String)
            let optimum = try #require(best["qps"] as? Double)
            let reached = try #require(found["qps"] as? Double)
            #expect(reached <= optimum * (1 + 0.005), "nothing beats trying everything")
            #expect(reached >= optimum * 0.97)
            let evaluations = try #require(found["evaluations"] as? Int)
            let spaceSize = try #require(best["spaceSize"] as? Int)
            #expect(best["evaluations"] as? Int == spaceSize)
            #expect(evaluations * 4 < spaceSize)
        }
        let report = try hercules("db", "export", "--table", "evaluation_summary", "--format", "csv").output
        #expect(report.contains("best_so_far_queries_per_second"))
    }

    @Test func aSpentBudgetKeepsTheBestSoFarAndTheSameCommandGoesOn() throws {
        let whole = try hercules("search", Self.tiny, "--database", "whole.sqlite", "--format", "json")
        let part = try hercules("search", Self.tiny, "--evaluations", "2", "--format", "json")
        #expect(part.status == 0, "\(part.errors)")
        #expect(try array(part.output).allSatisfy { $0["evaluations"] as? Int == 2 })
        let stops = try hercules("db", "export", "--table", "efficiency_summary", "--format", "json").output
        #expect(stops.contains("\"evaluations\""))
        let rest = try hercules("search", Self.tiny, "--format", "json")
        #expect(rest.output == whole.output)
    }

    @Test func targetsAndBudgetsShareOneCommand() throws {
        let outcome = try hercules(
            "search", Self.tiny, "--targets", "10ms,40ms,p99:40ms", "--power-budgets", "180,400", "--format",
            "json")
        #expect([0, 2].contains(outcome.status), "\(outcome.errors)")
        let entries = try array(outcome.output)
        func rate(_ model: String, _ limit: Double, _ quantile: Double, _ budget: Double) -> Double {
            entries.first {
                $0["model"] as? String == model && $0["latencyLimitMilliseconds"] as? Double == limit
                    && $0["latencyQuantile"] as? Double == quantile
                    && $0["powerBudgetWatts"] as? Double == budget
            }?["qps"] as? Double ?? 0
        }
        for model in ["ncf-1k-rows", "wnd-1k-rows"] {
            #expect(rate(model, 10, 0.95, 400) <= rate(model, 40, 0.95, 400) * 1.03)
            #expect(rate(model, 40, 0.99, 400) <= rate(model, 40, 0.95, 400) * 1.03)
            #expect(rate(model, 40, 0.95, 180) <= rate(model, 40, 0.95, 400) * 1.03)
            #expect(rate(model, 40, 0.95, 400) > 0)
        }
        #expect(entries.allSatisfy { $0["watts"] as? Double ?? 0 <= $0["powerBudgetWatts"] as? Double ?? 0 })
    }

    @Test func theReportDrawsTheFrontierOnceThereIsOne() throws {
        let title = "The frontier of throughput against power"
        func report() throws -> String {
            let run = try hercules("run", Self.tiny, "--days", "1", "--output", "report.html", "--quiet")
            #expect(run.status == 0, "\(run.errors)")
            return try String(
                contentsOf: workloads.folder.appendingPathComponent("report.html"), encoding: .utf8)
        }
        #expect(try !report().contains(title))
        let search = try hercules(
            "search", Self.tiny, "--targets", "20ms,40ms", "--power-budgets", "230,400")
        #expect([0, 2].contains(search.status), "\(search.errors)")
        #expect(try report().contains(title))
    }

    @Test func permutingServerTypesChangesNothing() throws {
        var outputs: [String] = []
        for types in [["cpu-t1", "cpu-t1-nmp-x2"], ["cpu-t1-nmp-x2", "cpu-t1"]] {
            try workloads.write(
                "fleets/tiny.yaml", "id: tiny\nservers:\n" + types.map { "  \($0): 20\n" }.joined())
            let database = "\(types[0]).sqlite"
            outputs.append(
                try hercules("search", Self.tiny, "--database", database, "--format", "json").output)
        }
        #expect(outputs[0] == outputs[1])
        #expect(try array(outputs[0]).count == 4)
    }

    @Test func anInfeasibleSpaceSaysWhyAndExitsWithTwo() throws {
        let late = try hercules("search", Self.tiny, "--targets", "1us", "--quiet")
        #expect(late.status == 2)
        #expect(late.output.contains("none feasible"))
        #expect(late.output.contains("p95 of an idle server is"))
        let dark = try hercules("search", Self.tiny, "--power-budgets", "20", "--quiet")
        #expect(dark.status == 2)
        #expect(dark.output.contains("W idle, the budget is 20"))
    }

    @Test func theRankingNamesTheBestAndWhatIsMissing() throws {
        let outcome = try hercules("search", "Workloads/scenarios/small.yaml", "--rank", "--quiet")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("By how much the choice of server type matters"))
        #expect(outcome.output.contains("No price is given for cpu-t1"))
    }

    @Test func badOptionsAreRefused() throws {
        for arguments in [
            ["--targets", "soon"], ["--targets", "p30:20ms"], ["--power-budgets", "much"],
            ["--evaluations", "0"],
        ] {
            let outcome = try HerculesCommand.run(["search", Self.tiny] + arguments, in: workloads.folder)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains(arguments[1]) || outcome.errors.contains(arguments[0]))
        }
    }
}
