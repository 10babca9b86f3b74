import Profiling
import Quantities
import Scheduling
import ServerModels
import Vocabulary

/// Says, for a pair that no schedule can serve, which constraint keeps out how many schedules and by how
/// much.
struct SearchDiagnosis {
    private let session: Session

    init(_ session: Session) { self.session = session }

    /// One line a constraint that keeps any schedule out, in the order in which they are checked.
    func reasons(
        model: Model, on type: ServerType, target: LatencyTarget, powerBudget: Watts?
    ) throws -> [Infeasibility] {
        let analytic = try AnalyticServer(type, running: model)
        let constraints = ScheduleConstraints(
            type, running: analytic.graph, target: target, powerBudget: powerBudget)
        let schedules = ScheduleSpace.hardware(
            partitions: constraints.partitions, cores: type.processor.cores,
            batches: session.scenario.search.batches,
            copiesMax: ScheduleEvaluator.copiesMax, hotFractions: ScheduleEvaluator.hotFractions
        ).schedules
        let stream = QueryStream(
            sizes: model.querySizes, count: session.scenario.search.queries, seed: session.scenario.seed)
        let estimator = ThroughputEstimator(target: target, powerBudget: powerBudget, stream: stream)
        var counts: [ScheduleConstraints.Constraint: Int] = [:]
        var least: [ScheduleConstraints.Constraint: (value: Double, schedule: Schedule)] = [:]
        func note(_ constraint: ScheduleConstraints.Constraint, _ value: Double, _ schedule: Schedule) {
            counts[constraint, default: 0] += 1
            if value < (least[constraint]?.value ?? .infinity) { least[constraint] = (value, schedule) }
        }
        for schedule in schedules {
            let broken = constraints.broken(by: schedule)
            for constraint in broken {
                switch constraint {
                case .hostMemory: note(constraint, constraints.hostMemory(schedule).value, schedule)
                case .deviceMemory: note(constraint, constraints.deviceMemory(schedule).value, schedule)
                case .cores: note(constraint, Double(schedule.hostCores), schedule)
                case .hostLink: note(constraint, constraints.launchTransfer(schedule).seconds, schedule)
                case .power: note(constraint, type.power.idle.value, schedule)
                case .latency: break
                }
            }
            guard broken.isEmpty else { continue }
            let idle = estimator.idleLatency(analytic.scheduled(by: schedule))
            if idle > target.limit { note(.latency, idle.seconds, schedule) }
        }
        return ScheduleConstraints.Constraint.allCases.compactMap { constraint in
            guard let count = counts[constraint], let least = least[constraint] else { return nil }
            return Infeasibility(
                model: model.id, serverType: type.id, target: target, constraint: constraint.title,
                excluded: count, considered: schedules.count,
                detail: detail(constraint, least.value, least.schedule, type, target, powerBudget))
        }
    }

    private func detail(
        _ constraint: ScheduleConstraints.Constraint, _ least: Double, _ schedule: Schedule,
        _ type: ServerType,
        _ target: LatencyTarget, _ powerBudget: Watts?
    ) -> String {
        switch constraint {
        case .cores: "needs \(Int(least)) cores at least, has \(type.processor.cores)"
        case .hostMemory:
            "needs \(Self.gibibytes(least)) at least, has \(Self.gibibytes(type.memory.capacity.value))"
        case .deviceMemory:
            "needs \(Self.gibibytes(least)) at least, has "
                + Self.gibibytes(type.accelerator?.memory.value ?? 0)
        case .hostLink:
            "a launch takes \(Nanoseconds(seconds: least)) over the link at least, the limit is "
                + "\(target.limit)"
        case .power:
            "draws \(Int(least.rounded())) W idle, the budget is "
                + "\(Int((powerBudget?.value ?? 0).rounded())) W"
        case .latency:
            "\(target.quantile) of an idle server is \(Nanoseconds(seconds: least)) at least (\(schedule)), "
                + "the limit is \(target.limit)"
        }
    }

    private static func gibibytes(_ bytes: Double) -> String {
        "\((bytes / 1_073_741_824 * 100).rounded() / 100) GiB"
    }
}
