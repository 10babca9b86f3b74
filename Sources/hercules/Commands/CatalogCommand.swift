import ArgumentParser
import Pipeline

struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "Look into the catalogue of devices, servers, models and scenarios.",
        discussion: """
            Example: hercules catalog list --kind device --sort thermalDesignWatts
            """,
        subcommands: [CatalogListCommand.self, CatalogShowCommand.self, CatalogCheckCommand.self])
}

/// Where the catalogue lies, and how it is shown.
struct CatalogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder with models, servers and fleets.", valueName: "folder"))
    var workloads = "Workloads"

    @Option(help: "The form of the output: text, json or csv.")
    var format: OutputFormat = .text

    @Option(help: "One kind alone: device, server, model or scenario.")
    var kind: CatalogView.Kind?
}

extension CatalogView.Kind: ExpressibleByArgument {}

struct CatalogListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what there is, or one kind of it with its main figures.",
        discussion: """
            Examples:
              hercules catalog list
              hercules catalog list --kind device --sort bandwidthGbPerS --descending
              hercules catalog list --kind server --format csv
            """)
    @OptionGroup var options: CatalogOptions

    @Option(help: ArgumentHelp("The column to sort by, as JSON and CSV call it.", valueName: "column"))
    var sort: String?

    @Flag(help: "Sort the other way round.")
    var descending = false

    func run() throws {
        emit(
            try CatalogView(directory: options.workloads).list(
                options.kind, sortedBy: sort, descending: descending, as: options.format.rendering))
    }
}

struct CatalogShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one entry, every figure with its source.",
        discussion: """
            Examples:
              hercules catalog show h100-sxm5-80gb
              hercules catalog show dgx-h100 --format json
            """)
    @OptionGroup var options: CatalogOptions

    @Argument(help: ArgumentHelp("A device, server type, model or scenario.", valueName: "name"))
    var name: String

    func run() throws {
        emit(
            try CatalogView(directory: options.workloads).show(
                name, kind: options.kind, as: options.format.rendering))
    }
}

struct CatalogCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a scenario can be planned, and what fills in what is missing.",
        discussion: """
            A scenario is complete where every model has an efficiency entry on at least one available server, or can get \
            one here by modelling or measuring. Otherwise the exit code is 2. Nothing is written.

            Example: hercules catalog check Workloads/scenarios/modelled.yaml
            """)

    @Argument(help: ArgumentHelp("A scenario file.", valueName: "scenario"))
    var scenario: String

    @Option(help: ArgumentHelp("The SQLite database of all results.", valueName: "file"))
    var database = "hercules.sqlite"

    @Option(help: "The form of the output: text, json or csv.")
    var format: OutputFormat = .text

    func run() throws {
        let check = try CatalogCheck(scenarioPath: scenario, databasePath: database)
        emit(check.text(as: format.rendering))
        if !check.isComplete { throw ExitStatus.infeasible }
    }
}
