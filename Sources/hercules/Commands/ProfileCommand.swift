import ArgumentParser
import Pipeline
import Vocabulary

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measure models on this machine: an ONNX file, those of a scenario, or a batch job.",
        discussion: """
            An ONNX file needs nothing beside it: its inputs are read from the graph, and what the graph \
            leaves open is assumed and said. It is measured, searched, and ends in a report with plots.

            A scenario's models are measured over the grid of M x O x D. A job lists models, engines, \
            schedules, loads and repetitions; several processes may work on one job in one database. Each \
            cell is stored when it is done, and what is stored is not measured again. Measurements on the \
            same cores wait for one another.

            Example: hercules profile model.onnx --latency-target p99:50ms
            Example: hercules profile Workloads/scenarios/quickstart.yaml --cell-seconds 2
            Example: hercules profile Workloads/jobs/harness.yaml --dry-run
            Example: hercules profile-status harness

            Exit codes: 0 done, 1 failed or cells were given up, 64 wrong usage. An interrupted job gives \
            its cell back and ends by the signal.
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var profileOptions: ProfileOptions
    @OptionGroup var modelOptions: ModelFileOptions
    @OptionGroup var jobOptions: JobCommandOptions

    func run() throws {
        if let path = scenario.path, ModelFileRequest.isModel(path) { return try runModel(path) }
        try modelOptions.requireNone()
        if let path = scenario.path, try WorkFile.isJob(path) { return try runJob(path) }
        try jobOptions.requireNone()
        var changes = ScenarioChanges()
        profileOptions.apply(to: &changes)
        let session = try Session.open(scenario, options, changes: changes)
        _ = try ProfileStage(session, measurer: session.measurer()).run()
        let reports = ReportStage(session)
        emit(try reports.profile(as: options.format.rendering))
        if modelOptions.output != nil { try modelOptions.report(reports, of: session, options) }
    }

    private func runModel(_ path: String) throws {
        try jobOptions.requireNone()
        var changes = ScenarioChanges()
        profileOptions.apply(to: &changes)
        changes.seed = options.seed
        let session = try Session.open(
            modelOptions.request(path), databasePath: options.database, changes: changes,
            progress: options.progress)
        try ModelFileRun(session).run(confirms: false)
        let reports = ReportStage(session)
        emit(try reports.profile(as: options.format.rendering))
        try modelOptions.report(reports, of: session, options)
    }

    private func runJob(_ path: String) throws {
        guard modelOptions.output == nil else {
            throw ValidationError("--output: a job is reported by `hercules profile-status`: leave it out")
        }
        let jobOptions = try jobOptions.values(profileOptions)
        let plan = try jobPlan(path)
        let view = JobView(as: options.format.rendering)
        if self.jobOptions.dryRun { return emit(try view.dryRun(plan, database: options.database)) }
        let store = try JobStage.store(at: options.database)
        let summary = try JobStage(plan, store: store, options: jobOptions, progress: options.progress).run()
        emit(try view.outcome(of: plan, in: store))
        if !summary.failed.isEmpty { throw ExitCode.failure }
    }

    private func jobPlan(_ path: String) throws -> JobPlan {
        do {
            return try JobPlan(path: path, hostName: jobOptions.hostName, seed: options.seed)
        } catch let error as PipelineError {
            guard case .hostNotInJob = error else { throw error }
            throw HintedError(error, hint: "--host-name gives this host another name")
        }
    }
}

struct ProfileStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile-status",
        abstract: "Show how profile jobs stand, also while other processes work on them.",
        discussion: """
            Cells that are done, running, waiting and failed for each kind of host, who is at which cell, \
            what failed and why, and how long the rest will take.

            Example: hercules profile-status rack --database rack.sqlite
            """)

    @OptionGroup var options: SharedOptions

    @Argument(help: ArgumentHelp("A job's name or file; every job without one.", valueName: "job"))
    var job: String?

    func run() throws {
        emit(try JobView(as: options.format.rendering).status(named: job, database: options.database))
    }
}
