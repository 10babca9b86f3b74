import Profiling
import Quantities
import Scheduling
import Vocabulary

/// Evaluates schedules of one model on one server type: what the search asks.
///
/// For the machine at hand it simulates over the service times measured in each cell; for every other type over
/// those of the analytic server.
struct ScheduleEvaluator: Sendable {
    /// The schedules there are to choose from.
    let space: ScheduleSpace
    private let throughput: LatencyBoundedThroughput
    private let server: @Sendable (Schedule) throws -> ScheduledServer

    /// The most copies of a model that an accelerator is asked to hold.
    static let copiesMax = 8

    /// An evaluator over the analytic model of a server type.
    init(
        modelling serverType: ServerType, running model: Model, batches: [Int],
        throughput: LatencyBoundedThroughput
    ) throws(ProfilingError) {
        let analytic = try AnalyticServer(serverType, running: model)
        let cores = serverType.processor.cores
        space = ScheduleSpace(
            slices: analytic.partitions.flatMap { partition -> [ScheduleSpace.Slice] in
                switch partition {
                case .whole: ScheduleSpace.host(partition: partition, coresMax: cores, batches: batches)
                case .sparseDense:
                    cores < 2
                        ? [] : ScheduleSpace.host(partition: partition, coresMax: cores - 1, batches: batches)
                case .accelerator, .hostSparse:
                    ScheduleSpace.accelerator(
                        partition: partition, copiesMax: Self.copiesMax, batches: batches)
                }
            })
        self.throughput = throughput
        server = { analytic.scheduled(by: $0) }
    }

    /// An evaluator over measured cells.
    /// - Parameter saturations: what the cells' schedules did with all threads busy; nil takes service times to be the
    ///   same at every load, which they are not.
    init(
        measured cells: [Measurement], saturations: [Schedule: Measurement]?, on serverType: ServerType,
        throughput: LatencyBoundedThroughput
    ) {
        let cells = Dictionary(cells.map { ($0.schedule, $0) }) { _, later in later }
        space = ScheduleSpace.measured(cells.keys)
        self.throughput = throughput
        server = { schedule throws(ProfilingError) in
            let cell = cells[schedule]
            let effect = saturations.flatMap { saturations in
                cell.map { LoadEffect(loaded: $0, saturated: saturations[schedule]) }
            }
            return try ScheduledServer(
                schedule: schedule, measured: cell?.serviceSamples ?? [], serverType: serverType,
                effect: effect)
        }
    }

    func evaluate(_ schedule: Schedule) throws -> ScheduleEvaluation {
        throughput.evaluate(try server(schedule))
    }
}
