import Files
import Profiling
import Quantities
import Vocabulary

/// The engines that are built in: each has one line here, and one file in `Sources/Profiling/Engines`.
public enum Engines {
    /// What an engine is made from.
    struct Context {
        let settings: EngineSettings
        let seed: UInt64
        /// Where generated ONNX files are kept.
        let modelsDirectory: String
        let cacheBytes: Int
    }

    /// Where an engine runs the models.
    public enum Place: Sendable {
        /// In this process.
        case here
        /// Behind an address.
        case endpoint
        /// In a program of the user's.
        case program
    }

    private struct Entry: Sendable {
        let name: String
        let summary: String
        let axes: ScheduleAxes
        var place = Place.here
        /// Whether its engine is a `PipelinedEngine`.
        var runsPipelines = false
        /// Whether it takes pieces of several queries in one batch.
        var joinsBatches = false
        let make: @Sendable (Context) throws -> any InferenceEngine
    }

    private static let all: [Entry] = [
        Entry(
            name: "openvino", summary: "OpenVINO in this process", axes: .cores, runsPipelines: true,
            joinsBatches: true
        ) {
            try OpenVINOEngine(
                models: GeneratedModels(directory: $0.modelsDirectory), seed: $0.seed,
                cacheBytes: $0.cacheBytes)
        },
        Entry(
            name: "onnxruntime", summary: "ONNX Runtime in this process", axes: .cores, joinsBatches: true
        ) {
            try OnnxRuntimeEngine(
                models: GeneratedModels(directory: $0.modelsDirectory, pooling: .gather), seed: $0.seed,
                cacheBytes: $0.cacheBytes)
        },
        Entry(
            name: "openai", summary: "an OpenAI-compatible server over HTTP, with streaming",
            axes: .requestsInFlight(hasBatches: false), place: .endpoint
        ) {
            try OpenAIEngine(settings: $0.settings, seed: $0.seed)
        },
        Entry(
            name: "kserve", summary: "a KServe v2 server over REST (Triton, OpenVINO Model Server, MLServer)",
            axes: .requestsInFlight(hasBatches: true), place: .endpoint
        ) {
            try KServeEngine(settings: $0.settings, seed: $0.seed)
        },
        Entry(
            name: "command", summary: "a program that offers the load itself", axes: .cores, place: .program
        ) {
            try CommandEngine(settings: $0.settings)
        },
        Entry(
            name: "null", summary: "no inference, to measure the harness itself", axes: .cores,
            joinsBatches: true
        ) { _ in
            NullEngine()
        },
    ]

    /// The engine that is used where none is named.
    public static let standard = EngineSettings(name: "openvino")

    /// Every name, in the order they are listed.
    public static var names: [String] { all.map(\.name) }

    /// Where the engine of a name runs the models; nil where there is none of that name.
    public static func place(of name: String) -> Place? { all.first { $0.name == name }?.place }

    /// The engines that ask a server over HTTP.
    public static var serverNames: [String] {
        all.filter { if case .endpoint = $0.place { true } else { false } }.map(\.name)
    }

    /// One line for each engine, for help texts.
    public static var summaries: [String] { all.map { "\($0.name): \($0.summary)" } }

    /// Readies an engine.
    /// - Parameters:
    ///   - modelsDirectory: where generated ONNX files are kept.
    ///   - seed: of random weights and input.
    ///   - cacheBytes: size of the last-level cache, which random input must outgrow.
    /// - Throws: `PipelineError.unknownName`, or `ProfilingError` where the engine is missing or wants other
    ///   settings.
    public static func make(
        _ settings: EngineSettings, modelsDirectory: String, seed: UInt64, cacheBytes: Int
    ) throws -> any InferenceEngine {
        try entry(settings).make(
            Context(
                settings: settings, seed: seed, modelsDirectory: modelsDirectory, cacheBytes: cacheBytes))
    }

    /// What the numbers of a schedule mean to an engine.
    public static func axes(of settings: EngineSettings) throws -> ScheduleAxes { try entry(settings).axes }

    /// Every schedule that a grid measures with an engine: the grid over this machine's cores, or one
    /// schedule for each number of requests in flight.
    /// - Parameters:
    ///   - cores: of this machine.
    ///   - batches: the values of D, where the engine knows batches.
    public static func grid(
        for settings: EngineSettings, cores: Int, batches: [Int]
    ) throws -> [Schedule] {
        switch try axes(of: settings) {
        case .cores: return scheduleGrid(cores: cores, batches: batches)
        case .requestsInFlight(let hasBatches):
            return (settings.concurrency ?? defaultConcurrency).flatMap { inFlight in
                (hasBatches ? batches : [1]).map {
                    Schedule(partition: .whole, threads: inFlight, workers: 1, batch: $0)
                }
            }
        }
    }

    /// The schedules that a profile of a model measures on this machine.
    /// - Throws: `PipelineError.badValue` where batches are to be joined and the engine does not join any,
    ///   and as `partitions(for:_:)`.
    static func grid(
        of model: Model, _ settings: ProfileSettings, cores: Int
    ) throws -> [Schedule] {
        let engine = settings.engine ?? standard
        let batches = model.batches(of: settings.batches)
        guard case .cores = try axes(of: engine) else {
            guard settings.precisions ?? [.default] == [.default], settings.joinWaits ?? [] == [] else {
                throw PipelineError.badValue(
                    name: "profile", found: "precisions or join_waits_ms with the engine \(engine.name)",
                    expected: "an engine that runs models in this process, which alone can be told so")
            }
            return try grid(for: engine, cores: cores, batches: batches)
        }
        return scheduleGrid(
            cores: cores, batches: batches, partitions: try partitions(for: model, settings),
            precisions: settings.precisions ?? [.default], joined: try joined(for: model, settings))
    }

    /// The joined batches of a profile of a model.
    static func joined(
        for model: Model, _ settings: ProfileSettings, batches: [Int]? = nil
    ) throws -> JoinedBatches {
        let entry = try entry(settings.engine ?? standard)
        guard entry.joinsBatches else {
            guard settings.joinWaits ?? [] == [] else {
                throw PipelineError.badValue(
                    name: "profile.join_waits_ms", found: "the engine \(entry.name)",
                    expected: all.filter(\.joinsBatches).map(\.name).joined(separator: " or "))
            }
            return JoinedBatches()
        }
        let asked = batches ?? settings.batches
        return JoinedBatches(
            waits: settings.joinWaits ?? model.joinWaits(for: asked),
            batches: model.joinedBatches(of: asked))
    }

    /// The partitions of a profile that a model has: one without embeddings has nothing to split.
    /// - Throws: `PipelineError.cannotSplit` for an engine that runs no pipelines, and for a model whose
    ///   graph is not known, because it is a file of the user's own or served elsewhere.
    static func partitions(
        for model: Model, _ settings: ProfileSettings
    ) throws -> [ThreadSchedule.Partition] {
        let asked = settings.partitions ?? [.whole]
        guard asked.contains(.sparseDense) else { return asked }
        let entry = try entry(settings.engine ?? standard)
        guard entry.runsPipelines else {
            throw PipelineError.cannotSplit(
                found: "the engine \(entry.name)",
                expected: all.filter(\.runsPipelines).map(\.name).joined(separator: " or "))
        }
        guard let tensors = model.splitTensors else {
            throw PipelineError.cannotSplit(
                found: "model \(model.id), \(model.kind.label)", expected: "generated models")
        }
        return tensors.isEmpty ? asked.filter { $0 != .sparseDense } : asked
    }

    /// Numbers of requests in flight that are measured where the settings name none.
    static let defaultConcurrency = [1, 2, 4, 8]

    private static func entry(_ settings: EngineSettings) throws -> Entry {
        guard let entry = all.first(where: { $0.name == settings.name }) else {
            throw PipelineError.unknownName(kind: "engine", found: settings.name, known: names)
        }
        return entry
    }
}
