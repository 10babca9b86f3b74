import ArgumentParser
import Pipeline
import Quantities

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

    @Option(help: "Replay only this many days of the trace.", transform: DurationText.days)
    var days: Nanoseconds?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Play every policy at many settings of its own knob, and read savings where both serve equally \
            well.
            """)
    var frontier = true

    @Option(
        helpWithDefault: ArgumentHelp("Where to write the HTML report.", valueName: "file"),
        completion: .file(), transform: NameText.file)
    var output = "report.html"

    func run() throws {
        var changes = ScenarioChanges()
        profileOptions.apply(to: &changes)
        changes.traceLength = days
        try ReportStage.requireWritable(output, database: options.database)
        let session = try Session.open(scenario, options, changes: changes)
        let reports = ReportStage(session)
        if session.scenario.tasks != nil { return try runVariants(session, reports) }
        if session.scenario.pipelines != nil { return try runPipelines(session, reports) }
        let outcome = try ScenarioRun(session).run(withFrontier: frontier)
        switch options.format {
        case .text: emit(try reports.writeHTMLAndBrief(to: output, in: OutputTerminal.style))
        case .json, .csv:
            _ = try reports.writeHTML(to: output)
            emit(
                try reports.replay(
                    outcome.replay, as: options.format.rendering, includesDecisionTime: true,
                    frontier: outcome.frontier))
        }
        if outcome.plan.plan.status == .infeasible { throw ExitStatus.infeasible }
    }

    private func runPipelines(_ session: Session, _ reports: ReportStage) throws {
        try refuseBesidePipelines((days == nil ? [] : ["--days"]) + (frontier ? [] : ["--no-frontier"]))
        let plan = try tellingOutOfReach { try ScenarioRun(session).runPipelines() }
        let text = try reports.writeHTML(plan, to: output, in: OutputTerminal.style)
        switch options.format {
        case .text: emit(text)
        case .json, .csv: emit(reports.plan(plan, as: options.format.rendering))
        }
        if !plan.plan.shortfall.isEmpty { throw ExitStatus.infeasible }
    }

    private func runVariants(_ session: Session, _ reports: ReportStage) throws {
        let (plan, replay) = try tellingOutOfReach { try ScenarioRun(session).runVariants() }
        let text = try reports.writeHTML(plan, replay, to: output, in: OutputTerminal.style)
        switch options.format {
        case .text: emit(text)
        case .json, .csv:
            emit(
                reports.replay(
                    replay, table: try session.efficiencyTable(), as: options.format.rendering,
                    includesDecisionTime: true))
        }
        if plan.plan.plan.status == .infeasible { throw ExitStatus.infeasible }
    }
}
