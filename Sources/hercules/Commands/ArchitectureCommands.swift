import ArgumentParser
import Pipeline

struct ArchitectureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nas",
        abstract: "Search networks, and map them onto NPUs and compute in memory.",
        discussion: """
            Example: hercules nas compare --network tiny-resnet8
            """,
        subcommands: [
            ArchitectureSearchCommand.self, EdgeCompareCommand.self, EdgeMapCommand.self, SiliconCommand.self,
        ])
}

struct EdgeCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Print latency and energy of networks on NPUs with and without compute in memory.",
        discussion: """
            Every layer runs on the NPU, in macros that compute in memory, or on both: the mapping is \
            exactly \
            the best one. Nothing is stored.

            Examples:
              hercules nas compare
              hercules nas compare --network tiny-ds-cnn --server tiny-npu --server tiny-npu-dimc8
            """)

    @Option(
        help: ArgumentHelp(
            "A model with a network section; may be given again. All of them unless given.",
            valueName: "network"), transform: NameText.filled("the name of a model"))
    var network: [String] = []

    @Option(
        help: ArgumentHelp(
            "A server type with a systolic array; may be given again. The first without macros is what "
                + "others "
                + "are compared with.", valueName: "server"),
        transform: NameText.filled("the name of a server type"))
    var server: [String] = []

    @OptionGroup var options: EdgeOptions

    func run() throws {
        emit(
            try EdgeStage(inCatalogueOf: options.catalogue.workloads).compared(
                networks: network, servers: server, as: options.catalogue.form.rendering,
                html: options.output))
    }
}

struct EdgeMapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "Show, layer by layer, where a network runs on a box and what that takes.",
        discussion: """
            Example: hercules nas map tiny-hybrid edge-npu-dimc4 --goal energy
            """)

    @Argument(help: "A model with a network section.")
    var network: String

    @Argument(help: "A server type with a systolic array.")
    var server: String

    @Option(
        help: "What the mapping is best for: latency, energy or throughput.",
        completion: .list(EdgeGoal.allCases.map(\.rawValue)),
        transform: NameText.choice("goal"))
    var goal = EdgeGoal.latency

    @OptionGroup var options: EdgeOptions

    func run() throws {
        emit(
            try EdgeStage(inCatalogueOf: options.catalogue.workloads).mapped(
                network: network, server: server, for: goal, as: options.catalogue.form.rendering,
                html: options.output))
    }
}

struct SiliconCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silicon",
        abstract: "Compute published macros from their gates, beside what was reported of them.",
        discussion: """
            Example: hercules nas silicon
            """)

    @OptionGroup var catalogue: ServingCatalogueOptions

    func run() throws {
        emit(try EdgeStage(inCatalogueOf: catalogue.workloads).silicon(as: catalogue.form.rendering))
    }
}

struct ArchitectureSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search a space of networks for those that no other beats on an edge box.",
        discussion: """
            Objectives are latency and energy of the exactly best mapping, and a proxy of error: minus the \
            logarithm of the multiply-accumulates. The proxy is no accuracy. Nothing is stored.

            Examples:
              hercules nas search Workloads/nas/hybrid-28.yaml --server edge-npu-dimc4
              hercules nas search Workloads/nas/hybrid-28.yaml --server tiny-npu-dimc8 --compare --weights 64
            """)

    @Argument(help: ArgumentHelp("The space's file.", valueName: "space"), transform: NameText.file)
    var space: String

    @Option(
        help: "A server type with a systolic array.", transform: NameText.filled("the name of a server type"))
    var server: String

    @Option(
        help: "How to search: nsga2, regularised, local or random.",
        completion: .list(SearchWay.allCases.map(\.rawValue)), transform: NameText.choice("method"))
    var method = SearchWay.nsga2

    @Option(
        help: "Architectures to evaluate, each once.", transform: NumberText.whole(from: 1, to: 1_000_000))
    var evaluations = 2_000

    @Option(help: "The seed of every random stream.")
    var seed: UInt64 = 1

    @Option(
        help: "The most KiB of weights; larger architectures are no answer.",
        transform: NumberText.number("a number above 0") { $0 > 0 })
    var weights: Double?

    @Flag(help: "Also play the other methods, with as many evaluations.")
    var compare = false

    @OptionGroup var options: EdgeOptions

    func run() throws {
        var request = ArchitectureSearchStage.Request()
        request.method = method
        request.evaluations = evaluations
        request.seed = seed
        request.compares = compare
        request.weightKibMax = weights
        emit(
            try ArchitectureSearchStage(
                spaceAt: space, server: server, inCatalogueOf: options.catalogue.workloads
            ).searched(request, as: options.catalogue.form.rendering, html: options.output))
    }
}
