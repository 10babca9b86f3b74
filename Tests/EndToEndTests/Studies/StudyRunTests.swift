import Foundation
import Store
import Testing
import Vocabulary

/// A study with few cells: killed and gone on with, in parts on several machines, and with faults.
@Suite struct StudyRunTests {
    private let workloads: SmallWorkloads

    init() throws {
        workloads = try SmallWorkloads()
        try FileManager.default.createDirectory(
            at: workloads.folder.appendingPathComponent("Workloads/studies"),
            withIntermediateDirectories: true)
        try workloads.write("studies/few.yaml", Self.text)
    }

    private static let text = """
        title: Few cells
        scenario: small
        set:
          trace.days: 1
          trace.interval_seconds: 3600
          replay.policies: [greedy, hercules]
          replay.baseline: greedy
        axes:
          - name: load
            key: trace.load_scale
            values: [0.5, 1, 2]
          - name: fleet
            settings:
              - {label: few boxes, set: {fleet: {cpu-t1: 40, cpu-t2: 12, cpu-t2-v100: 1}}}
              - {label: more boxes, set: {fleet: {cpu-t1: 40, cpu-t2: 12, cpu-t2-v100: 8}}}

        """

    private func study(_ words: [String], database: String) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(
            ["study", "Workloads/studies/few.yaml", "--database", database] + words, in: workloads.folder)
    }

    private struct Answer: Decodable {
        struct Cell: Decodable {
            struct Policy: Decodable {
                let name: String
                let meanDrawnWatts: Double
                let violationFraction: Double
            }

            struct Saving: Decodable {
                let baseline: String
                let measure: String
                let drawnEnergyFraction: Double?
            }

            let values: [String: String]
            let state: String
            let policies: [Policy]
            let equalService: [Saving]
        }

        let schemaVersion: Int
        let cells: [Cell]
        let findings: [String]
    }

    @Test func aKilledStudyGoesOnAndPartsOfItBecomeTheSame() throws {
        let process = try HerculesCommand.start(
            [
                "study", "Workloads/studies/few.yaml", "--database", "killed.sqlite", "--workers", "1",
                "--quiet",
            ],
            in: workloads.folder, output: FileHandle.nullDevice, errors: FileHandle.nullDevice)
        let path = workloads.folder.appendingPathComponent("killed.sqlite").path
        var done = 0
        while process.isRunning, done == 0 {
            usleep(20_000)
            guard FileManager.default.fileExists(atPath: path), let store = try? Store(path: path) else {
                continue
            }
            done = try store.rows(of: "study_outcome").rowCount
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(done >= 1)
        let whole = try study(["--format", "json"], database: "killed.sqlite")
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(whole.errors.contains(" were known; 6 of 6 are done") || whole.errors.contains("6 of 6"))
        let store = try Store(path: path)
        #expect(try store.rows(of: "study_cell").rowCount == 6)
        #expect(try store.rows(of: "study_outcome").rowCount == 6, "none twice, none lost")
        #expect(try store.integrityProblems() == [])

        // Two machines that each take a part come to the same bytes.
        for part in 1...2 {
            let run = try study(["--part", "\(part)/2", "--quiet"], database: "part\(part).sqlite")
            #expect(run.status == 0 && run.output.contains("3 of 6 cells are done"), "\(run.output)")
        }
        let merged = try HerculesCommand.run(
            ["db", "merge", "part1.sqlite", "part2.sqlite", "--database", "merged.sqlite"],
            in: workloads.folder)
        #expect(merged.status == 0, "\(merged.errors)")
        let again = try study(["--format", "json"], database: "merged.sqlite")
        #expect(again.errors.contains("computed 0 cells"), "\(again.errors)")
        #expect(again.output == whole.output, "same seed, same bytes")
    }

    @Test func cellsHoldWhatTheirReplaysHold() throws {
        let run = try study(["--format", "json", "--quiet"], database: "a.sqlite")
        #expect(run.status == 0, "\(run.errors)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
        #expect(answer.schemaVersion == 1 && answer.cells.count == 6)
        #expect(
            answer.cells.allSatisfy {
                $0.state == "done" && $0.policies.map(\.name) == ["greedy", "hercules"]
            })
        #expect(answer.findings.count == 1 && answer.findings[0].hasPrefix("Against greedy"))
        // The cell at load 1 with eight boxes, as a scenario of its own.
        let scenario = SmallWorkloads.scenario(id: "one", fleet: "one")
            .replacingOccurrences(of: "2_000", with: "6_000")
            .replacingOccurrences(of: "60_000", with: "180_000")
            .replacingOccurrences(of: "trace:\n", with: "trace:\n  days: 1\n  interval_seconds: 3600\n")
            .replacingOccurrences(
                of: "policies: [static, oblivious, greedy, priority, hercules]",
                with: "policies: [greedy, hercules]"
            ).replacingOccurrences(of: "baseline: static", with: "baseline: greedy")
        try workloads.write(
            "fleets/one.yaml", "id: one\nservers:\n  cpu-t1: 40\n  cpu-t2: 12\n  cpu-t2-v100: 8\n")
        try workloads.write("scenarios/one.yaml", scenario)
        let replay = try HerculesCommand.run(
            [
                "run", "Workloads/scenarios/one.yaml", "--format", "json", "--quiet", "--database",
                "one.sqlite",
                "--output", "one.html",
            ], in: workloads.folder)
        let object = try JSONSerialization.jsonObject(with: Data(replay.output.utf8)) as? [String: Any]
        let policies = try #require(object?["policies"] as? [[String: Any]])
        let savings = try #require(object?["equalService"] as? [[String: Any]])
        let cell = try #require(
            answer.cells.first { $0.values == ["load": "1", "fleet": "more boxes"] })
        for policy in cell.policies {
            let other = try #require(policies.first { $0["name"] as? String == policy.name })
            let joules = try #require(other["drawnEnergyJoules"] as? Double)
            #expect(abs(policy.meanDrawnWatts / (joules / 86_400) - 1) < 1e-9)
            #expect(other["violationFraction"] as? Double == policy.violationFraction)
        }
        for saving in cell.equalService {
            let other = try #require(
                savings.first {
                    $0["baseline"] as? String == saving.baseline && $0["measure"] as? String == saving.measure
                })
            let (found, expected) = (saving.drawnEnergyFraction, other["drawnEnergyFraction"] as? Double)
            #expect((found == nil) == (expected == nil) && abs((found ?? 0) - (expected ?? 0)) < 1e-9)
        }
    }

    @Test func textAndHTMLShowTheMapAndTheFindings() throws {
        let run = try study(["--quiet", "--output", "study.html"], database: "a.sqlite")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Drawn energy saved against greedy") && run.output.contains("few boxes"))
        #expect(run.output.contains("Against greedy"))
        let html = try String(
            contentsOf: workloads.folder.appendingPathComponent("study.html"), encoding: .utf8)
        #expect(html.contains("Where it pays") && html.contains("\"heatmap\""))
        let csv = try study(["--quiet", "--format", "csv"], database: "a.sqlite")
        #expect(csv.output.split(separator: "\n").count == 1 + 6 * 2, "a line a cell and measure")
    }

    @Test func aStudyWithFaultsIsWrongUsageAndLeavesNoDatabase() throws {
        try workloads.write(
            "studies/few.yaml",
            Self.text.replacingOccurrences(of: "[0.5, 1, 2]", with: "[0.5, 0, nan]")
                .replacingOccurrences(of: "trace.days", with: "trace.day"))
        let run = try study([], database: "bad.sqlite")
        #expect(run.status == 64)
        for said in [
            "found 0,", "found nan,", "set.trace.day: found an unknown key", "\nUsage: hercules study ",
        ] {
            #expect(run.errors.contains(said), "\(said): \(run.errors)")
        }
        #expect(
            !FileManager.default.fileExists(
                atPath: workloads.folder.appendingPathComponent("bad.sqlite").path))
    }

    @Test func aSeedThatAnAxisSetsIsRefusedOnTheCommandLine() throws {
        try workloads.write(
            "studies/few.yaml",
            Self.text.replacingOccurrences(of: "key: trace.load_scale", with: "key: seed")
                .replacingOccurrences(of: "[0.5, 1, 2]", with: "[1, 2]"))
        let run = try study(["--seed", "3"], database: "bad.sqlite")
        #expect(run.status == 64 && run.errors.contains("an axis of the study sets it"), "\(run.errors)")
        let dry = try study(["--dry-run"], database: "bad.sqlite")
        #expect(dry.status == 0 && dry.output.contains("4 cells"), "\(dry.output)\(dry.errors)")
    }
}
