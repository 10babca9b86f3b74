import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a replay out for other tools: CSV, JSON and Kubernetes manifests.",
        discussion: """
            Replays what has not been replayed yet, and writes into a folder: schedule.csv and \
            schedule.json, which servers run which models from when to when under one policy; kubernetes/, \
            a set of Deployments for every interval that changes any, with index.json saying when to apply \
            which; intervals.csv, load, capacity and power of every policy; comparison.json, the policies \
            side by side.

            A Deployment stands for a model on a server type. Its replicas go to nodes whose label \
            (--node-label) names the type, one to a node.

            Example: hercules export --days 1 --policy hercules --output export
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var traceOptions: TraceOptions

    @OptionGroup var policiesOption: PoliciesOption

    @Option(help: "Replay only this many days of the trace.", transform: DurationText.days)
    var days: Nanoseconds?

    @OptionGroup var exportOptions: ExportOptions

    func run() throws {
        var changes = ScenarioChanges()
        changes.policies = policiesOption.policies ?? []
        changes.traceLength = days
        changes.trace = try traceOptions.change()
        let values = exportOptions.values
        let opened = try Session.open(scenario, options, changes: changes) {
            try ExportStage.requirePlayed(values.policy, in: $0)
        }
        let session = options.seed == nil ? try opened.takingUpSearches() : opened
        let files = try ExportStage(session).write(
            ReplayStage(session).run(), to: exportOptions.output, values)
        emit(ExportStage.summary(files, in: exportOptions.output, as: options.format.rendering))
    }
}
