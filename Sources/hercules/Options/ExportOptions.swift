import ArgumentParser
import Catalog
import Pipeline
import Reporting

/// What is written for other tools, and where to.
struct ExportOptions: ParsableArguments {
    @Option(
        help: "The policy whose allocations are written; the scenario's subject unless given.",
        completion: .list(KnownNames.policiesBuiltIn),
        transform: KnownNames.policy)
    var policy: String?

    @Option(
        helpWithDefault: ArgumentHelp(
            "The folder to write to; made where there is none.", valueName: "folder"),
        completion: .directory, transform: NameText.folder)
    var output = "export"

    @Option(helpWithDefault: "The Kubernetes namespace of the Deployments.", transform: Self.namespaceName)
    var namespace = "default"

    @Option(
        helpWithDefault: ArgumentHelp("The node label whose value is the server type.", valueName: "key"),
        transform: Self.labelKey)
    var nodeLabel = "hercules/server-type"

    @Option(
        helpWithDefault: ArgumentHelp(
            "The container image; {model} stands for the model's name.", valueName: "image"),
        transform: NameText.filled("the name of an image"))
    var image = "hercules/{model}:latest"

    @Option(
        help: ArgumentHelp(
            "What containers of language models start: vllm, unless given, sglang or dynamo.",
            valueName: "engine"),
        completion: .list(EngineLaunch.allCases.map(\.rawValue)), transform: NameText.choice("engine"))
    var engine: EngineLaunch?

    var values: ExportStage.Options {
        ExportStage.Options(
            policy: policy, engine: engine,
            kubernetes: .init(
                namespace: namespace, nodeLabel: nodeLabel, image: image, launch: engine ?? .vllm))
    }

    private static let namespaceName: OptionReading<String> = { text in
        do { try KubernetesName.require(label: text) } catch { throw ValidationError("\(error)") }
        return text
    }

    private static let labelKey: OptionReading<String> = { text in
        do { try KubernetesName.require(labelKey: text) } catch { throw ValidationError("\(error)") }
        return text
    }
}
