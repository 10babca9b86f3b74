import Foundation
import Testing

/// The shipped scenario that plans from published figures alone, and says so.
@Suite struct PublishedRunTests {
    private let folder: URL
    private let scenario = HerculesCommand.repository.appendingPathComponent(
        "Workloads/scenarios/published.yaml"
    ).path

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "published-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: folder)
    }

    private func json<Value>(_ text: String, as: Value.Type) throws -> Value {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? Value)
    }

    @Test func everythingIsImportedAndSaysSo() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try hercules("run", scenario, "--days", "1")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("no figure is known of (bert-99, xe9680-h100-sxm-x8)"))
        #expect(run.output.contains("All 40 efficiency entries are imported; the watts are metered."))
        #expect(!run.output.contains("are modelled") && !run.output.contains("are measured"))
        let html = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(html.contains("imported") && html.contains("Savings of hercules against each other policy"))

        let entries = try json(hercules("search", "--format", "json").output, as: [[String: Any]].self)
        #expect(entries.count == 40)
        #expect(entries.allSatisfy { $0["provenance"] as? String == "imported" })
        #expect(entries.allSatisfy { $0["method"] as? String == "imported" })
        // The published rate is the entry's own.
        let one = try #require(
            entries.first { $0["model"] as? String == "resnet50" && $0["server"] as? String == "dgx-h100" })
        #expect(one["qps"] as? Double == 400_031 && one["watts"] as? Double == 4176.6)

        let plan = try json(hercules("plan", "--format", "json").output, as: [String: Any].self)
        #expect(["optimal", "feasible"].contains(plan["status"] as? String))
        let shares = try #require(plan["allocations"] as? [[String: Any]])
        #expect(
            Set(shares.compactMap { $0["model"] as? String })
                == ["bert-99", "bert-99.9", "resnet50", "retinanet"])
        // Nobody published the detection model on the A30, nor the language models on the XE9680.
        #expect(
            !shares.contains {
                ($0["model"] as? String == "retinanet" && $0["server"] as? String == "r4900-g5-a30-x3")
                    || ($0["model"] as? String != "resnet50"
                        && $0["server"] as? String == "xe9680-h100-sxm-x8")
            })

        let check = try hercules("catalog", "check", scenario, "--format", "json")
        #expect(check.status == 0)
        let states = try json(check.output, as: [[String: Any]].self)
        #expect(states.filter { $0["provenance"] as? String == "imported" }.count == 40)
        #expect(states.filter { $0["state"] as? String == "missing" }.count == 4)
        #expect(try hercules("db", "check").output == "no problems\n")
    }

    @Test func aSecondRunImportsNothingAgainAndGivesTheSameBytes() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var outputs: [String] = []
        for database in ["one.sqlite", "two.sqlite", "one.sqlite"] {
            let run = try hercules(
                "run", scenario, "--days", "1", "--database", database, "--output", "r.html")
            #expect(run.status == 0, "\(run.errors)")
            outputs.append(
                try hercules(
                    "replay", "--database", database, "--days", "1", "--omit-timing", "--format", "json"
                ).output)
        }
        #expect(outputs[0] == outputs[1] && outputs[1] == outputs[2] && !outputs[0].isEmpty)
    }

    @Test func beforeTheImportTheCheckNamesEveryPair() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let check = try hercules("catalog", "check", scenario)
        #expect(check.status == 2)
        #expect(
            check.output.contains(
                "No available server is known to serve bert-99, bert-99.9, resnet50 and retinanet"))
        #expect(check.output.contains("hercules import csv"))

        // What was imported is known before any search has taken it up.
        let seed = HerculesCommand.repository.appendingPathComponent("Database/Seed/published.csv").path
        #expect(try hercules("import", "csv", seed).status == 0)
        let after = try hercules("catalog", "check", scenario, "--format", "json")
        #expect(after.status == 0, "\(after.output)")
        let states = try json(after.output, as: [[String: Any]].self)
        #expect(states.filter { $0["provenance"] as? String == "imported" }.count == 40)
    }

    @Test func ownFiguresComeBeforeFasterPublishedOnes() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = folder.appendingPathComponent("own.csv")
        try Data(
            ("model,server,concurrency,throughput,throughput_unit,p99_ms\n"
                + "resnet50,dgx-h100,98,300000,queries,14\n").utf8
        ).write(to: own)
        #expect(
            try hercules("import", "csv", own.path, "--source", "our lab", "--derating", "0.5").status == 0)
        let searched = try hercules("search", scenario, "--format", "json")
        #expect(searched.status == 0, "\(searched.errors)")
        let entries = try json(searched.output, as: [[String: Any]].self)
        let one = try #require(
            entries.first { $0["model"] as? String == "resnet50" && $0["server"] as? String == "dgx-h100" })
        #expect(one["qps"] as? Double == 150_000, "400,031 queries/s are published")
        // Nobody said how many threads or items a batch: none are made up.
        #expect(one["threads"] is NSNull && one["batch"] is NSNull && one["partition"] is NSNull)
        let load = try #require(one["reported"] as? [String: Any])
        #expect(load["concurrency"] as? Double == 98 && load["isOwn"] as? Bool == true)
        #expect(load["source"] as? String == "our lab" && load["derating"] as? Double == 0.5)
        let text = try hercules("search").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("own figure, 98 in") && text.contains("our lab"), "\(text)")
        #expect(text.contains("400,031"), "the published one stands beside it")

        let export = try hercules("export", "--days", "1", "--output", "out")
        if export.status == 0 {
            let files = try FileManager.default.subpathsOfDirectory(
                atPath: folder.appendingPathComponent("out").path)
            for file in files where file.hasSuffix(".yaml") {
                let manifest = try String(
                    contentsOf: folder.appendingPathComponent("out/\(file)"), encoding: .utf8)
                #expect(!manifest.contains("HERCULES_THREADS") && !manifest.contains("HERCULES_BATCH"))
            }
        }
    }

    @Test func aScenariosImportKeepsWhatTheCommandLineSaid() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let seed = HerculesCommand.repository.appendingPathComponent("Database/Seed/published.csv").path
        let first = try hercules("import", "csv", seed, "--source", "A book", "--licence", "CC-BY-4.0")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try hercules("search", scenario).status == 0)
        let imports = try json(hercules("db", "imports", "--format", "json").output, as: [[String: Any]].self)
        #expect(imports.count == 1)
        #expect(imports.first?["source"] as? String == "A book")
        #expect(imports.first?["licence"] as? String == "CC-BY-4.0")
    }

    @Test func oneCallIsOneSourceAndSaysTheServer() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let runs = folder.appendingPathComponent("runs")
        try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
        for (name, rate) in [("a.json", 100), ("b.json", 200)] {
            let text = """
                {"model_id": "m", "request_rate": "inf", "max_concurrency": 8, "completed": 10, "failed": 0,
                 "total_output_tokens": 1000, "request_throughput": \(rate / 100),
                 "output_throughput": \(rate), "mean_ttft_ms": 5, "mean_tpot_ms": 1}
                """
            try Data(text.utf8).write(to: runs.appendingPathComponent(name))
        }
        let run = try hercules(
            "import", "vllm", "runs/a.json", "runs/b.json", "--server", "h100-x8", "--devices", "8")
        #expect(run.status == 0, "\(run.errors)")
        let imports = try json(hercules("db", "imports", "--format", "json").output, as: [[String: Any]].self)
        #expect(imports.map { $0["source"] as? String } == ["runs", "runs"])
        let figures = try json(hercules("db", "figures", "--format", "json").output, as: [[String: Any]].self)
        #expect(figures.allSatisfy { $0["server"] as? String == "h100-x8" && $0["devices"] as? Int == 8 })
    }
}
