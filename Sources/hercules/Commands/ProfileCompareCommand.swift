import ArgumentParser
import Pipeline
import Quantities
import Vocabulary
import Reporting

struct ProfileCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile-compare",
        abstract: "Compare latency-bounded throughput found live with the simulated one.",
        discussion: """
            For schedules spread from the best to the worst of each model, rates are tried live until the \
            highest that meets the target is known to 3 %; the simulation over the measured cells says its \
            own. Every live run and every comparison is stored (table throughput_comparison). The cells \
            must have been profiled before.

            Example: hercules profile-compare Workloads/scenarios/quickstart.yaml --models ncf,rm1,wnd
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions

    @Option(
        help: ArgumentHelp("Only these models, by comma; all unless given.", valueName: "names"),
        transform: NameText.models)
    var models: [ModelID]?

    @Option(
        helpWithDefault: ArgumentHelp("Schedules of each model.", valueName: "count"),
        transform: NumberText.whole(from: 1))
    var schedules = 5

    @Option(
        helpWithDefault: ArgumentHelp(
            "How long each rate is offered at most, about.", valueName: "seconds"),
        transform: DurationText.duration(in: .seconds, from: 0.2, to: 600))
    var rateSeconds = LiveComparison.Selection().timePerRate

    @Option(
        helpWithDefault: ArgumentHelp(
            "The limit is at least this many times the tail of an idle server; 0 keeps the models' targets.",
            valueName: "times"),
        transform: NumberText.number("a number from 0 to 100") { (0...100).contains($0) })
    var limitOverIdle = LiveComparison.Selection().limitOverIdle

    @Option(
        help: "Minima for a live run: quick, or mlperf (10 minutes and 57,344 queries for a p95, each rate).")
    var validity = ValidityRule.quick

    enum ValidityRule: String, ExpressibleByArgument, CaseIterable {
        case quick, mlperf
    }

    func run() throws {
        var changes = ScenarioChanges()
        profileOptions.apply(to: &changes)
        let session = try Session.open(scenario, options, changes: changes) {
            try LiveComparison.requireKnown(models, in: $0)
        }
        var selection = LiveComparison.Selection()
        selection.models = models
        selection.schedulesPerModel = schedules
        selection.timePerRate = rateSeconds
        selection.limitOverIdle = limitOverIdle
        if validity == .mlperf { selection.useMLPerfMinima() }
        let comparisons = try LiveComparison(session, measurer: session.measurer()).run(selection)
        emit(ThroughputComparisonDocument(comparisons).text(as: options.format.rendering))
    }
}
