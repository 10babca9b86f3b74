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
            ServingCompareCommand.self, ServingCalibrateCommand.self,
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
            Every step is formed as the engine's own scheduler forms it: vllm, sglang, trtllm, continuous or \
            static. Nothing is stored.

            Examples:
              hercules llm simulate Workloads/llm/chat.yaml
              hercules llm simulate Workloads/llm/chat.yaml --rates 1..40 --output chat.html
            """)

    @Argument(help: ArgumentHelp("The cluster's file.", valueName: "cluster"), transform: NameText.file)
    var cluster: String

    @OptionGroup var options: ServingOptions
    @OptionGroup var question: ServingRateOptions

    func run() throws {
        var asked = ServingStage.Question()
        asked.rates = question.rates
        asked.requests = question.requests
        emit(
            try ServingStage(clusterAt: cluster, seed: options.seed)
                .simulated(asked, as: options.form.rendering, html: options.output))
    }
}

struct ServingCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Play a measured run again, request by request, and print how far off the simulation is.",
        discussion: """
            The log has one JSON object a line: input_toks, output_toks, and on one clock queued_ts, \
            first_token_ts, last_token_ts in seconds.

            Example: hercules llm compare requests.jsonl --cluster cluster.yaml
            """)

    @Argument(help: ArgumentHelp("The measured requests.", valueName: "log"), transform: NameText.file)
    var log: String

    @OptionGroup var measured: MeasuredRunOptions

    func run() throws {
        emit(
            try ServingStage(clusterAt: measured.cluster, seed: measured.options.seed)
                .compared(with: log, as: measured.options.form.rendering, html: measured.options.output))
    }
}

struct ServingCalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fit a cluster's step times to a measured run, and print the constants with their errors.",
        discussion: """
            Fits the shares of peak arithmetic and bandwidth that steps reach, and the host's time of a \
            step, by playing the run again some hundred times. What is printed can be put into the \
            cluster's file.

            Example: hercules llm calibrate requests.jsonl --cluster cluster.yaml
            """)

    @Argument(help: ArgumentHelp("The measured requests.", valueName: "log"), transform: NameText.file)
    var log: String

    @OptionGroup var measured: MeasuredRunOptions

    func run() throws {
        emit(
            try ServingStage(clusterAt: measured.cluster, seed: measured.options.seed)
                .calibrated(to: log, as: measured.options.form.rendering, html: measured.options.output))
    }
}
