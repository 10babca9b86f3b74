import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("ONNX files")
struct OnnxGeneratorTests {
    private let directory: TemporaryDirectory
    private let small = TinyModels.model(
        "small", dense: (4, [3]), tables: [TinyModels.tables(2, rows: 5, dimension: 2, lookups: 3)],
        predict: [1])

    init() throws { directory = try TemporaryDirectory() }

    @Test("A file is written once, and a different seed, graph or operator gives another")
    func reuse() throws {
        let models = GeneratedModels(directory: directory.path)
        #expect(try !models.holds(small, seed: 1))
        let path = try models.file(of: small, seed: 1)
        #expect(try models.holds(small, seed: 1))
        #expect(try models.path(of: small, seed: 1) == path)
        // Whoever writes it again would put the weights back.
        try directory.write("marked", to: URL(fileURLWithPath: path).lastPathComponent)
        #expect(try models.file(of: small, seed: 1) == path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "marked")

        var other = small
        other = TinyModels.model(
            "small", dense: (4, [3]), tables: [TinyModels.tables(2, rows: 6, dimension: 2, lookups: 3)],
            predict: [1])
        let paths = [
            path, try models.path(of: small, seed: 2), try models.path(of: other, seed: 1),
            try GeneratedModels(directory: directory.path, pooling: .gather).path(of: small, seed: 1),
        ]
        #expect(Set(paths).count == 4)
    }

    @Test("Missing weights are written again")
    func missingWeights() throws {
        let models = GeneratedModels(directory: directory.path)
        let path = try models.file(of: small, seed: 1)
        let weights = try Data(contentsOf: URL(fileURLWithPath: path + ".data"))
        try FileManager.default.removeItem(atPath: path + ".data")
        #expect(try models.file(of: small, seed: 1) == path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".data")) == weights)
    }

    @Test("The leftovers of a killed run are removed, those of a running one are not")
    func leftovers() throws {
        let models = GeneratedModels(directory: directory.path)
        let name = URL(fileURLWithPath: try models.path(of: small, seed: 1)).lastPathComponent
        // No process has a number this high: the kernel's own limit is 2^22.
        try directory.write("half", to: "\(name).99999999.part.data")
        try directory.write("half", to: "\(name).\(ProcessInfo.processInfo.processIdentifier).part.data")
        _ = try models.file(of: small, seed: 1)
        #expect(
            try directory.names
                == [
                    name, name.replacing(".onnx", with: ".sparse.onnx"),
                    name.replacing(".onnx", with: ".dense.onnx"),
                    "\(name).\(ProcessInfo.processInfo.processIdentifier).part.data", "\(name).data",
                ].sorted())
    }

    @Test("A graph without meaning is refused with the key, and leaves nothing behind")
    func impossibleGraphs() throws {
        let models = GeneratedModels(directory: directory.path)
        let behaviours = TinyModels.tables(1, rows: 5, dimension: 4, lookups: 3, isSequence: true)
        let attention = SequenceLayer(kind: .attention, width: 1)
        let cases: [(RecommendationGraph, String)] = [
            (graph([behaviours], attention), "expected at least one of each"),
            (
                graph([TinyModels.tables(1, rows: 5, dimension: 8, lookups: 1), behaviours], attention),
                "found dimensions [4, 8]"
            ),
            (graph([behaviours], nil), "sequence: found nothing"),
            (graph([], nil), "found neither dense features nor embedding tables"),
        ]
        for (graph, expected) in cases {
            let model = Model(
                id: "odd", title: "", source: "", graph: graph, latencyTarget: small.latencyTarget,
                querySizes: .deepRecSys)
            let error = #expect(throws: ProfilingError.self) { try models.file(of: model, seed: 1) }
            #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
            #expect(error?.description.contains("model odd") == true)
        }
        #expect(try directory.names == [])
    }

    @Test("A missing Python environment is named with the command that installs it")
    func missingPython() throws {
        let models = GeneratedModels(directory: directory.path)
        let script = try GeneratedModels.Generator.find().script
        let broken = GeneratedModels(
            directory: directory.path, generator: .init(python: "/no/such/python", script: script))
        let error = #expect(throws: ProfilingError.self) { try broken.file(of: small, seed: 1) }
        #expect(error?.description.contains("/no/such/python") == true)
        #expect(
            ProfilingError.notInstalled(what: "x", reason: "y").description.contains("Scripts/setup"))
        #expect(try models.path(of: small, seed: 1).hasPrefix(directory.path))
    }

    private func graph(_ tables: [EmbeddingTable], _ sequence: SequenceLayer?) -> RecommendationGraph {
        RecommendationGraph(
            denseInputWidth: 0, denseLayers: [], embeddingTables: tables, sequence: sequence,
            predictLayers: [1],
            taskLayers: [])
    }
}
