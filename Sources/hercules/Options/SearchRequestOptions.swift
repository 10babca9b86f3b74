import ArgumentParser
import Pipeline
import Quantities

/// What a search is asked for beyond the scenario, and how much it may spend.
struct SearchRequestOptions: ParsableArguments {
    @Option(help: "Stop each search after this many evaluations.", transform: NumberText.whole(from: 1))
    var evaluations: Int?

    @Option(
        help: "Stop after this many seconds, shared out among the searches.",
        transform: DurationText.duration(in: .seconds, aboveZeroTo: 1e9))
    var seconds: Nanoseconds?

    @Option(
        help: ArgumentHelp(
            "Latency targets to search under instead of each model's own, separated by commas, such as "
                + "20ms,p99:50ms.",
            valueName: "list"), transform: NameText.list(of: LatencyTargetText.target))
    var targets: [SearchRequest.Target]?

    @Option(
        help: ArgumentHelp("Power budgets of a server in watts, separated by commas.", valueName: "list"),
        transform: NameText.list(of: NumberText.watts))
    var powerBudgets: [Watts]?

    /// - Parameter isInterrupted: whether somebody wants the search to stop now.
    func request(_ isInterrupted: @escaping @Sendable () -> Bool) -> SearchRequest {
        var request = SearchRequest()
        request.evaluations = evaluations
        request.time = seconds
        request.targets = targets ?? []
        request.powerBudgets = powerBudgets ?? []
        request.isInterrupted = isInterrupted
        return request
    }
}
