import Quantities
import Vocabulary

/// What the hardware must have for schedules of a recommendation model and, where nothing speaks against one
/// before it runs, the latency of an idle server.
struct ExplainedConstraints: ScheduleConstraints {
    let candidates: [Schedule]
    let hardware: RecommendationConstraints
    let analytic: AnalyticServer
    let estimator: ThroughputEstimator

    var titles: [String] { RecommendationConstraints.Constraint.allCases.map(\.title) }

    func broken(by schedule: Schedule) -> [BrokenConstraint] {
        guard let threads = schedule.threadSchedule else { return [] }
        let broken = hardware.broken(by: threads)
        guard broken.isEmpty else {
            return broken.map { explained($0, needed: needed($0, by: threads), by: threads) }
        }
        let idle = estimator.idleLatency(analytic.scheduled(by: threads))
        guard idle > hardware.limits.target.limit else { return [] }
        return [explained(.latency, needed: idle.seconds, by: threads)]
    }

    private func needed(
        _ constraint: RecommendationConstraints.Constraint, by schedule: ThreadSchedule
    ) -> Double {
        switch constraint {
        case .cores: Double(schedule.hostCores)
        case .hostMemory: hardware.hostMemory(schedule).value
        case .deviceMemory: hardware.deviceMemory(schedule).value
        case .hostLink: hardware.launchTransfer(schedule).seconds
        case .power: hardware.serverType.power.idle.value
        case .latency: estimator.idleLatency(analytic.scheduled(by: schedule)).seconds
        }
    }

    private func explained(
        _ constraint: RecommendationConstraints.Constraint, needed: Double, by schedule: ThreadSchedule
    ) -> BrokenConstraint {
        let (type, limits) = (hardware.serverType, hardware.limits)
        return BrokenConstraint(title: constraint.title, needed: needed) {
            switch constraint {
            case .cores: "needs \(Int(needed)) cores at least, has \(analytic.processor.cores)"
            case .hostMemory:
                "needs \(gibibytes(needed)) at least, has \(gibibytes(analytic.memory.capacity.value))"
            case .deviceMemory:
                "needs \(gibibytes(needed)) at least, has \(gibibytes(type.accelerator?.memory.value ?? 0))"
            case .hostLink:
                "a launch takes \(Nanoseconds(seconds: needed)) over the link at least, "
                    + "the limit is \(limits.target.limit)"
            case .power:
                "draws \(Int(needed.rounded())) W idle, "
                    + "the budget is \(Int((limits.powerBudget?.value ?? 0).rounded())) W"
            case .latency:
                "\(limits.target.quantile) of an idle server is \(Nanoseconds(seconds: needed)) at least "
                    + "(\(schedule)), the limit is \(limits.target.limit)"
            }
        }
    }
}

private func gibibytes(_ bytes: Double) -> String {
    "\((bytes / 1_073_741_824 * 100).rounded() / 100) GiB"
}
