import ArgumentParser
import Catalog
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
              hercules replay --trace requests.csv --time-column minute --load-column count --load-kind \
            count \\
                --scale-to-peak --policies static,greedy,hercules
              hercules replay --days 1 --policies static,hercules --request-level 10s@peak
              hercules replay Workloads/scenarios/chat-fleet.yaml --request-level 60s@peak
              hercules replay --frontier
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var traceOptions: TraceOptions

    @OptionGroup var policiesOption: PoliciesOption

    @Option(
        help: "The policy that the outcome names as the baseline.",
        completion: .list(KnownNames.policiesBuiltIn),
        transform: KnownNames.policy)
    var baseline: String?

    @Option(help: "Replay only this many days of the trace.", transform: DurationText.days)
    var days: Nanoseconds?

    @Flag(help: "Leave the time spent deciding out of the output, so that equal inputs give equal bytes.")
    var omitTiming = false

    @Flag(
        help: """
            Also play every policy at many settings of its own knob, and read savings where both serve \
            equally well.
            """)
    var frontier = false

    @OptionGroup var requestLevelOptions: RequestLevelOptions

    func run() throws {
        var changes = ScenarioChanges()
        changes.policies = policiesOption.policies ?? []
        changes.baseline = baseline
        changes.traceLength = days
        changes.trace = try traceOptions.change()
        let opened = try Session.open(scenario, options, changes: changes)
        let session = options.seed == nil ? try opened.takingUpSearches() : opened
        if session.scenario.tasks != nil {
            try refuseBesideTasks(
                (frontier ? ["--frontier"] : [])
                    + (requestLevelOptions.window == nil ? [] : ["--request-level"]))
            let outcome = try tellingOutOfReach { try VariantStage(session).replay() }
            return emit(
                ReportStage(session).replay(
                    outcome, table: try session.efficiencyTable(), as: options.format.rendering,
                    includesDecisionTime: !omitTiming))
        }
        let outcome = try ReplayStage(session).run()
        emit(
            try ReportStage(session).replay(
                outcome, as: options.format.rendering, includesDecisionTime: !omitTiming,
                requestLevel: try requestLevelOptions.window(in: session.scenario).map {
                    try RequestLevelStage(session).run(outcome, $0)
                }, frontier: frontier ? try FrontierStage(session).run(outcome) : nil))
    }
}
