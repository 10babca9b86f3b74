import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Choose the servers that serve a demand with the least provisioned power.",
        discussion: """
            Prints the objective with its proven bound and gap. A demand that the fleet cannot serve is a result: the \
            models and the missing queries/s are named, and the exit code is 2.

            Example: hercules plan --load rm1-200k-rows=5000 --load ncf=20000 --headroom 0.05 --format json
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument

    @Option(
        help: ArgumentHelp(
            "The load of a model in queries/s; models not named have none. Without this option, each model's peak "
                + "over the scenario's trace.", valueName: "model=qps"))
    var load: [String] = []

    @Option(help: "Multiply the demand.")
    var loadScale = 1.0

    @Option(help: "The over-provision rate R; the scenario's initial rate unless given.")
    var headroom: Double?

    @Option(help: "The relative optimality gap at which to stop.")
    var gap: Double?

    func run() throws {
        var changes = ScenarioChanges()
        changes.gap = gap
        let bench = try Workbench.open(scenario, options, changes: changes)
        let demand = try DemandOption.demand(load, scale: loadScale, for: bench.scenario)
        let outcome = try PlanStage(bench).run(
            demand: demand, headroom: try headroom.map(DemandOption.headroom))
        emit(try ReportStage(bench).plan(outcome, as: options.format.rendering))
        if outcome.plan.status == .infeasible { throw ExitStatus.infeasible }
    }
}
