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

    @Option(
        help: ArgumentHelp("The column to sort by, as JSON and CSV call it.", valueName: "column"),
        transform: NameText.column)
    var sort: String?

    @Flag(help: "Sort the other way round.")
    var descending = false

    func validate() throws {
        if descending, sort == nil { throw ValidationError("--descending needs --sort") }
    }

    func run() throws {
        emit(
            try CatalogView(directory: options.workloads).list(
                options.kind, sortedBy: sort, descending: descending, as: options.form.rendering))
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
                name, kind: options.kind, as: options.form.rendering))
    }
}

struct CatalogCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether a scenario can be planned, and what fills in what is missing.",
        discussion: """
            A scenario is complete where every model has an efficiency entry on at least one available \
            server, or can get one here by modelling or measuring. Otherwise the exit code is 2. Nothing is \
            written.

            Example: hercules catalog check Workloads/scenarios/modelled.yaml
            """)

    @Argument(help: ArgumentHelp("A scenario file.", valueName: "scenario"), completion: .file())
    var scenario: String

    @OptionGroup var databaseOption: DatabaseOption
    @OptionGroup var form: FormatOption

    func run() throws {
        let database = databaseOption.database
        let check = try CatalogCheck(
            scenarioPath: scenario, databasePath: database,
            commandEnding: database == DatabaseOption.standard ? "" : " --database \(database)")
        emit(check.text(as: form.rendering))
        if !check.isComplete { throw ExitStatus.infeasible }
    }
}
