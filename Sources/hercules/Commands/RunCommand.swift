import ArgumentParser
import Pipeline

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Profile, search, plan, replay and report: the whole job of a scenario.",
        discussion: """
            What is in the database already is reused; an interrupted run goes on where it was.

            Example: hercules run Workloads/scenarios/quickstart.yaml --output report.html
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions

    @Option(help: "Replay only this many days of the trace.")
    var days: Double?

    @Option(help: ArgumentHelp("Where to write the HTML report.", valueName: "file"))
    var output = "report.html"

    func run() throws {
        var changes = ScenarioChanges()
        try profileOptions.apply(to: &changes)
        changes.days = days
        try ReportStage.requireWritable(output)
        let session = try Session.open(scenario, options, changes: changes)
        let outcome = try ScenarioRun(session).run()
        let reports = ReportStage(session)
        switch options.format {
        case .text: emit(try reports.writeHTMLAndBrief(to: output))
        case .json, .csv:
            _ = try reports.writeHTML(to: output)
            emit(
                try reports.replay(
                    outcome.replay, as: options.format.rendering, includesDecisionTime: true))
        }
        if outcome.plan.plan.status == .infeasible { throw ExitStatus.infeasible }
    }
}

/// How thoroughly this machine is measured.
struct ProfileOptions: ParsableArguments {
    @Option(help: "Seconds of load in each cell of the schedule grid, instead of the scenario's.")
    var cellSeconds: Double?

    @Option(help: "Seconds of each live check of a best schedule, instead of the scenario's.")
    var confirmationSeconds: Double?

    @Flag(help: "Measure also while other processes measure on the same cores, which disturbs both.")
    var shareHost = false

    @OptionGroup var engine: EngineOptions

    func apply(to changes: inout ScenarioChanges) throws {
        changes.sharesHost = shareHost
        changes.engine = try engine.settings
        changes.cellSeconds = cellSeconds
        changes.confirmationSeconds = confirmationSeconds
    }
}
