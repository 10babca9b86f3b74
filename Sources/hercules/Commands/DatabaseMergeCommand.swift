import ArgumentParser
import Pipeline

struct DatabaseMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Add what other database files hold to this one.",
        discussion: """
            Records are the same where their contents are, so merging a file twice changes nothing and the \
            order of files does not matter. Each file is merged whole or not at all, and is itself only \
            read. A model that two files define differently is refused, with both definitions.

            Example: hercules db merge node1.sqlite node2.sqlite --database rack.sqlite
            """)
    @OptionGroup var options: SharedOptions

    @Argument(help: ArgumentHelp("The files to merge.", valueName: "file"), completion: .file())
    var files: [String]

    @Flag(help: "Keep models of one name that behave differently side by side instead of refusing them.")
    var keepRedefinitions = false

    func run() throws {
        emit(
            try DatabaseMerge(into: options.database, progress: options.progress).run(
                files, keepsRedefinitions: keepRedefinitions, as: options.format.rendering))
    }
}
