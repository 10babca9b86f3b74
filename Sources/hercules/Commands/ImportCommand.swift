import ArgumentParser
import Pipeline
import Quantities
import Store

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

            Figures that nobody published (no licence, no source named by the format or the row) count as \
            your own, and come before published ones; --own and --published say otherwise. What is said of \
            a file stays with it when a scenario imports it again.

            Example: hercules import csv Database/Seed/published.csv
            """)
    @OptionGroup var options: SharedOptions

    @Argument(
        help: ArgumentHelp("The format of the files.", valueName: "kind"),
        completion: .list(ImportStage.kinds.map(\.kind)),
        transform: NameText.name("kind of import", among: ImportStage.kinds.map(\.kind)))
    var kind: String

    @Argument(help: ArgumentHelp("The files.", valueName: "file"), completion: .file())
    var files: [String]

    @Option(
        help: "A YAML file with other names of columns, models and servers, constants and factors.",
        completion: .file(), transform: NameText.file)
    var mapping: String?

    @Option(help: "Whom the figures are from.", transform: NameText.filled("the name of a source"))
    var source: String?

    @Option(help: "The licence they come under.", transform: NameText.filled("the name of a licence"))
    var licence: String?

    @Option(
        help: "The server that every file is of, where the files do not say.",
        transform: NameText.filled("the name of a server"))
    var server: String?

    @Option(
        help: "The model that every file is of, where the files do not say.",
        transform: NameText.filled("the name of a model"))
    var model: String?

    @Option(help: "How many accelerators took part.", transform: NumberText.whole(from: 1, to: 1_000_000))
    var devices: Int?

    @Flag(help: "You measured the figures: they come before published ones.")
    var own = false

    @Flag(help: "Somebody published the figures.")
    var published = false

    @Option(
        help: "What plans multiply the throughputs by, such as 0.8.",
        transform: NumberText.fraction("a number above 0 and at most 1") { $0 > 0 && $0 <= 1 })
    var derating: Fraction?

    @Flag(help: "Refuse rows that break a law instead of marking them.")
    var strict = false

    @Flag(help: "Read and judge, and keep nothing.")
    var dryRun = false

    func validate() throws {
        if own, published { throw ValidationError("--own and --published: expected one of them") }
    }

    func run() throws {
        var constants: [String: String] = [:]
        constants["server"] = server
        constants["model"] = model
        constants["devices"] = devices.map { "\($0)" }
        let request = ImportRequest(
            kind: kind, files: files, mapping: mapping, source: source, licence: licence,
            said: ImportSayings(
                isOwn: own ? true : published ? false : nil, derating: derating, isStrict: strict),
            constants: constants, isDryRun: dryRun)
        emit(
            try ImportRun(database: options.database, progress: options.progress).text(
                request, as: options.format.rendering))
    }
}
