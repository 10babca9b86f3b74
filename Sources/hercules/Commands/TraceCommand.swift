import ArgumentParser
import Pipeline

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Make a synthetic trace, or look at one.",
        subcommands: [TraceGenerateCommand.self, TraceInspectCommand.self, TraceConvertCommand.self])
}

struct TraceGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write the trace of a recipe as CSV.",
        discussion: """
            Diurnal load with a weekly swing, noise and bursts, for several services with their own peak \
            hours. The same recipe and seed give the same bytes.

            Example: hercules trace generate Workloads/traces/week.yaml
            """)

    @Argument(help: ArgumentHelp("A trace recipe.", valueName: "recipe"), completion: .file())
    var recipe: String

    @Option(help: "Another seed than the recipe's.")
    var seed: UInt64?

    func run() throws { emit(try TraceStage.generated(fromRecipeAt: recipe, seed: seed)) }
}

struct TraceInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what is in a CSV of (time, load): span, gaps, duplicates, peaks.",
        discussion: """
            Example: hercules trace inspect --trace Workloads/traces/week.csv
            """)

    @OptionGroup var traceOptions: RequiredTraceOptions

    func run() throws { emit(try TraceStage.summary(of: traceOptions.change())) }
}

struct TraceConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a trace of any layout as a CSV of (time, queries/s).",
        discussion: """
            Times come out in UTC. What had to be mended is said on the standard error.

            Example: hercules trace convert --trace arrivals.jsonl --layout mooncake --interval-seconds 60
            """)

    @OptionGroup var traceOptions: RequiredTraceOptions

    func run() throws {
        let (text, summary) = try TraceStage.converted(traceOptions.change())
        StandardStreams.complain(summary)
        emit(text)
    }
}
