import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// What a scenario need not say, and how all that is wrong with it is said at once.
@Suite struct ScenarioDefaultsTests {
    private let copy: WorkingCopy

    init() throws { copy = try WorkingCopy() }

    /// A scenario in a folder that holds nothing else, with the shipped catalogue behind it.
    private func scenario(_ text: String) throws -> Scenario {
        let path = try copy.write(text, to: "own/mine.yaml")
        return try Catalog(forScenarioAt: path, shipped: Repository.workloads).scenario(at: path).scenario
    }

    private func refusal(_ text: String) -> String? {
        message(without: copy.path) { _ = try scenario(text) }
    }

    @Test func modelsAndAFleetAreEnough() throws {
        let found = try scenario("models: [ncf]\nfleet: {cpu-t1: 3, cpu-t2: 1}\n")
        #expect(found.id == "mine" && found.title == "mine" && found.seed == 1 && found.trace == nil)
        #expect(found.fleet.counts == ["cpu-t1": 3, "cpu-t2": 1])
        #expect(found.profile == ProfileSettings() && found.search == SearchSettings())
        #expect(found.replay == ReplaySettings())
    }

    @Test func aKeyThatIsLeftOutHasItsDefaultBesideOthers() throws {
        let text =
            "models: [ncf]\nfleet: {cpu-t1: 3}\nprofile: {cell_seconds: 2}\nreplay: {policies: [greedy]}\n"
        let found = try scenario(text)
        #expect(found.profile.cellDuration == Nanoseconds(seconds: 2))
        #expect(found.profile.batches == ProfileSettings().batches)
        #expect(found.replay.subject == "greedy" && found.replay.baseline == "greedy")
    }

    @Test func everythingThatIsMissingOrWrongIsSaidInOneRun() throws {
        try copy.write("id: own\nquery_sizes: {fixed_items: 1}\n", to: "own/models/own.yaml")
        let text = try #require(
            refusal(
                """
                models: [own, rm9]
                fleet: {cpu-t9: 1, cpu-t1: 0}
                profile: {cell_seconds: 0, load_fraction: 2}
                search: {queries: x, method: 3}
                replay: {gap_fraction: 2, over_provision: {window_intervals: 0}}
                seed: -1
                """))
        for part in [
            "own/models/own.yaml:1: title: found nothing, expected this key",
            "own/models/own.yaml:1: latency_limit_ms: found nothing", "found 'rm9'", "found 'cpu-t9'",
            "fleet.cpu-t1: found 0", "profile.cell_seconds: found 0", "profile.load_fraction: found 2",
            "search.queries: found x", "replay.gap_fraction: found 2",
            "replay.over_provision.window_intervals: found 0", "seed: found -1",
        ] {
            #expect(text.contains(part), "\(part) is not in:\n\(text)")
        }
        #expect(
            refusal("title: t\n")?.components(separatedBy: "\n").count == 2, "models and fleet are missing")
    }

    @Test func aTraceLiesBesideItsScenarioAndCountsAsItIs() throws {
        try copy.write("time,ncf,other\n0,5,1\n60,10,1\n120,7,1\n", to: "own/load.csv")
        let head = "models: [ncf]\nfleet: {cpu-t1: 3}\n"
        let named = try scenario(head + "trace: {file: load.csv}\n")
        #expect(named.trace?.peakDemand["ncf"] == QueriesPerSecond(10))
        let path = try scenario(head + "trace: {file: ./load.csv, peak_queries_per_second: {ncf: 100}}\n")
        #expect(path.trace?.peakDemand["ncf"] == QueriesPerSecond(100))
        // A name of the catalogue is one still.
        let shipped = try scenario(head + "trace: {file: week.csv, columns: {ncf: shop}}\n")
        #expect(shipped.trace?.intervalCount == 672)
        let other = refusal("models: [wnd, ncf]\nfleet: {cpu-t1: 3}\ntrace: {file: load.csv}\n")
        #expect(
            other?.contains("trace.columns: found 'wnd', expected the column of the model's load") == true)
        #expect(
            refusal(head + "trace: {columns: {ncf: other}}\n")?.contains("trace.file: found nothing") == true)
    }

    @Test func whatIsPlannedByFiguresNeedsNeitherTensorsNorAProcessor() throws {
        try copy.write(
            "id: own\ntitle: t\nsource: s\nlatency_quantile: 0.9\nlatency_limit_ms: 9\n"
                + "query_sizes: {fixed_items: 1}\n",
            to: "own/models/own.yaml")
        try copy.write(
            "id: box\ntitle: t\npower: {idle_watts: 90, peak_watts: 400}\nsources: [s]\n",
            to: "own/servers/box.yaml")
        let found = try scenario("models: [own]\nfleet: {box: 4}\n")
        #expect(found.models[0].kind == .figures && found.models[0].inputs == nil)
        let box = found.serverTypes[0]
        #expect(box.processor == nil && box.memory == nil && box.power.peak == Watts(400))
        #expect(box.power.halfLoadFactor == 1)
        // What says half of it has forgotten the other half.
        try copy.write(
            "id: box\ntitle: t\nmemory: {capacity_gib: 4, bandwidth_gb_per_s: 9}\n"
                + "power: {idle_watts: 90, peak_watts: 400}\nsources: [s]\n", to: "own/servers/box.yaml")
        #expect(refusal("models: [own]\nfleet: {box: 4}\n")?.contains("processor: found nothing") == true)
        try copy.write(
            "id: box\ntitle: t\npower: {idle_watts_per_core: 9, peak_watts: 400}\nsources: [s]\n",
            to: "own/servers/box.yaml")
        #expect(
            refusal("models: [own]\nfleet: {box: 4}\n")?.contains("expected watts of the whole server")
                == true)
    }

    @Test func theInputsOfAnOnnxFileAreReadFromItsGraph() throws {
        let file = "\(Repository.workloads)/models/onnx/example-ranker.onnx"
        let target = LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(milliseconds: 5))
        let read = try OnnxModel(path: file, target: target, items: 4, sizes: [:])
        let described = try Catalog(directory: Repository.workloads).model("example-ranker")
        let found = try #require(read.model.inputs)
        let expected = try #require(described.inputs)
        #expect(Set(found.map(\.name)) == Set(expected.map(\.name)))
        for input in expected {
            let same = try #require(found.first { $0.name == input.name })
            #expect(same.elementType == input.elementType && same.shape == input.shape, "\(input.name)")
            guard case .tableRows(let rows, _, _, _) = input.values else { continue }
            guard case .tableRows(let read, _, _, _) = same.values else {
                Issue.record("\(input.name) picks rows of a table")
                continue
            }
            #expect(read == rows, "\(input.name)")
        }
        #expect(read.model.id == "example-ranker" && read.model.querySizes == .fixed(4))
        let none = message { _ = try OnnxModel(path: file, target: target, items: 1, sizes: ["seq": 4]) }
        #expect(none?.contains("no free dimension 'seq'") == true)
    }

    /// Cut off anywhere, and with a byte changed anywhere, a file is read or refused.
    @Test func damagedOnnxFilesAreReadOrRefused() throws {
        let bytes = Array(
            try Data(contentsOf: URL(filePath: "\(Repository.workloads)/models/onnx/example-ranker.onnx")))
        let target = LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(milliseconds: 5))
        let path = "\(copy.path)/damaged.onnx"
        for step in 0..<400 {
            var damaged = bytes
            let place = step * bytes.count / 400
            if step.isMultiple(of: 2) { damaged.removeSubrange(place...) } else { damaged[place] ^= 0xFF }
            try Data(damaged).write(to: URL(filePath: path))
            let text = message { _ = try OnnxModel(path: path, target: target, items: 1, sizes: [:]) }
            #expect(text?.contains("expected") ?? true, "\(step): \(text ?? "")")
        }
    }
}
