import Foundation
import Testing

/// What a verb says when something is missing leads on, and what one command asked for need not be asked
/// again.
@Suite struct NextStepTests {
    private let workloads: SmallWorkloads
    private static let tiny = "Workloads/scenarios/tiny.yaml"

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    /// A scenario beside the small ones, changed from the tiny one.
    private func write(_ name: String, _ changes: [(old: String, new: String)]) throws -> String {
        var text = SmallWorkloads.scenario(id: name, fleet: "tiny")
        for (old, new) in changes {
            try #require(text.contains(old), "\(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        try workloads.write("scenarios/\(name).yaml", text)
        return "Workloads/scenarios/\(name).yaml"
    }

    private static let ranker = [
        (old: "  - model: ncf\n    table_rows_max: 1_000\n", new: "  - example-ranker\n"),
        (old: "ncf: search", new: "example-ranker: search"),
        (old: "ncf: 60_000", new: "example-ranker: 100"),
    ]

    @Test func aPlanBeforeASearchSaysToSearchWhereFiguresWaitInAFile() throws {
        let figures =
            "model,server,throughput,throughput_unit,p95_ms\nexample-ranker,cpu-t1,50,queries,5\n"
        try Data(figures.utf8).write(to: workloads.folder.appendingPathComponent("f.csv"))
        let scenario = try write(
            "waiting",
            Self.ranker + [
                (old: "  - model: wnd\n    table_rows_max: 1_000\n", new: ""),
                (old: "    wnd: shop\n", new: ""),
                (old: "    wnd: 2_000\n", new: ""),
                (old: "fleet: tiny\n", new: "fleet: tiny\nimports:\n  - {kind: csv, file: ../../f.csv}\n"),
            ])
        let early = try hercules("plan", scenario)
        #expect(early.status == 1)
        #expect(early.errors.contains("run `hercules search` first"), "\(early.errors)")
        #expect(try hercules("search").status == 0)
        let plan = try hercules("plan", "--format", "json")
        #expect(plan.status == 0, "\(plan.errors)")
    }

    @Test func aModelWithoutFiguresDoesNotStopThePlanOfTheOthers() throws {
        let scenario = try write("ownmodel", Self.ranker)
        #expect(try hercules("search", scenario, "--quiet").status == 0)
        let plan = try hercules("plan", "--format", "json", "--quiet")
        #expect(plan.status == 2, "\(plan.errors)")
        let found = try object(plan.output)
        #expect(
            (found["shortfall"] as? [[String: Any]])?.map { $0["model"] as? String } == ["example-ranker"])
        let served = try #require(found["allocations"] as? [[String: Any]])
        #expect(!served.isEmpty && served.allSatisfy { $0["model"] as? String == "wnd-1k-rows" })
        #expect(try hercules("plan", "--quiet").output.contains("No figure is known of example-ranker"))
        let others = try hercules("plan", "--load", "wnd=1000", "--format", "json", "--quiet")
        #expect(others.status == 0, "\(others.errors)")
    }

    @Test func aModelThatFitsNowhereIsAResultOfThePlanToo() throws {
        let servers = workloads.folder.appendingPathComponent("Workloads/servers")
        try FileManager.default.removeItem(at: servers)
        try FileManager.default.createDirectory(at: servers, withIntermediateDirectories: true)
        try workloads.write(
            "servers/cpu-t1.yaml",
            """
            id: cpu-t1
            title: A server with little memory
            processor: {cores: 4, peak_gflops_per_core: 32, last_level_cache_mib_per_core: 1}
            memory: {capacity_gib: 0.5, bandwidth_gb_per_s: 20}
            power: {idle_watts: 50, peak_watts: 100, half_load_factor: 0.5}
            sources: [made for a test]

            """)
        let scenario = try write(
            "large",
            [
                (old: "  - model: ncf\n    table_rows_max: 1_000\n", new: "  - rm1\n"),
                (old: "ncf: search", new: "rm1: search"), (old: "ncf: 60_000", new: "rm1: 100"),
            ])
        #expect(try hercules("search", scenario, "--quiet").status == 2)
        let plan = try hercules("plan", "--format", "json", "--quiet")
        #expect(plan.status == 2, "\(plan.errors)")
        let short = try object(plan.output)["shortfall"] as? [[String: Any]]
        #expect(short?.contains { $0["model"] as? String == "rm1" } == true)
        #expect(try hercules("catalog", "check", scenario).output.contains("cannot serve"))
    }

    @Test func aReplayOfSomeDaysIsReported() throws {
        #expect(try hercules("search", Self.tiny, "--quiet").status == 0)
        let before = try hercules("report")
        #expect(before.status == 0 && before.output.contains("`hercules replay`"), "\(before.errors)")
        #expect(try hercules("replay", "--days", "1", "--policies", "static,hercules", "--quiet").status == 0)
        for path in [[], [Self.tiny]] {
            let report = try HerculesCommand.run(["report"] + path, in: workloads.folder)
            #expect(report.status == 0, "\(report.errors)")
            #expect(report.output.contains("week over 1 d"), "\(report.output.prefix(600))")
            #expect(report.errors.contains("as an earlier command asked"), "\(report.errors)")
        }
        // What was looked at is not what is replayed next.
        let whole = try hercules("replay", "--format", "json", "--quiet")
        #expect(try object(whole.output)["intervals"] as? Int == 672)
    }

    @Test func theMethodOfASearchNeedNotBeRepeated() throws {
        #expect(try hercules("search", Self.tiny, "--evaluations", "1", "--quiet").status == 0)
        #expect(try hercules("search", "--method", "coordinate", "--seed", "9", "--quiet").status == 0)
        let plan = try hercules("plan", Self.tiny, "--load", "wnd=100")
        #expect(plan.status == 0, "\(plan.errors)")
    }

    @Test func theDurationOfCellsNeedNotBeRepeated() throws {
        try workloads.makeModelsPatient()
        let scenario = "Workloads/scenarios/host.yaml"
        let words = ["--cell-seconds", "0.06", "--engine", "null", "--share-host", "--quiet"]
        let profile = try HerculesCommand.run(["profile", scenario] + words, in: workloads.folder)
        #expect(profile.status == 0, "\(profile.errors)")
        for verb in ["search", "plan", "report"] {
            let next = try HerculesCommand.run([verb, scenario], in: workloads.folder)
            #expect([0, 2].contains(next.status), "\(verb): \(next.errors)")
            #expect(!next.errors.contains("hercules profile"), "\(verb): \(next.errors)")
            #expect(!next.output.contains("Nothing is measured yet"), "\(verb): \(next.output)")
        }
    }

    @Test func moneyAndCarbonWithoutPricesAreRefused() throws {
        #expect(try hercules("search", "Workloads/scenarios/small.yaml", "--quiet").status == 0)
        for (words, reason) in [
            (["--objective", "money"], "neither a price of a kilowatt hour nor any price an hour"),
            (["--objective", "watts=1,money=2"], "neither a price of a kilowatt hour"),
            (["--objective", "carbon"], "neither a carbon of a kilowatt hour"),
            (
                ["--objective", "money", "--price", "cpu-t1=1", "--energy-price", "0.2"],
                "found no price an hour of cpu-t2, cpu-t2-v100, expected one of every server type"
            ),
        ] {
            let plan = try HerculesCommand.run(["plan"] + words, in: workloads.folder)
            #expect(plan.status == 64 && plan.errors.contains(reason), "\(words): \(plan.errors)")
        }
        let priced = try hercules("plan", "--objective", "money", "--energy-price", "0.2", "--format", "json")
        #expect(priced.status == 0, "\(priced.errors)")
    }

    @Test func aFleetIsSizedForTheLoadThatIsAskedFor() throws {
        #expect(try hercules("search", Self.tiny, "--quiet").status == 0)
        let words = ["plan", "--sizing", "--price", "cpu-t1=0.1", "--energy-price", "0.2", "--format", "csv"]
        func size(_ more: String...) throws -> String {
            let sized = try HerculesCommand.run(
                words + ["--purchase", "cpu-t1=100", "--quiet"] + more, in: workloads.folder)
            #expect([0, 2].contains(sized.status), "\(more): \(sized.errors)")
            return sized.output
        }
        let own = try size()
        let twice = try size("--load-scale", "2")
        let peaks = try size(
            "--load", "wnd=4_000".replacingOccurrences(of: "_", with: ""), "--load", "ncf=120000")
        #expect(own != twice)
        // The scenario's peaks are 2,000 and 60,000 queries/s.
        #expect(twice == peaks)
        #expect(try size("--load", "wnd=2000", "--load", "ncf=60000", "--load-scale", "2") == twice)
    }
}
