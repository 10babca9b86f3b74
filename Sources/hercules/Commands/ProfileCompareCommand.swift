import ArgumentParser
import Pipeline
import Quantities
import Reporting

struct ProfileCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile compare",
        abstract: "Hold latency-bounded throughput found live against the simulated one.",
        discussion: """
            For schedules spread from the best to the worst of each model, rates are tried live until the highest that \
            meets the target is known to 3 %; the simulation over the measured cells says its own. Every live run and \
            every comparison is stored (table throughput_comparison). The cells must have been profiled before.

            Example: hercules profile compare Workloads/scenarios/quickstart.yaml --models ncf,rm1,wnd
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions

    @Option(
        help: ArgumentHelp("Only these models, by comma; all unless given.", valueName: "names"))
    var models: String?

    @Option(help: ArgumentHelp("Schedules of each model.", valueName: "count"))
    var schedules = 5

    @Option(help: ArgumentHelp("How long each rate is offered at most, about.", valueName: "seconds"))
    var rateSeconds = 2.0

    @Option(
        help: ArgumentHelp(
            "The limit is at least so many times the tail of an idle server; 0 keeps the models' targets.",
            valueName: "times"))
    var limitOverIdle = LiveComparison.Selection().limitOverIdle

    @Option(
        help: "Minima for a live run: quick, or mlperf (10 minutes and 57,344 queries for a p95, each rate).")
    var validity = ValidityRule.quick

    enum ValidityRule: String, ExpressibleByArgument, CaseIterable {
        case quick, mlperf
    }

    func validate() throws {
        if schedules < 1 { throw ValidationError("--schedules: found \(schedules), expected at least 1") }
        if !(limitOverIdle >= 0 && limitOverIdle <= 100) {
            throw ValidationError("--limit-over-idle: found \(limitOverIdle), expected 0 to 100")
        }
        if !(rateSeconds >= 0.2 && rateSeconds <= 600) {
            throw ValidationError("--rate-seconds: found \(rateSeconds), expected 0.2 to 600")
        }
    }

    func run() throws {
        var changes = ScenarioChanges()
        try profileOptions.apply(to: &changes)
        let bench = try Workbench.open(scenario, options, changes: changes)
        var selection = LiveComparison.Selection()
        selection.models = models?.split(separator: ",").map(String.init)
        selection.schedulesPerModel = schedules
        selection.timePerRate = Nanoseconds(seconds: rateSeconds)
        selection.limitOverIdle = limitOverIdle
        if validity == .mlperf { selection.useMLPerfMinima() }
        let comparisons = try LiveComparison(bench, profiler: bench.hostProfiler()).run(selection)
        emit(ThroughputComparisonDocument(comparisons).text(as: options.format.rendering))
    }
}
