import Profiling
import Quantities
import Scheduling
import ServerModels
import Vocabulary

/// Evaluates schedules of one model on one server type: what the search asks.
///
/// For the machine at hand it simulates over the service times measured in each cell; for every other type
/// over those of the analytic server.
public struct ScheduleEvaluator: Sendable {
    /// The schedules there are to choose from.
    public let space: ScheduleSpace
    /// What is believed of a schedule before it is evaluated; nil where the model's graph is not known.
    public let prior: SchedulePrior?
    private let throughput: LatencyBoundedThroughput
    private let server: @Sendable (Schedule) throws -> ScheduledServer

    /// The most copies of a model that an accelerator is asked to hold.
    public static let copiesMax = 8
    /// Shares of the embedding rows that an accelerator may be asked to hold, hottest first.
    public static let hotFractions = [0, 0.01, 0.03, 0.1, 0.3]

    /// An evaluator over the analytic model of a server type.
    public init(
        modelling serverType: ServerType, running model: Model, batches: [Int],
        throughput: LatencyBoundedThroughput
    ) throws {
        let analytic = try AnalyticServer(serverType, running: model)
        let constraints = ScheduleConstraints(
            serverType, running: analytic.graph, target: throughput.target,
            powerBudget: throughput.powerBudget)
        space = ScheduleSpace.hardware(
            partitions: constraints.partitions, cores: serverType.processor.cores, batches: batches,
            copiesMax: Self.copiesMax, hotFractions: Self.hotFractions, admits: constraints.admits)
        let estimator = ThroughputEstimator(
            target: throughput.target, powerBudget: throughput.powerBudget, stream: throughput.stream,
            batches: batches)
        prior = SchedulePrior(analytic, estimator)
        self.throughput = throughput
        server = { analytic.scheduled(by: $0) }
    }

    /// An evaluator over measured cells. Its prior is the analytic server with the host's figures, which no
    /// bound can be taken from.
    /// - Parameter saturations: what the cells' schedules did with all threads busy; nil takes service times
    ///   to be the same at every load, which they are not.
    public init(
        measured cells: [Measurement], saturations: [Schedule: Measurement]?, of model: Model,
        on serverType: ServerType, throughput: LatencyBoundedThroughput
    ) throws {
        let cells = Dictionary(cells.map { ($0.schedule, $0) }) { _, later in later }
        space = ScheduleSpace.measured(cells.keys)
        prior = (try? AnalyticServer(serverType, running: model)).map {
            SchedulePrior(unsure: $0, throughput, batches: [])
        }
        self.throughput = throughput
        server = { schedule throws(ServerModelError) in
            try ScheduledServer(
                schedule: schedule, cell: cells[schedule], saturated: saturations?[schedule],
                serverType: serverType, knowsLoads: saturations != nil)
        }
    }

    /// Queries that each simulated run plays.
    var queryCount: Int { throughput.stream.count }

    /// The highest rate at which a schedule meets the target and the budget.
    public func evaluate(_ schedule: Schedule) throws -> ScheduleEvaluation {
        throughput.evaluate(try server(schedule))
    }

    /// The server that a schedule makes.
    public func scheduled(by schedule: Schedule) throws -> ScheduledServer { try server(schedule) }

    /// A schedule's behaviour at every rate, for several targets and budgets.
    public func sweep(_ schedule: Schedule) throws -> RateSweep { throughput.sweep(try server(schedule)) }

    /// The problem that a search method is given.
    public func problem(starts: [Schedule] = [], seed: UInt64) -> SearchProblem {
        SearchProblem(space: space, prior: prior, starts: starts, seed: seed)
    }
}

extension SchedulePrior {
    /// What the analytic server says of schedules without a simulated query, where evaluations rest on the
    /// same service times.
    init(_ analytic: AnalyticServer, _ estimator: ThroughputEstimator) {
        self.init(
            estimate: { estimator.estimate(analytic.scheduled(by: $0)) },
            ceiling: { estimator.ceiling(analytic.scheduled(by: $0)) }, isCeilingProven: true)
    }

    /// What the analytic server is worth for hardware at hand: the mean over how much slower or faster that
    /// may be.
    ///
    /// Near the latency limit throughput falls to nothing within a few percent of service time, so that what
    /// is expected at one pace would rule out schedules that a server a little faster does best. With all
    /// times stretched by f, the throughput under a limit L is 1/f of that under L/f.
    init(unsure analytic: AnalyticServer, _ throughput: LatencyBoundedThroughput, batches: [Int]) {
        let paces = Self.paces.map { stretch in
            (
                stretch: stretch,
                estimator: ThroughputEstimator(
                    target: LatencyTarget(
                        quantile: throughput.target.quantile,
                        limit: Nanoseconds(seconds: throughput.target.limit.seconds / stretch)),
                    powerBudget: throughput.powerBudget, stream: throughput.stream, batches: batches)
            )
        }
        @Sendable func mean(
            _ schedule: Schedule, _ rate: (ThroughputEstimator, ScheduledServer) -> QueriesPerSecond
        ) -> QueriesPerSecond {
            let server = analytic.scheduled(by: schedule)
            let sum = paces.reduce(0) { $0 + rate($1.estimator, server).value / $1.stretch }
            return QueriesPerSecond(sum / Double(paces.count))
        }
        self.init(
            estimate: { mean($0) { $0.estimate($1) } }, ceiling: { mean($0) { $0.ceiling($1) } },
            isCeilingProven: false)
    }

    /// How many times as long as modelled service may take. The analytic server misses published figures by a
    /// factor of 2.7 at worst.
    private static let paces = [1 / 3.0, 1 / 3.0.squareRoot(), 1, 3.0.squareRoot(), 3]
}
