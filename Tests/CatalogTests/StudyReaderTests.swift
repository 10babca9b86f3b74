import Catalog
import Files
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Studies as people write them, and what is said where they do not hold together.
@Suite struct StudyReaderTests {
    private static let text = """
        title: A small study
        scenario: modelled
        set:
          trace.days: 1
          replay: {policies: [greedy, hercules], gap_fraction: 0.01}
        axes:
          - name: load
            key: trace.load_scale
            values: [0.5, 2]
          - keys: [replay.dynamics.boot_seconds, replay.dynamics.drain_seconds]
            name: starts
            values: [10, 1_000]
          - name: fleet
            settings:
              - {label: one, set: {fleet: {cpu-t1: 5}}}
              - label: two
                set: {fleet: {cpu-t1: 5, cpu-t2: 2}, efficiency_spread: 2}

        """

    private static let host = DetectedHost(cores: 4, memory: Bytes(8e9))

    /// Reads a study as the command does.
    @discardableResult
    static func load(
        _ path: String, from catalog: Catalog, known: KnownNames = KnownNames()
    ) throws -> ResolvedStudy {
        try catalog.study(at: path, host: host, known: known) { (path, options) throws(FileError) in
            try TraceImporter(options: options).read(path: path)
        }
    }

    /// - Parameter copy: has to stay while cells are read.
    private func read(_ text: String, in copy: WorkingCopy) throws -> ResolvedStudy {
        let path = try copy.write(text, to: "studies/small.yaml")
        return try Self.load(
            path, from: Catalog(forScenarioAt: path),
            known: KnownNames(policies: ["greedy", "hercules", "static"]))
    }

    private func read(_ text: String) throws { _ = try read(text, in: WorkingCopy(ofWorkloads: true)) }

    private func refusal(replacing old: String, with new: String) throws -> String {
        let text = Self.text.replacingOccurrences(of: old, with: new)
        try #require(text != Self.text)
        let said = message { try read(text) }
        return try #require(said, "nothing is said of '\(new)'")
    }

    @Test func everyCellHasTheScenarioThatItsValuesMake() throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        defer { withExtendedLifetime(copy) {} }
        let resolved = try read(Self.text, in: copy)
        #expect(resolved.study.id == "small" && resolved.study.scenario == "modelled")
        #expect(resolved.study.axes.map(\.name) == ["load", "starts", "fleet"])
        #expect(resolved.study.axes.map(\.labels) == [["0.5", "2"], ["10", "1_000"], ["one", "two"]])
        let base = try resolved.base()
        #expect(base.trace?.span.seconds == 86_400 && base.replay.policies == ["greedy", "hercules"])
        #expect(resolved.varies("fleet") && resolved.varies("replay") && !resolved.varies("seed"))
        let first = try resolved.scenario(ofCell: 0)
        let last = try resolved.scenario(ofCell: 7)
        let (peak, before, after) = (
            try #require(base.trace?.peakDemand["rm1"].value),
            try #require(first.trace?.peakDemand["rm1"].value),
            try #require(last.trace?.peakDemand["rm1"].value)
        )
        #expect(abs(before / peak - 0.5) < 1e-12 && abs(after / peak - 2) < 1e-12)
        #expect(first.fleet.counts == ["cpu-t1": 5] && last.fleet.counts == ["cpu-t1": 5, "cpu-t2": 2])
        #expect(first.efficiencySpread == nil && last.efficiencySpread == 2)
        #expect(last.replay.online?.dynamics.boot.seconds == 1000)
        #expect(last.replay.online?.dynamics.drain.seconds == 1000)
        #expect(last.id == "modelled", "a cell is a look at its scenario")
    }

    @Test(arguments: [
        (
            "trace.load_scale", "trace.load_scal",
            "small.yaml:8: axes[0].key: trace.load_scal: found an unknown"
        ),
        ("trace.load_scale", "trace.load_scal", "did you mean 'load_scale'?"),
        (
            "trace.load_scale", "trace..x",
            "found the key 'trace..x', expected keys of a scenario joined by dots"
        ),
        ("trace.load_scale", "title.x", "found the key title.x, expected the key title itself"),
        ("[0.5, 2]", "[]", "small.yaml:9: axes[0].values: found an empty list"),
        ("[0.5, 2]", "[0.5, 2, 0.50]", "axes[0].values[2]: found 0.50 a second time (first in line 9)"),
        ("[0.5, 2]", "[0.5, nan]", "small.yaml:9: axes[0].values[1]: trace.load_scale: found nan"),
        ("[0.5, 2]", "[0.5, -2]", "small.yaml:9: axes[0].values[1]: trace.load_scale: found -2"),
        ("[0.5, 2]", "[0.5, ~]", "axes[0].values[1]: found nothing, expected a value"),
        ("[0.5, 2]", "[{a: 1}]", "axes[0].values[0]: found keys and values"),
        ("name: starts", "name: load", "found a second axis called load"),
        ("set: {fleet: {cpu-t1: 5}}", "set: {trace.load_scale: 1}", "a key that the axis load sets, too"),
        ("cpu-t2: 2", "cpu-t9: 2", "cpu-t9"),
        ("label: two", "label: one", "found one a second time"),
        ("label: two", "label: ~", "found nothing, expected what people call this setting"),
        ("scenario: modelled", "scenario: modeled", "did you mean 'modelled'?"),
        ("policies: [greedy", "policies: [greedly", "small.yaml:5: set.replay.policies[0]"),
        ("    values: [10, 1_000]\n", "", "expected one of them"),
        ("title: A small study", "tittle: A small study", "did you mean 'title'?"),
    ])
    func aFaultIsNamedWithItsLine(old: String, new: String, said: String) throws {
        let refusal = try refusal(replacing: old, with: new)
        #expect(refusal.contains(said), "\(refusal)")
    }

    @Test func everyFaultIsSaidInOneRun() throws {
        let text = Self.text.replacingOccurrences(of: "[0.5, 2]", with: "[0.5, 0, -1]")
            .replacingOccurrences(of: "drain_seconds]", with: "drain_second]")
            .replacingOccurrences(of: "cpu-t2: 2", with: "cpu-t9: 2")
        let refusal = try #require(message { try read(text) })
        #expect(refusal.contains("found 0,") && refusal.contains("found -1,"))
        #expect(refusal.contains("drain_second") && refusal.contains("cpu-t9"))
        #expect(refusal.split(separator: "\n").count == 4, "each once: \(refusal)")
    }

    @Test func moreCellsThanABoundAreRefused() throws {
        let values = (1...101).map { "\($0)" }.joined(separator: ", ")
        let text = """
            scenario: modelled
            axes:
              - {key: seed, values: [\(values)]}
              - {key: replay.gap_fraction, values: [0.001, 0.01]}
              - {key: search.queries, values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}
              - {key: trace.days, values: [1, 2, 3, 4, 5]}

            """
        let refusal = try #require(message { try read(text) })
        #expect(refusal.contains("101 x 2 x 10 x 5 = 10100 cells, expected at most 10000"), "\(refusal)")
    }

    @Test func theShippedStudiesAreRead() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let names = try catalog.studyNames()
        #expect(names.contains("when-it-pays"))
        for name in names {
            let resolved = try Self.load("\(Repository.workloads)/studies/\(name).yaml", from: catalog)
            #expect(resolved.study.cellCount >= 100, "\(name)")
        }
    }
}
