import Foundation
import Testing

/// `hercules catalog` as a person would use it.
@Suite struct CatalogCommandTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func rows(_ text: String) throws -> [[String: Any]] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    @Test func everyKindIsListed() throws {
        let all = try rows(hercules("catalog", "list", "--format", "json").output)
        let kinds = Dictionary(grouping: all) { $0["kind"] as? String ?? "" }.mapValues(\.count)
        #expect(
            kinds["device"] == 102 && kinds["server"] == 42 && kinds["software"] == 4
                && kinds["scenario"] == 3
        )
        #expect(try #require(kinds["model"]) >= 11)
        for (kind, count) in kinds {
            let outcome = try hercules("catalog", "list", "--kind", kind, "--format", "csv")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.split(separator: "\n").count == count + 1, "\(kind)")
        }
    }

    @Test func listsAreSortedWithTheUnknownLast() throws {
        for isDescending in [false, true] {
            let arguments =
                ["catalog", "list", "--kind", "device", "--sort", "thermalDesignWatts", "--format", "json"]
                + (isDescending ? ["--descending"] : [])
            let rows = try rows(HerculesCommand.run(arguments, in: workloads.folder).output)
            let watts = rows.map { $0["thermalDesignWatts"] as? Double }
            let known = watts.compactMap { $0 }
            #expect(known.count > 70 && known == known.sorted { isDescending ? $0 > $1 : $0 < $1 })
            #expect(watts.prefix(known.count).allSatisfy { $0 != nil })
        }
        let wrong = try hercules("catalog", "list", "--kind", "device", "--sort", "watts")
        #expect(
            wrong.status == 64
                && wrong.errors.contains("unknown column to sort by 'watts': expected one of name"))
        #expect(try hercules("catalog", "list", "--kind", "fleet").status == 64)
    }

    @Test func everyFigureOfEveryEntryIsShownWithItsSource() throws {
        for kind in ["device", "server", "model", "scenario"] {
            let names = try rows(hercules("catalog", "list", "--kind", kind, "--format", "json").output)
                .compactMap { $0["name"] as? String }
            // A process each: all servers and some of the devices are enough.
            for name in names.enumerated().filter({ kind != "device" || $0.offset % 9 == 0 }).map(\.element) {
                let outcome = try hercules("catalog", "show", name, "--kind", kind, "--format", "json")
                #expect(outcome.status == 0, "\(outcome.errors)")
                let figures = try rows(outcome.output)
                #expect(!figures.isEmpty, "\(name)")
                for figure in figures {
                    #expect((figure["source"] as? String)?.isEmpty == false, "\(name): \(figure)")
                    #expect(figure["value"] is NSNull == false, "\(name): \(figure)")
                }
            }
        }
    }

    @Test func textNumbersTheSources() throws {
        let text = try hercules("catalog", "show", "tpu-v4").output
        #expect(text.contains("memory bandwidth       1200  GB/s    [2]"))
        #expect(text.contains("[2] Google Cloud documentation, TPU v4"))
        #expect(text.contains("<https://cloud.google.com/tpu/docs/v4>"))
    }

    @Test func namesThatAreNotThereAreRefused() throws {
        let wrong = try hercules("catalog", "show", "h100-sxm5-80g")
        #expect(wrong.status == 64)
        #expect(
            wrong.errors.contains(
                """
                found 'h100-sxm5-80g', expected the name of an entry of the catalogue; did you mean \
                'h100-sxm5-80gb'?
                """
                    + " (`hercules catalog list` shows them)"))
        let kind = try hercules("catalog", "show", "cpu-t1", "--kind", "model")
        #expect(kind.status == 64 && kind.errors.contains("expected the name of a model"))
        let folder = try hercules("catalog", "list", "--workloads", "nowhere")
        #expect(folder.status == 1 && folder.errors.contains("nowhere: found no such folder"))
    }

    @Test func checkSaysWhatIsThereAndWhatIsMissing() throws {
        let path = "Workloads/scenarios/tiny.yaml"
        let before = try rows(hercules("catalog", "check", path, "--format", "json").output)
        #expect(before.count == 2)
        #expect(before.allSatisfy { $0["state"] as? String == "can be modelled" })
        #expect(before.allSatisfy { $0["command"] as? String == "hercules search \(path)" })
        #expect(
            !FileManager.default.fileExists(
                atPath: workloads.folder.appendingPathComponent("hercules.sqlite").path))
        _ = try hercules("search", path)
        let after = try hercules("catalog", "check", path, "--format", "json")
        #expect(after.status == 0)
        #expect(try rows(after.output).allSatisfy { $0["provenance"] as? String == "modelled" })
    }

    @Test func aModelThatNothingHereCanServeIsIncomplete() throws {
        try workloads.write(
            "scenarios/foreign.yaml",
            SmallWorkloads.scenario(id: "foreign", fleet: "small")
                .replacingOccurrences(
                    of: "  - model: ncf\n    table_rows_max: 1_000\n", with: "  - bert-99\n"
                )
                .replacingOccurrences(of: "ncf:", with: "bert-99:"))
        let outcome = try hercules("catalog", "check", "Workloads/scenarios/foreign.yaml")
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("No available server is known to serve bert-99"))
        let pairs = try rows(
            hercules("catalog", "check", "Workloads/scenarios/foreign.yaml", "--format", "json").output)
        let missing = pairs.filter { $0["state"] as? String == "missing" }
        #expect(missing.compactMap { $0["server"] as? String } == ["cpu-t1", "cpu-t2", "cpu-t2-v100"])
        #expect(missing.allSatisfy { ($0["command"] as? String)?.hasPrefix("hercules import") == true })
    }
}
