import Foundation
import Quantities
import Vocabulary

/// The eight recommendation models with tables of a few hundred rows.
enum TinyModels {
    static let all: [Model] = [
        model(
            "rm1", dense: (128, [64, 32]), tables: [tables(8, rows: 400, dimension: 32, lookups: 80)],
            predict: [256, 64, 1]),
        model(
            "rm2", dense: (256, [128, 64]), tables: [tables(32, rows: 50, dimension: 64, lookups: 120)],
            predict: [128, 64, 1]),
        model(
            "rm3", dense: (2560, [1024, 256, 32]),
            tables: [tables(10, rows: 200, dimension: 32, lookups: 20)],
            predict: [512, 256, 1]),
        model(
            "ncf", dense: (0, []),
            tables: [
                tables(2, rows: 140, dimension: 64, lookups: 1),
                tables(2, rows: 28, dimension: 64, lookups: 1),
            ], predict: [256, 256, 128, 64, 64]),
        model(
            "wnd", dense: (512, []), tables: [tables(27, rows: 100, dimension: 32, lookups: 1)],
            predict: [1024, 512, 256, 1]),
        model(
            "mtwnd", dense: (512, []),
            tables: [
                tables(41, rows: 50, dimension: 32, lookups: 1),
                tables(2, rows: 500, dimension: 32, lookups: 1),
            ], predict: [1024, 512], tasks: [[512, 256, 128], [512, 256, 128]]),
        model(
            "din", dense: (0, []),
            tables: [
                tables(1, rows: 100, dimension: 32, lookups: 3),
                tables(1, rows: 10, dimension: 32, lookups: 3),
                tables(2, rows: 1000, dimension: 32, lookups: 3, isSequence: true),
            ], predict: [200, 80, 2], sequence: SequenceLayer(kind: .attention, width: 1)),
        model(
            "dien", dense: (512, []),
            tables: [
                tables(41, rows: 50, dimension: 32, lookups: 1),
                tables(2, rows: 500, dimension: 32, lookups: 1),
            ], predict: [200, 80, 2], sequence: SequenceLayer(kind: .gru, width: 64)),
    ]

    /// Shapes that no published model has but the format allows.
    static let unusual: [Model] = [
        model(
            "wide-attention", dense: (3, []),
            tables: [
                tables(2, rows: 7, dimension: 4, lookups: 1),
                tables(1, rows: 9, dimension: 4, lookups: 5, isSequence: true),
                tables(2, rows: 11, dimension: 4, lookups: 2, isSequence: true),
            ], predict: [1], sequence: SequenceLayer(kind: .attention, width: 6)),
        model(
            "behaviour-gru", dense: (0, []),
            tables: [
                tables(1, rows: 5, dimension: 8, lookups: 2),
                tables(3, rows: 20, dimension: 4, lookups: 6, isSequence: true),
            ], predict: [5, 3], sequence: SequenceLayer(kind: .gru, width: 7)),
        // More rows than the random block that the generator repeats.
        model(
            "large-table", dense: (0, []), tables: [tables(2, rows: 150_000, dimension: 64, lookups: 4)],
            predict: [4]),
    ]

    static func tables(
        _ count: Int, rows: Int, dimension: Int, lookups: Int, isSequence: Bool = false
    ) -> EmbeddingTable {
        EmbeddingTable(
            count: count, rows: rows, dimension: dimension, lookups: lookups, isSequence: isSequence)
    }

    static func model(
        _ name: String, dense: (width: Int, layers: [Int]), tables: [EmbeddingTable], predict: [Int],
        tasks: [[Int]] = [], sequence: SequenceLayer? = nil, sizes: QuerySizes = .deepRecSys
    ) -> Model {
        Model(
            id: ModelID(name), title: name, source: "test",
            graph: RecommendationGraph(
                denseInputWidth: dense.width, denseLayers: dense.layers, embeddingTables: tables,
                sequence: sequence, predictLayers: predict, taskLayers: tasks),
            latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100)),
            querySizes: sizes)
    }
}

/// A directory that is removed with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("hercules-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with its directories.
    func write(_ text: String, to relative: String) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(relative)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func makeDirectory(_ relative: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/" + relative, withIntermediateDirectories: true)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}
