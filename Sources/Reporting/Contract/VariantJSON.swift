import Quantities
import Vocabulary

/// A plan's JSON, with `tasks` and `floors` beside it.
public struct VariantPlanJSON: ContractJSON {
    private struct Share: Encodable {
        let model: String
        let qps: FiniteNumber
        let accuracy: FiniteNumber
    }

    private struct Task: Encodable {
        let task: String
        let qps: FiniteNumber
        let meanAccuracy: FiniteNumber
        let floor: FiniteNumber
        let costOfPoint: FiniteNumber
        let variants: [Share]

        init(_ split: TaskSplit) {
            task = split.task.name
            qps = FiniteNumber(split.load)
            meanAccuracy = FiniteNumber(split.meanAccuracy)
            floor = FiniteNumber(split.meanFloor)
            costOfPoint = FiniteNumber(split.costOfPoint)
            variants = split.shares.map {
                Share(
                    model: $0.model.name, qps: FiniteNumber($0.load), accuracy: FiniteNumber($0.accuracy))
            }
        }
    }

    private struct Floor: Encodable {
        let floor: FiniteNumber
        let watts: FiniteNumber
        let bound: FiniteNumber
        let meanAccuracy: FiniteNumber
    }

    private enum Key: String, CodingKey { case tasks, floors }

    private let plan: PlanJSON
    private let tasks: [Task]
    private let floors: [Floor]

    public init(
        outcome: VariantPlan, table: EfficiencyTable, goal: PlanGoal, route: PlanRoute? = nil,
        curve: [FloorPoint] = []
    ) {
        plan = PlanJSON(plan: outcome.plan, table: table, goal: goal, route: route)
        tasks = outcome.splits.map(Task.init)
        floors = curve.map {
            Floor(
                floor: FiniteNumber($0.floor), watts: FiniteNumber($0.watts), bound: FiniteNumber($0.bound),
                meanAccuracy: FiniteNumber($0.meanAccuracy))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        try plan.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(tasks, forKey: .tasks)
        if !floors.isEmpty { try container.encode(floors, forKey: .floors) }
    }
}

/// A replay's JSON, with `tasks` beside it: what each policy's answers were worth.
public struct VariantReplayJSON: ContractJSON {
    private struct Service: Encodable {
        let policy: String
        let task: String
        let meanAccuracy: FiniteNumber
        let belowFloorFraction: FiniteNumber
        let violationFraction: FiniteNumber
        let unservedFraction: FiniteNumber
    }

    private enum Key: String, CodingKey { case tasks }

    private let replay: ReplayJSON
    private let services: [Service]

    public init(
        outcome: VariantReplay, subject: String, baseline: String, table: EfficiencyTable,
        includingDecisionTime: Bool
    ) {
        replay = ReplayJSON(
            outcome: ReplayOutcome(trace: outcome.trace, subject: subject, timelines: outcome.timelines),
            baseline: baseline, table: table, includingDecisionTime: includingDecisionTime)
        services = outcome.services.map {
            Service(
                policy: $0.policy, task: $0.task.name, meanAccuracy: FiniteNumber($0.meanAccuracy),
                belowFloorFraction: FiniteNumber($0.belowFloor),
                violationFraction: FiniteNumber($0.violated), unservedFraction: FiniteNumber($0.unserved))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        try replay.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(services, forKey: .tasks)
    }
}
