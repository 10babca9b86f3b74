import ArgumentParser
import Pipeline

struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Look into the database, or join databases.",
        discussion: """
            Example: hercules db export --table measurement_summary --format csv
            """,
        subcommands: [
            DatabaseTablesCommand.self, DatabaseMeasurementsCommand.self, DatabaseEfficiencyCommand.self,
            DatabaseEvaluationsCommand.self, DatabasePathCommand.self,
            DatabaseExportCommand.self, DatabaseCheckCommand.self, DatabaseMergeCommand.self,
            DatabaseRunsCommand.self, DatabasePlansCommand.self, DatabaseBackupCommand.self,
            DatabaseInfoCommand.self, DatabaseImportsCommand.self, DatabaseFiguresCommand.self,
            DatabaseForgetCommand.self, DatabaseVacuumCommand.self,
        ])
}

/// A verb that shows the rows of one view.
protocol ViewCommand: ParsableCommand {
    static var view: String { get }
    var options: SharedOptions { get }
    var rows: RowOptions { get }
}

extension ViewCommand {
    func run() throws {
        emit(
            try DatabaseView(path: options.database).rows(
                of: Self.view, limit: rows.limitOrAll, selection: rows.selection,
                as: options.format.rendering))
    }
}

struct DatabaseTablesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables", abstract: "List the tables and views with their row counts.",
        discussion: "Example: hercules db tables")
    @OptionGroup var options: SharedOptions

    func run() throws {
        emit(try DatabaseView(path: options.database).tables(as: options.format.rendering))
    }
}

struct DatabaseMeasurementsCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "measurements", abstract: "Show what was measured, with provenance and doubts.",
        discussion: "Example: hercules db measurements --limit 20")
    static let view = "measurement_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabaseEfficiencyCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "efficiency", abstract: "Show the efficiency entries, with provenance.",
        discussion: "Example: hercules db efficiency --format csv")
    static let view = "efficiency_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabaseEvaluationsCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluations",
        abstract: "Show every schedule that searches evaluated, with the best so far after each.",
        discussion: "Example: hercules db evaluations --limit 0 --format csv")
    static let view = "evaluation_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabasePathCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Show the accepted steps of searches, from the start to the best schedule.",
        discussion: "Example: hercules db path --limit 20")
    static let view = "search_path"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabaseExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write all rows of one table or view.",
        discussion: "Example: hercules db export --table efficiency_summary --format csv")
    @OptionGroup var options: SharedOptions

    @Option(
        helpWithDefault: "The table or view; `hercules db tables` lists them.",
        transform: NameText.filled("the name of a table"))
    var table = "measurement_summary"

    func run() throws {
        emit(
            try DatabaseView(path: options.database).rows(
                of: table, limit: nil, as: options.format.rendering))
    }
}

struct DatabaseCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the file's structure and references.",
        discussion: "Example: hercules db check")
    @OptionGroup var options: SharedOptions

    func run() throws {
        let problems = try DatabaseView(path: options.database).problems()
        emit(problems.isEmpty ? "no problems\n" : problems.joined(separator: "\n") + "\n")
        if !problems.isEmpty { throw ExitCode.failure }
    }
}
