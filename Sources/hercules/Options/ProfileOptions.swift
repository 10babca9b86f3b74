import ArgumentParser
import Pipeline
import Quantities

/// How thoroughly this machine is measured.
struct ProfileOptions: ParsableArguments {
    @Option(
        help: "Seconds of load in each cell of the schedule grid, instead of the scenario's.",
        transform: Self.duration)
    var cellSeconds: Nanoseconds?

    @Option(
        help: "Seconds of each live check of a best schedule, instead of the scenario's.",
        transform: Self.duration)
    var confirmationSeconds: Nanoseconds?

    @Flag(help: "Measure also while other processes measure on the same cores, which disturbs both.")
    var shareHost = false

    @OptionGroup var engine: EngineOptions

    /// Whether something is said of how to measure.
    var saysHow: Bool { cellSeconds != nil || confirmationSeconds != nil || engine.settings != nil }

    func apply(to changes: inout ScenarioChanges) {
        changes.sharesHost = shareHost
        changes.engine = engine.settings
        changes.cellDuration = cellSeconds
        changes.confirmationDuration = confirmationSeconds
    }

    private static let duration = DurationText.duration(in: .seconds, from: 0.05, to: 86_400)
}

/// Options that only a job has.
struct JobCommandOptions: ParsableArguments {
    @Flag(help: "List a job's cells and the expected time, and measure nothing.")
    var dryRun = false

    @Option(
        help: "What this host is called in a job, instead of its own name.",
        transform: NameText.filled("the name of a host"))
    var hostName: String?

    @Flag(help: "Try cells of a job again that were given up.")
    var retryFailed = false

    @Option(
        help:
            "Begin no cell of a job that would end after this many minutes, instead of the job's own limit.",
        transform: DurationText.duration(in: .minutes, from: 0, to: 1_000_000))
    var timeBudgetMinutes: Nanoseconds?

    @Option(
        help: """
            A cell of a job is free again when its process has not been heard of for so long; 30 seconds \
            unless given.
            """, transform: DurationText.duration(in: .seconds, from: 1, to: 86_400))
    var leaseSeconds: Nanoseconds?

    /// - Throws: where an option was given that only a scenario has.
    func values(_ profile: ProfileOptions) throws -> JobOptions {
        guard profile.cellSeconds == nil, profile.confirmationSeconds == nil, profile.engine.settings == nil
        else {
            throw ValidationError(
                "a job's file says how long its cells are and which engines measure them: leave out "
                    + "--cell-seconds, --confirmation-seconds and --engine")
        }
        var options = JobOptions()
        options.sharesHost = profile.shareHost
        options.retriesFailed = retryFailed
        options.timeBudget = timeBudgetMinutes
        options.lease = leaseSeconds ?? options.lease
        return options
    }

    /// - Throws: where an option of these was given for a scenario.
    func requireNone() throws {
        guard !dryRun, hostName == nil, !retryFailed, timeBudgetMinutes == nil, leaseSeconds == nil else {
            throw ValidationError(
                "--dry-run, --host-name, --retry-failed, --time-budget-minutes and --lease-seconds are for "
                    + "jobs; this is a scenario")
        }
    }
}
