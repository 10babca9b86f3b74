import ArgumentParser
import Pipeline

struct DatabaseImportsCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "imports", abstract: "Show which files were imported, from whom, and how many rows.",
        discussion: "Example: hercules db imports")
    static let view = "import_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabaseFiguresCommand: ViewCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures", abstract: "Show imported figures with their doubts and sources.",
        discussion: "Example: hercules db figures --where model=bert-99 --sort=-throughput_per_second")
    static let view = "imported_figure_summary"
    @OptionGroup var options: SharedOptions
    @OptionGroup var rows: RowOptions
}

struct DatabaseForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Remove everything that was imported from a source or file.",
        discussion: "Example: hercules db forget published.csv")
    @OptionGroup var options: SharedOptions

    @Argument(help: "A source or file as `hercules db imports` shows it, or the start of the file's digest.")
    var source: String

    func run() throws { emit(try DatabaseView(path: options.database).forget(source)) }
}

struct DatabaseInfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Say what the file is: size, schema, and what it holds.",
        discussion: "Example: hercules db info")
    @OptionGroup var options: SharedOptions

    func run() throws { emit(try DatabaseView(path: options.database).info(as: options.format.rendering)) }
}

struct DatabaseVacuumCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum", abstract: "Give the space of deleted rows back.",
        discussion: "Example: hercules db vacuum")
    @OptionGroup var options: SharedOptions

    func run() throws { emit(try DatabaseView(path: options.database).vacuum()) }
}
