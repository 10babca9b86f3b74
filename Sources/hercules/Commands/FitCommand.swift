import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct FitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract:
            "Fit curves through imported figures: their errors, and rates that keep to latency targets.",
        subcommands: [FitErrorsCommand.self, FitRatesCommand.self, FitValueCommand.self])
}

struct FitErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "Say, for each source, how far the curves through its figures miss a point left out.",
        discussion: """
            Throughput over concurrency and batch, latency over throughput, watts over utilisation and \
            throughput: monotone curves through the figures that differ in nothing else. Each point but the \
            two ends is left out in turn, and the curve through the others is asked for it.

            Example: hercules fit errors
            """)
    @OptionGroup var options: SharedOptions

    func run() throws {
        emit(try FitStage(path: options.database).errors(as: options.format.rendering))
    }
}

struct FitRatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rates",
        abstract:
            "Give the tokens/s of language models that keep to times to the first and per output token.",
        discussion: """
            Read off curves over the requests in flight, between the least and the most that were measured \
            and never beyond.

            Example: hercules fit rates --first-token-ms 1000 --output-token-ms 50
            """)
    @OptionGroup var options: SharedOptions

    @Option(
        help: ArgumentHelp("The limit of the time to the first token.", valueName: "ms"),
        transform: Self.limit)
    var firstTokenMs: Nanoseconds

    @Option(
        help: ArgumentHelp("The limit of the time per output token.", valueName: "ms"),
        transform: Self.limit)
    var outputTokenMs: Nanoseconds

    @OptionGroup var modelOption: FittedModelOption

    private static let limit = DurationText.duration(in: .milliseconds, aboveZeroTo: 1e9)

    func run() throws {
        emit(
            try FitStage(path: options.database).tokenRates(
                firstToken: firstTokenMs, outputToken: outputTokenMs, model: modelOption.model,
                as: options.format.rendering))
    }
}

struct FitValueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "value",
        abstract: "Read a curve between the points that were measured.",
        discussion: """
            Curves whose points do not reach the place are left out, unless --held says to answer with \
            their ends.

            Example: hercules fit value throughput-over-concurrency 24 --model bert-99
            """)
    @OptionGroup var options: SharedOptions

    @Argument(
        help: ArgumentHelp(
            "One of \(CurveText.names.joined(separator: ", ")).", valueName: "curve"),
        completion: .list(CurveText.names), transform: CurveText.curve)
    var curve: FittedCurve

    @Argument(
        help: ArgumentHelp("Where: requests in flight, items, a rate or a share.", valueName: "place"),
        transform: NumberText.amount)
    var place: Double

    @OptionGroup var modelOption: FittedModelOption

    @Option(
        help: "Only this server, by the name it was imported under.",
        transform: NameText.filled("the name of a server"))
    var server: String?

    @Flag(help: "Answer beyond the points with the curve's end.")
    var held = false

    func run() throws {
        emit(
            try FitStage(path: options.database).values(
                of: curve, at: place, model: modelOption.model, server: server, isHeld: held,
                as: options.format.rendering))
    }
}
