import ArgumentParser
import Pipeline

struct DatabaseRunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Show the runs of scenarios, with how much each found.",
        discussion: "Example: hercules db runs --format csv")
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions

    func run() throws {
        emit(
            try DatabaseView(path: options.database).rows(
                of: "run_summary", limit: rows.limit, as: options.format.rendering))
    }
}

struct DatabasePlansCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans", abstract: "Show the plans, with gap, totals and provenance.",
        discussion: "Example: hercules db plans --limit 5")
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions

    func run() throws {
        emit(
            try DatabaseView(path: options.database).rows(
                of: "plan_summary", limit: rows.limit, as: options.format.rendering))
    }
}

struct DatabaseBackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the database as it stands now, also while others write to it.",
        discussion: """
            The copy is one consistent state in one file. A file that exists is not overwritten.

            Example: hercules db backup before-the-weekend.sqlite
            """)
    @OptionGroup var options: SharedOptions

    @Argument(help: ArgumentHelp("The file to make.", valueName: "file"))
    var file: String

    func run() throws {
        try DatabaseView.backUp(options.database, to: file)
        emit("\(options.database) copied to \(file)\n")
    }
}
