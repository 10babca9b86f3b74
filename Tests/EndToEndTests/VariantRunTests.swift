import Foundation
import Testing

/// The shipped scenario with variants on edge boxes, from its file to its report.
@Suite struct VariantRunTests {
    private let workloads: SmallWorkloads
    private let edge = HerculesCommand.repository.appendingPathComponent("Workloads/scenarios/edge.yaml").path

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func theEdgeScenarioRunsToItsReport() throws {
        let run = try hercules("run", edge, "--days", "0.25", "--output", "edge.html", "--quiet")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("drawn energy saved against fixed-best, with accuracy"))
        let html = try String(
            contentsOf: workloads.folder.appendingPathComponent("edge.html"), encoding: .utf8)
        #expect(html.contains("Power against the floor on mean accuracy") && html.contains("Who answers"))

        let plan = try object(hercules("plan", "--format", "json").output)
        #expect(plan["status"] as? String == "optimal")
        let (objective, bound) = (
            try #require(plan["objectiveWatts"] as? Double), try #require(plan["boundWatts"] as? Double)
        )
        #expect(bound <= objective && objective - bound <= 1e-3 * objective)
        let task = try #require((plan["tasks"] as? [[String: Any]])?.first)
        let mean = try #require(task["meanAccuracy"] as? Double)
        #expect(mean >= 0.64 - 1e-6)
        let floors = try #require(plan["floors"] as? [[String: Any]])
        let watts = floors.compactMap { $0["watts"] as? Double }
        #expect(watts.count == floors.count && zip(watts, watts.dropFirst()).allSatisfy { $0 <= $1 * 1.001 })

        let arguments = ["replay", "--days", "0.25", "--omit-timing", "--format", "json"]
        let first = try HerculesCommand.run(arguments, in: workloads.folder)
        let replay = try object(first.output)
        let services = try #require(replay["tasks"] as? [[String: Any]])
        #expect(
            services.compactMap { $0["policy"] as? String } == [
                "fixed-best", "fixed-smallest", "greedy-by-load", "variants",
            ])
        let accuracies = services.compactMap { $0["meanAccuracy"] as? Double }
        #expect(abs(accuracies[0] - 0.7) < 1e-9 && abs(accuracies[1] - 0.482) < 1e-9)
        #expect(accuracies[3] >= 0.64 && accuracies[3] < 0.7)
        #expect(try HerculesCommand.run(arguments, in: workloads.folder).output == first.output)
    }

    @Test func whatTasksHaveNoAnswerToIsRefused() throws {
        _ = try hercules("search", edge, "--quiet")
        for words in [["plan", "--sensitivity"], ["replay", "--frontier"]] {
            let outcome = try HerculesCommand.run(words, in: workloads.folder)
            #expect(
                outcome.status == 64 && outcome.errors.contains("leave out \(words[1])"), "\(outcome.errors)")
        }
        let other = try hercules("replay", "--policies", "static")
        #expect(other.status == 64 && other.errors.contains("unknown policy that chooses variants"))
    }

    @Test func aFloorOutOfReachEndsWithTwo() throws {
        let text = try String(contentsOfFile: edge, encoding: .utf8)
        let folder = workloads.folder.appendingPathComponent("Workloads/scenarios")
        try text.replacingOccurrences(of: "id: edge", with: "id: high").replacingOccurrences(
            of: "floor: 0.64", with: "floor: 0.75"
        ).write(to: folder.appendingPathComponent("high.yaml"), atomically: true, encoding: .utf8)
        let outcome = try HerculesCommand.run(
            ["plan", "Workloads/scenarios/high.yaml"], in: workloads.folder,
            environment: [
                "HERCULES_CATALOGUE": HerculesCommand.repository.appendingPathComponent("Workloads").path
            ])
        // The search comes first.
        #expect(outcome.status != 0)
        _ = try HerculesCommand.run(["search", "--quiet"], in: workloads.folder)
        let plan = try hercules("plan")
        #expect(plan.status == 2, "\(plan.errors)")
        #expect(plan.errors.contains("mobilenet-v1-1.0-224 with 0.7"), "\(plan.errors)")
    }

    @Test func aSpaceIsSearchedAtEqualEvaluations() throws {
        let space = HerculesCommand.repository.appendingPathComponent("Workloads/nas/hybrid-28.yaml").path
        let words = [
            "nas", "search", space, "--server", "edge-npu-dimc4", "--evaluations", "150", "--compare",
        ]
        let first = try HerculesCommand.run(words, in: workloads.folder)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("proxy of error") && first.output.contains("regularised"))
        #expect(try HerculesCommand.run(words, in: workloads.folder).output == first.output)
        let small = try HerculesCommand.run(
            words.dropLast() + ["--weights", "40", "--format", "json"], in: workloads.folder)
        let found = try JSONSerialization.jsonObject(with: Data(small.output.utf8))
        let rows = (found as? [String: Any])?["rows"] ?? found
        let members = try #require(rows as? [[String: Any]])
        #expect(!members.isEmpty && members.allSatisfy { ($0["weightKib"] as? Double ?? 99) <= 40 })
        let wrong = try HerculesCommand.run(
            ["nas", "search", space, "--server", "cpu-t1"], in: workloads.folder)
        #expect(wrong.status == 64 && wrong.errors.contains("systolic array"))
    }

    @Test func networksAreComparedAndMapped() throws {
        let table = try hercules("nas", "compare", "--network", "tiny-resnet8", "--format", "json")
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.output.contains("edge-npu-dimc4") && table.output.contains("edge-npu-aimc4"))
        let map = try hercules("nas", "map", "tiny-hybrid", "edge-npu-dimc4", "--goal", "energy")
        #expect(map.status == 0 && map.output.contains("attention scores"), "\(map.errors)")
        let silicon = try hercules("nas", "silicon", "--format", "csv")
        #expect(silicon.output.contains("dimc-isscc23-7-2"))
        let wrong = try hercules("nas", "map", "ncf", "edge-npu")
        #expect(wrong.status == 64 && wrong.errors.contains("a model with a network section"))
        let unknown = try hercules("nas", "compare", "--server", "cpu-t1")
        #expect(unknown.status == 64 && unknown.errors.contains("server type with a systolic array"))
    }
}
