import ArgumentParser
import Pipeline

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measure a scenario's models on this machine, over the grid of M x O x D.",
        discussion: """
            Each cell is offered Poisson arrivals of heavy-tailed queries and is stored when it is done; cells that are \
            stored already are not measured again.

            Example: hercules profile Workloads/scenarios/quickstart.yaml --cell-seconds 2
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions

    func run() throws {
        var changes = ScenarioChanges()
        try profileOptions.apply(to: &changes)
        let bench = try Workbench.open(scenario, options, changes: changes)
        _ = try ProfileStage(bench, profiler: bench.hostProfiler()).run()
        emit(try ReportStage(bench).profile(as: options.format.rendering))
    }
}
