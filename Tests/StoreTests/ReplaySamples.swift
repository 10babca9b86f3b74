import Quantities
import Store
import Vocabulary

extension Samples {
    static let trace = Trace(
        name: "two services", startUnixSeconds: 1_700_000_100, interval: Nanoseconds(seconds: 300),
        loads: [
            model.id: (0..<12).map { QueriesPerSecond(Double($0) * 100.1) },
            otherModel.id: (0..<12).map { QueriesPerSecond(Double(11 - $0) * 333.3) },
        ], tokenLengths: [model.id: TokenLengths(requests: 9, inputMean: 1154.5, outputMean: 211.25)])

    /// A timeline with changing allocations, violations, and one interval that knows no capacity of a model.
    static func timeline(_ policy: String, servers: Int) -> Timeline {
        let records = (0..<trace.intervalCount).map { index in
            var allocation = Allocation()
            allocation[model.id, serverType.id] = servers + index % 3
            allocation[otherModel.id, otherServerType.id] = index % 2
            var capacity: [ModelID: QueriesPerSecond] = [
                model.id: QueriesPerSecond(Double(servers + index % 3) * 312.5)
            ]
            if index % 2 == 1 { capacity[otherModel.id] = QueriesPerSecond(5_100) }
            let load = trace.demand(at: index)
            let violated = load.models.filter { load[$0] > capacity[$0] ?? .zero }
            return IntervalRecord(
                load: load, capacity: Demand(capacity), allocation: allocation,
                provisionedPower: Watts(133.375 * Double(servers + index % 3) + 410 * Double(index % 2)),
                drawnPower: Watts(90.5 * Double(servers) + Double(index)), violatedModels: violated,
                arrivedQueries: 300 * load.models.reduce(0) { $0 + load[$1].value },
                unservedQueries: 12.5 * Double(violated.count),
                planStatus: violated.isEmpty ? .optimal : .infeasible,
                planGap: index % 4 == 0 ? nil : Fraction(0.0009 * Double(index)),
                forecast: index % 3 == 0 ? nil : trace.demand(at: index - 1),
                activity: servers == 9
                    ? nil
                    : FleetActivity(
                        startingServerSeconds: 12.25 * Double(index), drainingServerSeconds: 3,
                        idleServerSeconds: 0, failedServerSeconds: 0.5,
                        startingEnergy: Joules(1234.5), droppedQueries: 0.125))
        }
        return Timeline(
            policy: policy, interval: trace.interval, records: records,
            decisionSeconds: 0.0125 * Double(servers), servingSteps: servers == 9 ? [] : steps(servers),
            decisions: servers == 3 ? [] : decisions)
    }

    /// Servers that come, stay and go, from nothing and to nothing.
    private static func steps(_ servers: Int) -> [ServingStep] {
        [0, servers, servers + 1, 0, 2].enumerated().map { index, count in
            var serving = Allocation()
            serving[model.id, serverType.id] = count
            serving[otherModel.id, otherServerType.id] = index == 2 ? 4 : 0
            return ServingStep(at: Nanoseconds(Int64(index) * 61_000_000_001), serving: serving)
        }
    }

    private static let decisions = [
        DecisionEntry(
            at: .zero, reason: .first,
            actions: [.start(model: model.id, serverType: serverType.id, count: 3)]),
        DecisionEntry(
            at: Nanoseconds(300_000_000_000), reason: .loadFell, model: otherModel.id,
            neededBefore: QueriesPerSecond(120.5), neededNow: QueriesPerSecond(99.25),
            actions: [
                .stop(model: model.id, serverType: serverType.id, count: 2),
                .start(model: otherModel.id, serverType: otherServerType.id, count: 1),
            ]),
        DecisionEntry(at: Nanoseconds(600_000_000_000), reason: .overload, actions: []),
    ]

    static let replay = ReplayOutcome(
        trace: trace, subject: "hercules",
        timelines: [
            timeline("static", servers: 9), timeline("hercules", servers: 2), timeline("greedy", servers: 3),
        ])

    static let scenario = Scenario(
        id: "quickstart", title: "A small fleet", seed: .max, models: [model, otherModel], fleet: fleet,
        serverTypes: [otherServerType, serverType], trace: trace,
        profile: ProfileSettings(
            batches: [32, 64], cellDuration: Nanoseconds(seconds: 1.5), loadFraction: Fraction(0.6),
            confirmationDuration: Nanoseconds(seconds: 4)),
        search: SearchSettings(method: "gradient", batches: [32, 64, 128], queries: 2_000),
        replay: ReplaySettings(
            policies: ["static", "hercules", "greedy"], subject: "hercules", baseline: "greedy",
            gap: Fraction(1e-3),
            overProvision: OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.99), window: 288)))
}
