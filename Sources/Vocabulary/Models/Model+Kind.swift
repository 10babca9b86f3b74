import Quantities

/// What a model's kind says about it, so that nobody else has to ask which kind it is.
extension Model {
    /// Bytes of the parameters that a server loads before it serves; nil where they are not known. Of a
    /// recommendation model its embedding tables in single precision, which are nearly all of it.
    public var parameterBytes: Bytes? {
        switch kind {
        case .recommendation(let graph):
            Bytes(
                graph.embeddingTables.reduce(0) {
                    $0 + 4 * Double($1.count) * Double($1.rows) * Double($1.dimension)
                })
        case .network(let shape): Bytes(shape.weightBytes)
        case .language(let service): Bytes(service.shape.bytes)
        case .onnx, .endpoint, .figures: nil
        }
    }

    /// The tensors at which the model falls into a sparse and a dense part. Empty where it has nothing to
    /// split, nil where its graph is not known.
    public var splitTensors: [ModelInput]? {
        switch kind {
        case .recommendation(let graph): graph.splitTensors
        case .network, .language: []
        case .onnx, .endpoint, .figures: nil
        }
    }

    /// Counts that tell how large the model is, by their names for people.
    public var sizes: [(name: String, count: Int)] {
        switch kind {
        case .recommendation(let graph):
            [
                ("embedding rows", graph.embeddingTables.reduce(0) { $0 + $1.count * $1.rows }),
                ("embedding tables", graph.embeddingTables.reduce(0) { $0 + $1.count }),
            ]
        case .network(let shape): [("layers", shape.layers.count)]
        case .language(let service): [("layers", service.shape.layers)]
        case .onnx, .endpoint, .figures: []
        }
    }

    /// The model as a stage of a pipeline: a demand of its own, whose latency is that of the answer that the
    /// next stage or the user waits for. Of a language model that others come after, it is the whole answer.
    public func stage(_ place: Int, of pipeline: ServedPipeline) -> Model {
        var kind = kind
        if case .language(var service) = kind {
            service.isWaitedForWhole = pipeline.isLast(place) ? nil : true
            kind = .language(service)
        }
        return Model(
            id: pipeline.demandID(of: place), title: title, source: source, kind: kind,
            latencyTarget: LatencyTarget(
                quantile: pipeline.quantile(of: place), limit: pipeline.target.limit),
            querySizes: querySizes, accuracy: accuracy)
    }
}
