import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

/// What is written, and where.
struct DraftPlaceOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("What it is called: the file's name without its ending.", valueName: "name"))
    var typedName: String?

    @Option(
        helpWithDefault: ArgumentHelp(
            "The folder to write in; made where there is none.", valueName: "folder"),
        completion: .directory, transform: NameText.folder)
    var folder = "."

    func validate() throws {
        if let typedName { _ = try NameText.draft(typedName) }
    }

    func name() throws -> String {
        try typedName ?? Question.one("NAME", "What shall it be called?", reading: NameText.draft)
    }

    func scenarioPath(of name: String) -> String { folder == "." ? "\(name).yaml" : "\(folder)/\(name).yaml" }

    func write(_ draft: DraftScenario, next: String) throws {
        try write(draft.files(in: folder), next: next)
    }

    func write(_ files: [DraftFile], next: String) throws {
        for path in try DraftFile.write(files, in: folder) { emit("wrote \(path)\n") }
        emit("next: \(next)\n")
    }
}

/// The servers of a draft, and what is known of them.
struct DraftFleetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How many servers of a type there are; may be repeated.", valueName: "type=count"),
        transform: NamedText.serverCounts)
    var server: [Named<ServerTypeID, Int>] = []

    @Option(
        help: ArgumentHelp(
            "What a server draws idle and at full load; of types that the catalogue does not have.",
            valueName: "type=idle-peak"), transform: NamedText.powerRanges)
    var watts: [Named<ServerTypeID, DraftScenario.PowerRange>] = []

    @Option(
        help: ArgumentHelp(
            "A model of the catalogue or an ONNX file; those of the figures unless given.",
            valueName: "model"), transform: NameText.filled("the name of a model or a file"))
    var model: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file of figures: FILE, or SERVER=FILE where it does not name its server; may be repeated.",
            valueName: "file"), completion: .file(), transform: NamedText.figures)
    var figures: [DraftScenario.Figures] = []

    @Option(
        help: ArgumentHelp(
            "The format of the figures (hercules import --help lists them); csv, of llm vllm, unless given.",
            valueName: "kind"),
        completion: .list(ImportStage.kinds.map(\.kind)),
        transform: NameText.name("kind of import", among: ImportStage.kinds.map(\.kind)))
    var kind: String?

    @Option(
        help: ArgumentHelp(
            "The latency that is asked of models that the catalogue does not have, such as p99:50ms; that of "
                + "the figures or p95:100ms unless given.", valueName: "target"),
        transform: LatencyTargetText.target)
    var latencyTarget: SearchRequest.Target?

    func validate() throws {
        _ = try (server.byName("--server"), watts.byName("--watts"))
    }

    func apply(to draft: inout DraftScenario) throws {
        draft.figures = figures
        draft.figuresKind = kind ?? draft.figuresKind
        draft.target = latencyTarget
        draft.models = model
        if model.isEmpty, figures.isEmpty {
            draft.models = try Question.list(
                "--model or --figures", "Which models? Names of the catalogue, separated by commas",
                reading: NameText.filled("the name of a model"))
        }
        draft.servers =
            try server.isEmpty
            ? Question.list(
                "--server", "Which servers? TYPE=COUNT, separated by commas", reading: NamedText.serverCounts
            ).byName("--server")
            : server.byName("--server")
        draft.power = try watts.byName("--watts")
    }
}

/// The load of a draft.
struct DraftLoadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A CSV of loads over time; without one, plans take loads by name.", valueName: "file"),
        completion: .file(), transform: NameText.file)
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "The shape of the trace; told from its first line unless given.", valueName: "layout"),
        transform: NameText.choice("layout of a trace"))
    var layout: TraceLayout?

    @Option(help: "The column of times; the first unless given.", transform: NameText.column)
    var timeColumn: String?

    @Option(
        help: ArgumentHelp(
            "A model's column of loads; the one with its name unless given.", valueName: "model=column"),
        transform: LoadColumn.reading)
    var loadColumn: [LoadColumn] = []

    @Option(
        help: ArgumentHelp(
            "Scale a model's loads so that their highest is this; as they are unless given.",
            valueName: "model=qps"), transform: NamedText.loads)
    var peak: [Named<ModelID, QueriesPerSecond>] = []

    func validate() throws {
        _ = try (peak.byName("--peak"), columns())
        guard trace == nil else { return }
        let given = [
            ("--layout", layout != nil), ("--time-column", timeColumn != nil),
            ("--load-column", !loadColumn.isEmpty), ("--peak", !peak.isEmpty),
        ].filter(\.1).map(\.0)
        guard given.isEmpty else {
            throw ValidationError("\(given.joined(separator: ", ")): expected a file with --trace")
        }
    }

    private func columns() throws -> [ModelID: String] {
        try loadColumn.map { column in
            guard let model = column.model else {
                throw ValidationError("--load-column: expected model=column")
            }
            return Named(name: model, value: column.column)
        }.byName("--load-column")
    }

    func apply(to draft: inout DraftScenario) throws {
        draft.trace = trace
        draft.layout = layout
        draft.timeColumn = timeColumn
        draft.loadColumns = try columns()
        draft.peaks = try peak.byName("--peak")
    }
}
