import ArgumentParser
import Pipeline
import Vocabulary

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write the files of a first scenario: short, commented, and ready to run.",
        discussion: """
            What is missing on the command line is asked for on a terminal. Nothing that is there already is \
            replaced.

            Example: hercules init fleet shop --figures figures.csv --trace load.csv --server box-a=20 \
            --watts box-a=90-400
            """,
        subcommands: [
            InitFleetCommand.self, InitLanguageModelsCommand.self, InitModelCommand.self,
            InitProfileCommand.self,
        ])
}

struct InitFleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Write a scenario that plans a fleet for models under load.",
        discussion: """
            Models and server types are names of the catalogue (hercules catalog list) or of your figures, \
            a CSV with the columns model, server, throughput and throughput_unit. Of server types that the \
            catalogue does not have, say how many watts they draw.

            Examples:
              hercules init fleet shop --figures figures.csv --trace load.csv \\
                  --server box-a=20 --server box-b=8 --watts box-a=90-400 --watts box-b=150-900
              hercules init fleet modelled --model rm1 --model ncf --server cpu-t1=40 --server cpu-t2=20
            """)
    @OptionGroup var place: DraftPlaceOptions
    @OptionGroup var fleet: DraftFleetOptions
    @OptionGroup var load: DraftLoadOptions

    func run() throws {
        var draft = DraftScenario(name: try place.name(), purpose: .fleet)
        try fleet.apply(to: &draft)
        try load.apply(to: &draft)
        try place.write(draft, next: "hercules run \(place.scenarioPath(of: draft.name))")
    }
}

struct InitLanguageModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llm",
        abstract: "Write a scenario that plans boxes for language models from serving benchmarks.",
        discussion: """
            The results are what vLLM, SGLang or AIPerf write; they do not say which server they ran on, so \
            each file is given as SERVER=FILE, or as FILE where the fleet has one type.

            Example:
              hercules init llm chat --figures a100-box=vllm.json --trace AzureLLMInferenceTrace_conv.csv \\
                  --server a100-box=8 --watts a100-box=1200-6500 --latency-target p99:20s
            """)
    @OptionGroup var place: DraftPlaceOptions
    @OptionGroup var fleet: DraftFleetOptions
    @OptionGroup var load: DraftLoadOptions

    func run() throws {
        var draft = DraftScenario(name: try place.name(), purpose: .languageModels)
        draft.figuresKind = "vllm"
        try fleet.apply(to: &draft)
        try load.apply(to: &draft)
        // A file that names no server belongs to the only type there is.
        if draft.servers.count == 1, let only = draft.servers.keys.first {
            for index in draft.figures.indices where draft.figures[index].server == nil {
                draft.figures[index].server = only
            }
        }
        let path = place.scenarioPath(of: draft.name)
        try place.write(draft, next: "hercules search \(path), then hercules plan")
    }
}

struct InitProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Write a scenario that measures models on this machine.",
        discussion: """
            Example: hercules init profile mine --model ncf --model ranker.onnx
            """)
    @OptionGroup var place: DraftPlaceOptions

    @Option(
        help: ArgumentHelp("A model of the catalogue or an ONNX file; may be repeated.", valueName: "model"),
        transform: NameText.filled("the name of a model or a file"))
    var model: [String] = []

    func run() throws {
        var draft = DraftScenario(name: try place.name(), purpose: .profile)
        draft.models =
            try model.isEmpty
            ? Question.list(
                "--model", "Which models? Names of the catalogue or ONNX files, separated by commas",
                reading: NameText.filled("the name of a model or a file"))
            : model
        try place.write(draft, next: "hercules profile \(place.scenarioPath(of: draft.name))")
    }
}

struct InitModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Write the description of a model of your own.",
        discussion: """
            Of an ONNX file the inputs are read from the graph, with what may stand in them as far as it \
            shows. Without a file or a served name, the model is known by imported figures alone.

            Examples:
              hercules init model ranker --onnx ranker.onnx --latency-target 20ms
              hercules init model chat --served-name tiny-chat --latency-target p99:10s
            """)
    @OptionGroup var place: DraftPlaceOptions

    @Option(
        help: ArgumentHelp("The ONNX file.", valueName: "file"), completion: .file(), transform: NameText.file
    )
    var onnx: String?

    @Option(
        help: ArgumentHelp("What the model is called at the server that serves it.", valueName: "name"),
        transform: NameText.filled("the name of a served model"))
    var servedName: String?

    @Option(
        help: ArgumentHelp(
            "The latency that is asked of it, such as 20ms or p99:50ms; p95:100ms unless given.",
            valueName: "target"), transform: LatencyTargetText.target)
    var latencyTarget: SearchRequest.Target?

    @Option(
        help: ArgumentHelp("How many items a query holds; 1 unless given.", valueName: "n"),
        transform: NumberText.whole(from: 1, to: 1_000_000))
    var queryItems: Int?

    func validate() throws {
        if onnx != nil, servedName != nil {
            throw ValidationError("--onnx and --served-name: expected one of them")
        }
    }

    func run() throws {
        var draft = DraftModel(name: try place.name())
        draft.onnx = onnx
        draft.servedName = servedName
        draft.target = latencyTarget
        draft.items = queryItems
        try place.write([draft.file(in: place.folder)], next: "name it under `models` of a scenario")
    }
}
