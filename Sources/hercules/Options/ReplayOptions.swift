import ArgumentParser
import Catalog
import Pipeline
import Quantities
import Simulation
import Vocabulary

/// What is replayed.
struct PoliciesOption: ParsableArguments {
    @Option(
        help: "Policies to play, separated by commas; the scenario's own unless given.",
        transform: NameText.names("policy", among: KnownNames.policiesBuiltIn))
    var policies: [String]?
}

/// A window of a replay that is played query by query.
struct RequestLevelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also play this window query by query, language models token by token: a duration and a start, "
                + "like 2h@peak, 90s@worst or 10m@36h.",
            valueName: "window"), transform: TraceWindowText.window)
    var requestLevel: TraceWindow?

    @Option(
        help: ArgumentHelp(
            "How its queries find their servers: power-of-two, shortest-queue, round-robin or random.",
            valueName: "rule"), transform: NameText.choice("dispatch rule"))
    var dispatch: DispatchRule?

    func validate() throws {
        if requestLevel == nil, dispatch != nil { throw ValidationError("--dispatch needs --request-level") }
    }

    /// nil where no window is asked for.
    var window: RequestLevelStage.Options? {
        requestLevel.map { RequestLevelStage.Options(window: $0, rule: dispatch ?? .powerOfTwo) }
    }

    /// That of the scenario, where the command names none.
    func window(in scenario: Scenario) -> RequestLevelStage.Options? {
        window ?? scenario.replay.requestLevel.map { RequestLevelStage.Options(window: $0) }
    }
}

extension KnownNames {
    /// The policies that any scenario may play.
    static var policiesBuiltIn: [String] { builtIn.policies ?? [] }

    /// One of those policies.
    static let policy = NameText.name("policy", among: policiesBuiltIn)
}
