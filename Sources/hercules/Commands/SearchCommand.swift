import ArgumentParser
import Catalog
import Pipeline

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find the best schedule of every model on every server type.",
        discussion: """
            Works on stored measurements for this machine and on the analytic server for all other types. \
            Every evaluation is stored as it is made: a search that is stopped (^C, --evaluations, \
            --seconds) keeps the best so far, and the same command goes on from there. Exits with 2 when \
            some pair has no schedule that meets its latency target, and says which constraint keeps the \
            schedules out.

            An ONNX file is measured first, searched, checked live, and ends in a report with plots: nothing \
            else is needed.

            Example: hercules search model.onnx --latency-target p99:50ms
            Example: hercules search Workloads/scenarios/quickstart.yaml --format json
            Example: hercules search --targets 20ms,50ms,p99:100ms --power-budgets 250,300,400
            Example: hercules search --rank
            Example: hercules search Workloads/scenarios/quickstart.yaml --live --seconds 120
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions

    @Option(
        help: ArgumentHelp(
            "The search method: gradient, gradient-plain, exhaustive, random, coordinate or deeprecsys; the "
                + "scenario's own unless given."),
        completion: .list(Self.methods),
        transform: NameText.name("search method", among: Self.methods))
    var method: String?

    @Flag(help: "Check the best schedules on this machine under live load.")
    var confirm = false

    @OptionGroup var requestOptions: SearchRequestOptions
    @OptionGroup var modelOptions: ModelFileOptions

    @Flag(help: "Rank the server types for each model by queries per joule, per server and per price.")
    var rank = false

    @Flag(
        help: """
            Search on this machine itself: measure a schedule when the method asks for it, hold the winner \
            against live load, and compare with the DeepRecSys climb and with one thread a core and batches \
            of one.
            """)
    var live = false

    private static let methods = KnownNames.builtIn.searchMethods ?? []

    func validate() throws {
        guard live else { return }
        let idle = [
            ("--confirm", confirm), ("--rank", rank), ("--targets", requestOptions.targets != nil),
            ("--power-budgets", requestOptions.powerBudgets != nil),
        ].filter(\.1).map(\.0)
        guard idle.isEmpty else {
            throw ValidationError(
                "--live searches under each model's own target and confirms each winner: leave out "
                    + idle.joined(separator: ", "))
        }
    }

    func run() throws {
        var changes = ScenarioChanges()
        profileOptions.apply(to: &changes)
        changes.method = method
        if let path = scenario.path, ModelFileRequest.isModel(path) { return try runModel(path, changes) }
        try modelOptions.requireNone()
        let opened = try Session.open(scenario, options, changes: changes) {
            if live { try LiveSearchStage.thisHost(of: $0) }
        }
        // What says here how to measure goes before how it was measured.
        let isAsBefore = !live && !profileOptions.saysHow && options.seed == nil
        let session = isAsBefore ? try opened.takingUpMeasurements() : opened
        Interruption.listen()
        let request = requestOptions.request { Interruption.isAsked }
        if live {
            let stage = LiveSearchStage(session, measurer: session.measurer(), request: request)
            emit(ReportStage(session).live(try stage.run(), as: options.format.rendering))
            if Interruption.isAsked { throw ExitCode.failure }
            return
        }
        let confirmation = confirm ? LiveConfirmation(session, measurer: session.measurer()) : nil
        let summary = try SearchStage(session, request: request).run(confirmation: confirmation)
        let reports = ReportStage(session)
        let rendering = options.format.rendering
        if rank {
            emit(try reports.ranking(as: rendering))
        } else if request.isPlain {
            emit(try reports.search(as: rendering))
        } else {
            emit(try reports.frontier(request, as: rendering))
        }
        if modelOptions.output != nil { try modelOptions.report(reports, of: session, options) }
        if summary.isInterrupted { throw ExitCode.failure }
        try summary.requireProfiled(on: session)
        if try reports.hasInfeasiblePairs(request) { throw ExitStatus.infeasible }
    }

    private func runModel(_ path: String, _ changes: ScenarioChanges) throws {
        let idle = [
            ("--live", live), ("--rank", rank), ("--targets", requestOptions.targets != nil),
            ("--power-budgets", requestOptions.powerBudgets != nil),
            ("--evaluations", requestOptions.evaluations != nil),
            ("--seconds", requestOptions.seconds != nil),
        ].filter(\.1).map(\.0)
        guard idle.isEmpty else {
            throw ValidationError(
                "an ONNX file is searched under its own target and confirmed: leave out "
                    + idle.joined(separator: ", "))
        }
        var changes = changes
        changes.seed = options.seed
        let session = try Session.open(
            modelOptions.request(path), databasePath: options.database, changes: changes,
            progress: options.progress)
        try ModelFileRun(session).run(confirms: true)
        let reports = ReportStage(session)
        emit(try reports.search(as: options.format.rendering))
        try modelOptions.report(reports, of: session, options)
        if try reports.hasInfeasiblePairs() { throw ExitStatus.infeasible }
    }
}
