import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a load trace against provisioning policies, side by side.",
        discussion: """
            Any CSV of (time, load) serves as a trace. One load column gives every model its shape; with
            --scale-to-peak each model keeps the peak it has in the scenario.

            Examples:
              hercules replay --format json
              hercules replay --trace requests.csv --time-column minute --load-column count --load-kind count \\
                --scale-to-peak --policies static,greedy,hercules
              hercules replay --days 1 --policies static,hercules --request-level 10s@peak
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var traceOptions: TraceOptions

    @Option(help: "Policies to play, separated by commas; the scenario's own unless given.")
    var policies: String?

    @Option(help: "The policy that the outcome names as the baseline.")
    var baseline: String?

    @Option(help: "Replay only this many days of the trace.")
    var days: Double?

    @Flag(help: "Leave the time spent deciding out of the output, so that equal inputs give equal bytes.")
    var omitTiming = false

    @Option(
        help: ArgumentHelp(
            "Also play this window query by query: a duration and a start, like 2h@peak, 90s@worst or 10m@36h.",
            valueName: "window"))
    var requestLevel: String?

    @Option(
        help: ArgumentHelp(
            "How its queries find their servers: power-of-two, shortest-queue, round-robin or random.",
            valueName: "rule"))
    var dispatch: String?

    func run() throws {
        let window = try requestLevel.map { try RequestLevelStage.Options(window: $0, dispatch: dispatch) }
        var changes = ScenarioChanges()
        changes.policies = policies.map { $0.split(separator: ",").map(String.init) } ?? []
        changes.baseline = baseline
        changes.days = days
        changes.trace = try traceOptions.change()
        let session = try Session.open(scenario, options, changes: changes)
        let outcome = try ReplayStage(session).run()
        emit(
            try ReportStage(session).replay(
                outcome, as: options.format.rendering, includesDecisionTime: !omitTiming,
                requestLevel: try window.map { try RequestLevelStage(session).run(outcome, $0) }))
    }
}
