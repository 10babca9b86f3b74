import Quantities
import Replaying
import Vocabulary

/// One cell of a study: every policy at every setting of its own knob, on one thread, with nothing stored.
struct StudyCell {
    private let scenario: Scenario
    private let table: EfficiencyTable

    init(_ scenario: Scenario, table: EfficiencyTable) {
        self.scenario = scenario
        self.table = table
    }

    /// O(policies x settings) replays.
    func outcome() throws -> StudyOutcome {
        let replay = Replay(
            trace: try scenario.requiredTrace(), fleet: scenario.fleet, table: table,
            idlePowers: scenario.idlePowers, settings: scenario.replay.online ?? OnlineSettings(),
            modelSizes: scenario.modelSizes, seed: scenario.seed)
        let play = try FrontierPlay(
            scenario, replay: replay, table: table, idlePowers: scenario.idlePowers,
            modelSizes: scenario.modelSizes)
        let outcome = play.outcome(try play.tasks.map { try play.point($0) })
        let used = table.entries.filter { $0.throughput > .zero }
        let kinds = Set(used.map(\.provenance))
        let powerKinds = Set(used.map(\.powerProvenance))
        return StudyOutcome(
            subject: scenario.replay.subject,
            policies: outcome.frontier.points.filter(\.isOwn).map(Self.result), savings: outcome.savings,
            currency: scenario.replay.online?.tariff.price.flatMap { _ in
                scenario.replay.online?.tariff.currency
            },
            provenances: Provenance.allCases.filter(kinds.contains),
            powerProvenances: PowerProvenance.allCases.filter(powerKinds.contains))
    }

    private static func result(_ point: ServicePoint) -> StudyOutcome.PolicyResult {
        let total = point.total
        return StudyOutcome.PolicyResult(
            name: point.policy, drawnPower: total.meanDrawnPower,
            provisionedPower: total.meanProvisionedPower, violated: Fraction(total.violationFraction),
            unserved: Fraction(total.unservedFraction), changes: total.changes, cost: total.cost)
    }
}
