import ArgumentParser
import Pipeline

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find the best schedule of every model on every server type.",
        discussion: """
            Works on stored measurements for this machine and on the analytic server for all other types. Exits with 2 \
            when some pair has no schedule that meets its latency target.

            Example: hercules search Workloads/scenarios/quickstart.yaml --format json
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions

    @Option(help: "The search method: gradient, exhaustive or deeprecsys; the scenario's own unless given.")
    var method: String?

    @Flag(help: "Check the best schedules on this machine under live load.")
    var confirm = false

    func run() throws {
        var changes = ScenarioChanges()
        try profileOptions.apply(to: &changes)
        changes.method = method
        let bench = try Workbench.open(scenario, options, changes: changes)
        let confirmation = confirm ? LiveConfirmation(bench, profiler: try bench.hostProfiler()) : nil
        let summary = try SearchStage(bench).run(confirmation: confirmation)
        let reports = ReportStage(bench)
        emit(try reports.search(as: options.format.rendering))
        try summary.requireProfiled(on: bench)
        if try reports.hasInfeasiblePairs { throw ExitStatus.infeasible }
    }
}
