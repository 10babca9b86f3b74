import Foundation
import Testing

/// Windows of a replay played query by query, and exports, through the command.
@Suite struct RequestLevelRunTests {
    private let workloads: SmallWorkloads

    init() throws {
        workloads = try SmallWorkloads()
        let search = try HerculesCommand.run(
            ["search", "Workloads/scenarios/small.yaml"], in: workloads.folder)
        #expect(search.status == 0, "\(search.errors)")
    }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func aWindowIsPlayedUnderEveryPolicyAndStored() throws {
        let arguments = [
            "replay", "--days", "1", "--policies", "static,hercules", "--request-level", "5s@peak",
            "--format",
            "json", "--omit-timing",
        ]
        let first = try HerculesCommand.run(arguments, in: workloads.folder)
        #expect(first.status == 0, "\(first.errors)")
        let window = try #require(try object(first.output)["requestLevel"] as? [String: Any])
        #expect(window["durationSeconds"] as? Double == 5 && window["dispatch"] as? String == "power-of-two")
        let results = try #require(window["results"] as? [[String: Any]])
        #expect(
            results.map { "\($0["policy"] ?? "") \($0["model"] ?? "")" } == [
                "static wnd-1k-rows", "static ncf-1k-rows", "hercules wnd-1k-rows", "hercules ncf-1k-rows",
            ])
        // Both policies see the same queries.
        #expect(results[0]["queries"] as? Int == results[2]["queries"] as? Int)
        for result in results {
            let queries = try #require(result["queries"] as? Int)
            #expect(queries > 1000)
            // What is provisioned for the peak holds it, either way one looks.
            guard result["policy"] as? String == "static" else { continue }
            #expect(try #require(result["failedFraction"] as? Double) <= 0.05)
            #expect(result["fluidViolationFraction"] as? Double == 0)
        }
        // The stored window, another database and a report say the same.
        let second = try HerculesCommand.run(arguments, in: workloads.folder)
        #expect(second.output == first.output && second.errors.contains("simulated before"))
        _ = try hercules("search", "Workloads/scenarios/small.yaml", "--database", "other.sqlite")
        let other = try HerculesCommand.run(arguments + ["--database", "other.sqlite"], in: workloads.folder)
        #expect(other.output == first.output)
        let text = try hercules(
            "replay", "--days", "1", "--policies", "static,hercules", "--request-level", "5s@peak")
        #expect(text.output.contains("Violations two ways"))
    }

    @Test func theViewsAgreeFarFromTheCapacity() throws {
        // A fleet that cannot hold the last steps: from idle to several times over.
        let loads = [3000, 6000, 12_000, 25_000, 50_000, 100_000, 200_000]
        let rows = ["time,wnd-1k-rows,ncf-1k-rows"] + loads.enumerated().map { "\($0 * 2),\($1),100" }
        try rows.joined(separator: "\n").write(
            to: workloads.folder.appendingPathComponent("steps.csv"), atomically: true, encoding: .utf8)
        let run = try hercules(
            "replay", "--trace", "steps.csv", "--policies", "static,hercules", "--request-level", "1d@0s",
            "--format", "json")
        let window = try #require(try object(run.output)["requestLevel"] as? [String: Any], "\(run.errors)")
        let bands = try #require(window["bands"] as? [[String: Any]])
        var low = 0
        var high = 0
        for band in bands {
            let from = try #require(band["loadOverCapacityFrom"] as? Double)
            let missed = try #require(band["missedFraction"] as? Double)
            if let to = band["loadOverCapacityTo"] as? Double, to <= 0.8 {
                low += 1
                #expect(missed == 0 && band["fluidViolationFraction"] as? Double == 0, "\(band)")
            }
            if from >= 1.5 {
                high += 1
                #expect(missed == 1 && band["fluidViolationFraction"] as? Double == 1, "\(band)")
            }
        }
        #expect(low > 0 && high > 0, "\(bands)")
    }

    @Test(arguments: ["2x@peak", "10s@", "-3s", "0s", "10s@noon", "@peak"])
    func windowsThatAreNoneAreRefused(window: String) throws {
        let run = try hercules("replay", "--days", "1", "--request-level=\(window)")
        let reason = "The value '\(window)' is invalid for '--request-level <window>'"
        #expect(run.status == 64 && run.errors.contains(reason), "\(run.errors)")
    }

    @Test func anExportIsCompleteAndTheSameEveryTime() throws {
        let arguments = ["export", "--days", "1", "--policies", "static,hercules", "--output"]
        let first = try HerculesCommand.run(arguments + ["one"], in: workloads.folder)
        #expect(first.status == 0, "\(first.errors)")
        _ = try HerculesCommand.run(arguments + ["two"], in: workloads.folder)
        func files(_ folder: String) throws -> [String: Data] {
            let root = workloads.folder.appendingPathComponent(folder)
            var found: [String: Data] = [:]
            for case let path as String in try #require(FileManager.default.enumerator(atPath: root.path)) {
                found[path] = try? Data(contentsOf: root.appendingPathComponent(path))
            }
            return found
        }
        let one = try files("one")
        #expect(try one == files("two"))
        for name in [
            "schedule.csv", "schedule.json", "intervals.csv", "comparison.json", "kubernetes/index.json",
            "kubernetes/000000.yaml",
        ] {
            #expect(one[name]?.isEmpty == false, "\(name)")
        }
        let comparison = try object(String(decoding: try #require(one["comparison.json"]), as: UTF8.self))
        #expect((comparison["policies"] as? [Any])?.count == 2)
        try checkManifests("one")
    }

    /// Holds the manifests against Kubernetes' own schema where the package that ships it is installed.
    private func checkManifests(_ folder: String) throws {
        let python = HerculesCommand.repository.appendingPathComponent(".deps/venv/bin/python")
        let script = HerculesCommand.repository.appendingPathComponent("Scripts/peers/check-manifests.py")
        func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
            let process = Process()
            process.executableURL = python
            process.arguments = arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, output)
        }
        guard FileManager.default.isExecutableFile(atPath: python.path),
            try run(["-c", "import kubernetes_validate"]).status == 0
        else {
            print(
                "manifests not validated: kubernetes-validate is not installed (Scripts/setup --benchmarks)")
            return
        }
        let root = workloads.folder.appendingPathComponent(folder)
        let checked = try run([script.path, root.path])
        #expect(checked.status == 0, "\(checked.output)")
        #expect(checked.output.contains("are valid Kubernetes"))
        // The check can fail: a replica count that is a word is none.
        let first = root.appendingPathComponent("kubernetes/000000.yaml")
        let text = try String(contentsOf: first, encoding: .utf8)
        try text.replacingOccurrences(of: "\"replicas\": ", with: "\"replicas\": many # ").write(
            to: first, atomically: true, encoding: .utf8)
        #expect(try run([script.path, root.path]).status == 1)
    }
}
