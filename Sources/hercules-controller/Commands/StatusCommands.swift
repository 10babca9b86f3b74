import ArgumentParser
import Controlling
import Foundation
import Reporting

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how a running controller stands.",
        discussion: "Exits with 2 where it has no plan made on trusted loads.")

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let snapshot = try await client.show("/v1/status", as: ControllerSnapshot.self, ControllerText.status)
        if !snapshot.hasTrustedPlan { throw ExitCode(2) }
    }
}

struct DecisionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decisions", abstract: "List what was decided, the newest first.")

    @OptionGroup var client: ClientOptions
    @Option(help: "At most so many.") var limit = 20
    @Option(help: "Only those that concern a model.") var model: String?
    @Option(help: "Only those made for a reason, for example load_rose.") var reason: String?

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000") }
    }

    func run() async throws {
        var path = "/v1/decisions?limit=\(limit)"
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        for (name, value) in [("model", model), ("reason", reason)] {
            guard let value = value?.addingPercentEncoding(withAllowedCharacters: plain) else { continue }
            path += "&\(name)=\(value)"
        }
        _ = try await client.show(path, as: [ControllerDecision].self) { decisions in
            decisions.map { "\($0.id)  \($0.at)  \($0.sentence)" }
        }
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show one decision with everything that it rests on.")

    @Argument(help: "The decision's number.") var id: Int64
    @OptionGroup var client: ClientOptions

    func run() async throws {
        _ = try await client.show(
            "/v1/decisions/\(id)", as: ControllerDecision.self, ControllerText.explanation)
    }
}

struct SavingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "savings", abstract: "Show energy, money and carbon against other policies.")

    @OptionGroup var client: ClientOptions

    func run() async throws {
        _ = try await client.show(
            "/v1/savings", as: ControllerSnapshot.Savings.self, ControllerText.savings)
    }
}

struct ScaledObjectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaledobjects",
        abstract: "Print KEDA ScaledObjects that carry out a running controller's plan.",
        discussion: """
            Example: hercules controller scaledobjects --reach https://hercules.default.svc:8640 > keda.yaml
            """)

    @OptionGroup var client: ClientOptions
    @Option(help: ArgumentHelp("The controller as KEDA reaches it.", valueName: "url")) var reach: String
    @Option(help: "The namespace of the Deployments.") var namespace = "default"
    @Option(help: "The Secret whose key 'token' holds a scaler's token.") var secret = "hercules-scaler"

    func run() async throws {
        let bytes = try await client.get("/v1/status")
        let snapshot = try JSONDecoder().decode(ControllerSnapshot.self, from: Data(bytes))
        let objects = try ScaledObjects(namespace: namespace, url: reach, secret: secret)
        let pairs = snapshot.pairs.map { pair in
            ScaledObjects.Pair(
                model: pair.model, serverType: pair.serverType, min: pair.min ?? 0,
                max: pair.max ?? snapshot.available[pair.serverType] ?? 1, fallback: pair.target)
        }
        print(try objects.yaml(pairs), terminator: "")
    }
}
