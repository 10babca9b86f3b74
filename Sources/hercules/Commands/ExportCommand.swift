import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a replay out for other tools: CSV, JSON and Kubernetes manifests.",
        discussion: """
            Replays what has not been replayed yet, and writes into a folder: schedule.csv and schedule.json, which \
            servers run which models from when to when under one policy; kubernetes/, a set of Deployments for every \
            interval that changes any, with index.json saying when to apply which; intervals.csv, load, capacity and \
            power of every policy; comparison.json, the policies side by side.

            A Deployment stands for a model on a server type. Its replicas go to nodes whose label (--node-label) names \
            the type, one to a node.

            Example: hercules export --days 1 --policy hercules --output export
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup var traceOptions: TraceOptions

    @Option(help: "Policies to play, separated by commas; the scenario's own unless given.")
    var policies: String?

    @Option(help: "Replay only this many days of the trace.")
    var days: Double?

    @Option(help: "The policy whose allocations are written; the scenario's subject unless given.")
    var policy: String?

    @Option(help: ArgumentHelp("The folder to write to; made where there is none.", valueName: "folder"))
    var output = "export"

    @Option(help: "The Kubernetes namespace of the Deployments.")
    var namespace = "default"

    @Option(help: ArgumentHelp("The node label whose value is the server type.", valueName: "key"))
    var nodeLabel = "hercules/server-type"

    @Option(
        help: ArgumentHelp("The container image; {model} stands for the model's name.", valueName: "image"))
    var image = "hercules/{model}:latest"

    func run() throws {
        var changes = ScenarioChanges()
        changes.policies = policies.map { $0.split(separator: ",").map(String.init) } ?? []
        changes.days = days
        changes.trace = try traceOptions.change()
        let session = try Session.open(scenario, options, changes: changes)
        let files = try ExportStage(session).write(
            ReplayStage(session).run(), to: output,
            ExportStage.Options(
                policy: policy,
                kubernetes: .init(namespace: namespace, nodeLabel: nodeLabel, image: image)))
        emit(ExportStage.summary(files, in: output, as: options.format.rendering))
    }
}
