import ArgumentParser
import Pipeline

struct DatabaseRunsCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Show the runs of scenarios, with how much each found.",
        discussion: "Example: hercules db runs --format csv")
    static let view = "run_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabasePlansCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans", abstract: "Show the plans, with gap, totals and provenance.",
        discussion: "Example: hercules db plans --limit 5")
    static let view = "plan_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
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
