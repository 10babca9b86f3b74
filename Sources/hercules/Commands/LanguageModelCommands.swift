import ArgumentParser
import Pipeline

struct LanguageModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llm",
        abstract: "Simulate engines that serve language models, and fit them to measured runs.",
        discussion: """
            Example: hercules llm simulate Workloads/llm/chat.yaml
            """,
        subcommands: [
            LanguageModelListCommand.self, ServingDeviceListCommand.self, ServingSimulateCommand.self,
            ServingMeasureCommand.self, ServingCompareCommand.self, ServingCalibrateCommand.self,
            TokenLawCommand.self, ServingRouterCommand.self,
        ])
}

struct LanguageModelListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the language models of the catalogue with what follows from their sizes.",
        discussion: """
            A model is its config.json in Workloads/llm/models; a cluster may also name the path of one.

            Example: hercules llm models
            """)

    @OptionGroup var catalogue: ServingCatalogueOptions

    func run() throws {
        emit(try ServingStage.models(inCatalogueOf: catalogue.workloads, as: catalogue.form.rendering))
    }
}

struct ServingDeviceListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "List the accelerators that language models can be simulated on.",
        discussion: """
            Example: hercules llm devices --format csv
            """)

    @OptionGroup var catalogue: ServingCatalogueOptions

    func run() throws {
        emit(try ServingStage.devices(inCatalogueOf: catalogue.workloads, as: catalogue.form.rendering))
    }
}

struct ServingSimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play a workload against a cluster: latencies, goodput, memory, power.",
        discussion: """
            Every step is formed as the engine's own scheduler forms it: vllm, sglang, trtllm, llamacpp, \
            continuous or static. Nothing is kept unless a database is named.

            Examples:
              hercules llm simulate Workloads/llm/chat.yaml
              hercules llm simulate Workloads/llm/chat.yaml --rates 1..40 --plot --output chat.html
              hercules llm simulate Workloads/llm/chat.yaml --concurrency 1..64
            """)

    @Argument(help: ArgumentHelp("The cluster's file.", valueName: "cluster"), transform: NameText.file)
    var cluster: String

    @OptionGroup var options: ServingOptions
    @OptionGroup var question: ServingRateOptions
    @OptionGroup var constants: ServingConstantsOption

    func validate() throws {
        guard !question.plot || options.form.format == .text else {
            throw ValidationError(
                "found --plot beside \(options.form.format.rawValue), expected it with text alone")
        }
    }

    func run() throws {
        var asked = ServingStage.Question()
        asked.rates = question.rates
        asked.clients = question.concurrency
        asked.requests = question.requests
        emit(
            try ServingStage(
                clusterAt: cluster, seed: options.seed, database: options.database,
                calibration: constants.constantsFrom.map { Int64($0) }
            )
            .simulated(
                asked, as: question.plot ? options.form.rendering.withPlots : options.form.rendering,
                html: options.output))
    }
}

struct ServingMeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Send a cluster's workload to a real server and keep every request.",
        discussion: """
            The server speaks OpenAI's interface with streaming. The log is one that compare and calibrate \
            read: half of the runs fit constants, the others say how far off they are.

            Example: hercules llm measure chat.yaml --endpoint http://127.0.0.1:8000 --served-name tiny \
            --output run.jsonl
            """)

    @Argument(help: ArgumentHelp("The cluster's file.", valueName: "cluster"), transform: NameText.file)
    var cluster: String

    @OptionGroup var options: LiveServingOptions

    func run() throws {
        emit(
            try ServingMeasurement(clusterAt: cluster, seed: options.seed)
                .measured(options.question, to: options.output))
    }
}

struct ServingCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Play a measured run again, request by request, and print how far off the simulation is.",
        discussion: """
            The log is what vllm bench serve --save-detailed, SGLang's bench_serving --output-details, \
            guidellm or AIPerf wrote, or one JSON object a line: input_toks, output_toks, and on one clock \
            queued_ts (or sent_ts of a client), first_token_ts, last_token_ts in seconds.

            Example: hercules llm compare requests.jsonl --cluster cluster.yaml
            """)

    @Argument(help: ArgumentHelp("The measured requests.", valueName: "log"), transform: NameText.file)
    var log: String

    @OptionGroup var measured: MeasuredRunOptions
    @OptionGroup var constants: ServingConstantsOption

    func run() throws {
        emit(
            try ServingStage(
                clusterAt: measured.cluster, seed: measured.options.seed, database: measured.options.database,
                calibration: constants.constantsFrom.map { Int64($0) }
            )
            .compared(with: log, as: measured.options.form.rendering, html: measured.options.output))
    }
}

struct ServingCalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fit a cluster's step times to a measured run, and print the constants with their errors.",
        discussion: """
            Fits the shares of peak arithmetic and bandwidth that steps reach, and the host's time of a \
            step, by playing the run again some hundred times; where times count from clients and the \
            cluster has no key client, also what lies before the engine's queue. What is printed can be \
            put into the cluster's file. Without one, a model and a device stand for one engine under \
            vLLM's rules; say the limits that the measured one had, as a wrong one shows in the errors.

            Examples:
              hercules llm calibrate requests.jsonl --cluster cluster.yaml
              hercules llm calibrate requests.jsonl --model llama-3.1-8b --device l40s --tp 2
            """)

    @Argument(help: ArgumentHelp("The measured requests.", valueName: "log"), transform: NameText.file)
    var log: String

    @OptionGroup var measured: FittedRunOptions

    func run() throws {
        emit(
            try measured.stage().calibrated(
                to: log, as: measured.options.form.rendering, html: measured.options.output))
    }
}

struct TokenLawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "laws",
        abstract: "Fit times of engines' steps to a table of measured times of output tokens.",
        discussion: """
            One fit for each model, device, engine, precision and degree of tensor parallelism: a time of \
            any step, of each sequence, of each token in the cache and of each token of a prompt. A fit that \
            is off by more than 15 % on rows left out is refused by search. With --output, the fits of one \
            model, engine and precision become a file that the key laws of a model names.

            Example: hercules llm laws silicon_sample.csv --model Llama-3.1-70B --backend vllm \
            --precision fp8 --output llama-3.1-70b-fp8-vllm.yaml
            """)

    @Argument(help: ArgumentHelp("The measured rows.", valueName: "table"), transform: NameText.file)
    var table: String

    @Option(
        help: "What the table is, as the verb import names kinds.",
        transform: NameText.name("kind of import", among: ImportStage.kinds.map(\.kind)))
    var kind = "aiconfigurator"

    @Option(
        help: "Only models whose name in the table ends so.",
        transform: NameText.filled("the name of a model"))
    var model: String?

    @Option(
        help: "Only this engine, for example vllm.", transform: NameText.filled("the name of an engine"))
    var backend: String?

    @Option(
        help: "Only this precision, for example fp8.",
        transform: NameText.filled("the name of a precision"))
    var precision: String?

    @Option(
        help: ArgumentHelp("Also write the fits as a file of the catalogue.", valueName: "file"),
        transform: NameText.file)
    var output: String?

    @OptionGroup var catalogue: ServingCatalogueOptions

    func run() throws {
        let stage = try TokenLawStage(
            file: table, kind: kind,
            selection: TokenLawStage.Selection(model: model, backend: backend, precision: precision),
            catalogue: catalogue.workloads)
        if let output { try stage.write(to: output) }
        emit(stage.table(as: catalogue.form.rendering))
    }
}

struct ServingRouterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routers",
        abstract: "Play every router on one cluster, with the same requests.",
        discussion: """
            Once with all requests present, once as they arrive. Routers that weigh work or memory are \
            played with lengths known, off by a factor, and in the mean alone. The caption says what could \
            be won at best over equal counts in turns: the mean speed of the engines over the least, less 1.

            Example: hercules llm routers Workloads/llm/mixed-cards.yaml --requests 2000
            """)

    @Argument(help: ArgumentHelp("The cluster's file.", valueName: "cluster"), transform: NameText.file)
    var cluster: String

    @Option(
        help: "Conversations a second to play; the workload's own unless given.", transform: RateListText.one)
    var rate: Double?

    @Option(
        help: "Conversations to play; the workload's own unless given.",
        transform: NumberText.whole(from: 1, to: 10_000_000))
    var requests: Int?

    @Option(help: "The seed of every random stream; the cluster's own unless given.")
    var seed: UInt64?

    @OptionGroup var form: FormatOption

    func run() throws {
        emit(
            try ServingStage(clusterAt: cluster, seed: seed).routers(
                rate: rate, requests: requests, as: form.rendering))
    }
}
