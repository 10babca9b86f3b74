import ArgumentParser
import Pipeline

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in figures that somebody else measured.",
        discussion: """
            Kinds:
            \(ImportStage.kinds.map { "  \($0.kind): \($0.title)" }.joined(separator: "\n"))

            Every row is checked against the laws of queueing and power; a row that breaks one is kept with \
            a mark, \
            or refused with --strict. Each file is imported whole or not at all, and a second time changes \
            nothing. Import `devices` first, so that watts and rates can be compared with datasheets.

            Example: hercules import csv Database/Seed/published.csv
            """)
    @OptionGroup var options: SharedOptions

    @Argument(
        help: ArgumentHelp("The format of the files.", valueName: "kind"),
        transform: NameText.name("kind of import", among: ImportStage.kinds.map(\.kind)))
    var kind: String

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @Option(
        help: "A YAML file with other names of columns, models and servers, constants and factors.",
        transform: NameText.file)
    var mapping: String?

    @Option(help: "Whom the figures are from.", transform: NameText.filled("the name of a source"))
    var source: String?

    @Option(help: "The licence they come under.", transform: NameText.filled("the name of a licence"))
    var licence: String?

    @Flag(help: "Refuse rows that break a law instead of marking them.")
    var strict = false

    @Flag(help: "Read and judge, and keep nothing.")
    var dryRun = false

    func run() throws {
        let request = ImportRequest(
            kind: kind, files: files, mapping: mapping, source: source, licence: licence, isStrict: strict,
            isDryRun: dryRun)
        emit(
            try ImportRun(database: options.database, progress: options.progress).text(
                request, as: options.format.rendering))
    }
}
