import Files
import Quantities
import Vocabulary

/// Reads `models/<name>.yaml`.
enum ModelReader {
    private enum Key: String, SectionKey {
        case id, title, source
        case latencyQuantile = "latency_quantile"
        case latencyLimit = "latency_limit_ms"
        case querySizes = "query_sizes"
        case denseInputWidth = "dense_input_width"
        case denseLayers = "dense_layers"
        case embeddingTables = "embedding_tables"
        case sequence
        case predictLayers = "predict_layers"
        case taskLayers = "task_layers"
        case onnx, inputs, endpoint, network, language, accuracy

        /// The keys that describe a graph to be generated.
        static let described: [Key] = [
            .denseInputWidth, .denseLayers, .embeddingTables, .sequence, .predictLayers, .taskLayers,
        ]
    }

    private enum TableKey: String, SectionKey {
        case count, rows, dimension, lookups
        case isSequence = "is_sequence"
        case indexDistribution = "index_distribution"
    }

    private enum SequenceKey: String, SectionKey {
        case kind, width
    }

    /// - Parameter catalog: where language models and the laws of their steps are found.
    static func model(at path: String, name: String, in catalog: Catalog) throws(FileError) -> Model {
        let section = try YAMLValue(path: path).section(Key.self)
        try section.require(.id, .title, .source, .latencyQuantile, .latencyLimit, .querySizes)
        try section[.id].requireName(name)
        let quantile = try section[.latencyQuantile].number(.quantile)
        let limit = try section[.latencyLimit].duration(unitSeconds: 1e-3)
        return Model(
            id: ModelID(name), title: try section[.title].text(), source: try section[.source].text(),
            kind: try kind(section, path: path, catalog),
            latencyTarget: LatencyTarget(quantile: Quantile(quantile), limit: limit),
            querySizes: try QuerySizesReader.querySizes(section[.querySizes]),
            accuracy: try section.optional(.accuracy).map(AccuracyReader.accuracy))
    }

    /// A model is what its own keys say: a file, an endpoint, or a description. One that says nothing of it
    /// is known by imported figures alone.
    private static func kind(
        _ section: YAMLSection<Key>, path: String, _ catalog: Catalog
    ) throws(FileError) -> ModelKind {
        let given = [Key.onnx, .endpoint, .network, .language].filter { section.optional($0) != nil }
        guard let kind = given.first else {
            if let inputs = section.optional(.inputs) {
                throw .invalidValue(
                    inputs.place, found: "inputs without onnx",
                    expected: "an onnx file that they are inputs of")
            }
            let isDescribed = Key.described.contains { section.optional($0) != nil }
            guard isDescribed else { return .figures }
            return .recommendation(try graph(section))
        }
        let others = given.dropFirst() + Key.described.filter { section.optional($0) != nil }
        if let other = others.first.flatMap(section.optional) {
            throw .invalidValue(
                other.place, found: "this key beside \(kind.rawValue)", expected: "either one or the other")
        }
        if kind != .onnx, let inputs = section.optional(.inputs) {
            throw .invalidValue(
                inputs.place, found: "inputs beside \(kind.rawValue)",
                expected: "what \(kind.rawValue) holds")
        }
        switch kind {
        case .network: return .network(try NetworkReader.network(section[.network]))
        case .language:
            return .language(try TokenServiceReader(catalog: catalog).service(section[.language]))
        case .endpoint: return .endpoint(try ServedModelReader.served(section[.endpoint]))
        default:
            return .onnx(
                try OnnxFileReader.file(section[.onnx], inputs: section.optional(.inputs), beside: path))
        }
    }

    private static func graph(_ section: YAMLSection<Key>) throws(FileError) -> RecommendationGraph {
        try section.require(.embeddingTables, .predictLayers)
        let graph = RecommendationGraph(
            denseInputWidth: try section.optional(.denseInputWidth)?.wholeNumber() ?? 0,
            denseLayers: try section.optional(.denseLayers).map(widths) ?? [],
            embeddingTables: try tables(section[.embeddingTables]),
            sequence: try section.optional(.sequence).map(sequenceLayer),
            predictLayers: try widths(section[.predictLayers]),
            taskLayers: try section.optional(.taskLayers).map(taskLayers) ?? [])
        if !graph.denseLayers.isEmpty && graph.denseInputWidth == 0 {
            throw .missingKey(section.place(of: .denseInputWidth))
        }
        let hasSequenceTables = graph.embeddingTables.contains(where: \.isSequence)
        if let value = section.optional(.sequence), !hasSequenceTables {
            throw .invalidValue(
                value.place, found: "a sequence layer, and no table to read from",
                expected: "is_sequence: true in one of the embedding_tables")
        }
        if hasSequenceTables && graph.sequence == nil { throw .missingKey(section.place(of: .sequence)) }
        return graph
    }

    private static func tables(_ value: YAMLValue) throws(FileError) -> [EmbeddingTable] {
        var tables: [EmbeddingTable] = []
        for item in try value.filledList() {
            let table = try item.section(TableKey.self)
            tables.append(
                EmbeddingTable(
                    count: try table[.count].wholeNumber(to: 100_000), rows: try table[.rows].wholeNumber(),
                    dimension: try table[.dimension].wholeNumber(to: 100_000),
                    lookups: try table[.lookups].wholeNumber(to: 100_000),
                    isSequence: try table.optional(.isSequence)?.truth() ?? false,
                    indexDistribution: try table.optional(.indexDistribution)
                        .map(ModelInputReader.indexDistribution)))
        }
        return tables
    }

    private static func sequenceLayer(_ value: YAMLValue) throws(FileError) -> SequenceLayer {
        let section = try value.section(SequenceKey.self)
        let kinds = SequenceLayer.Kind.allCases.map(\.rawValue)
        let word = try section[.kind].choice(of: kinds)
        guard let kind = SequenceLayer.Kind(rawValue: word) else {
            throw try section[.kind].refusal(expected: kinds.joined(separator: ", "))
        }
        return SequenceLayer(kind: kind, width: try section[.width].wholeNumber(to: 100_000))
    }

    private static func taskLayers(_ value: YAMLValue) throws(FileError) -> [[Int]] {
        var tasks: [[Int]] = []
        for task in try value.filledList() { tasks.append(try widths(task)) }
        return tasks
    }

    private static func widths(_ value: YAMLValue) throws(FileError) -> [Int] {
        var widths: [Int] = []
        for item in try value.filledList() { widths.append(try item.wholeNumber(to: 100_000)) }
        return widths
    }
}

extension YAMLValue {
    /// Checks that the `id` in a file is the file's own name, by which other files refer to it.
    func requireName(_ name: String) throws(FileError) {
        let found = try self.name()
        guard found == name else {
            throw .invalidValue(place, found: found, expected: "\(name), the file's name")
        }
    }
}
