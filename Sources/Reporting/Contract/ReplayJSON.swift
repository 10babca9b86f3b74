import Quantities
import Vocabulary

/// A replay as `{"trace","intervals","baseline","policies":[...],"savings":[...]}` and more.
///
/// `energyJoules` is provisioned energy, the integral of what the plans set aside; `drawnEnergyJoules` is
/// what the servers took at their load.
public struct ReplayJSON: ContractJSON {
    private struct Policy: Encodable {
        let name: String
        let meanProvisionedWatts: FiniteNumber
        let peakProvisionedWatts: FiniteNumber
        let energyJoules: FiniteNumber
        let meanDrawnWatts: FiniteNumber
        let drawnEnergyJoules: FiniteNumber
        let meanServers: FiniteNumber
        let peakServers: Int
        let violationFraction: FiniteNumber
        let unservedFraction: FiniteNumber
        /// Servers started and stopped, those that the first decision starts among them.
        let changes: Int
        let decisionSeconds: FiniteNumber
        let infeasibleIntervals: Int
        let droppedFraction: FiniteNumber
        let startingEnergyJoules: FiniteNumber
        let decisions: Int
        let cost: FiniteNumber
        let carbonGrams: FiniteNumber
        let provenance: ProvenanceJSON
        /// Of `meanDrawnWatts` and `drawnEnergyJoules`, which rest on idle power that a server type states;
        /// nil where the watts of `provenance` are estimated all the same.
        let drawnWattsProvenance: String?

        init(
            _ timeline: Timeline, table: EfficiencyTable, includingDecisionTime: Bool, tariff: EnergyTariff,
            traceStart: Int64
        ) {
            droppedFraction = FiniteNumber(timeline.droppedFraction)
            startingEnergyJoules = FiniteNumber(timeline.startingEnergy)
            decisions = timeline.decisions.count
            cost = FiniteNumber(timeline.cost(tariff, traceStart: traceStart))
            carbonGrams = FiniteNumber(timeline.carbonGrams(tariff, traceStart: traceStart))
            name = timeline.policy
            meanProvisionedWatts = FiniteNumber(timeline.meanProvisionedPower)
            peakProvisionedWatts = FiniteNumber(timeline.peakProvisionedPower)
            energyJoules = FiniteNumber(timeline.provisionedEnergy)
            meanDrawnWatts = FiniteNumber(timeline.meanDrawnPower)
            drawnEnergyJoules = FiniteNumber(timeline.drawnEnergy)
            meanServers = FiniteNumber(timeline.meanServers)
            peakServers = timeline.peakServers
            violationFraction = FiniteNumber(timeline.violationFraction)
            unservedFraction = FiniteNumber(timeline.unservedFraction)
            changes = timeline.decisions.reduce(0) { sum, entry in
                entry.actions.reduce(sum) { $0 + $1.count }
            }
            decisionSeconds = FiniteNumber(includingDecisionTime ? timeline.decisionSeconds : nil)
            infeasibleIntervals = timeline.infeasibleIntervals
            let mix = ProvenanceMix(table.entries(of: timeline.records.allocations.usedPairs))
            provenance = ProvenanceJSON(mix)
            drawnWattsProvenance = mix.drawnLabel == mix.powerLabel ? nil : mix.drawnLabel
        }
    }

    private struct Saving: Encodable {
        let policy: String
        let baseline: String
        let powerMeanFraction: FiniteNumber
        let powerPeakFraction: FiniteNumber
        let capacityMeanFraction: FiniteNumber
        let capacityPeakFraction: FiniteNumber

        init(_ saving: PowerSavings) {
            policy = saving.policy
            baseline = saving.baseline
            powerMeanFraction = FiniteNumber(saving.meanPower)
            powerPeakFraction = FiniteNumber(saving.peakPower)
            capacityMeanFraction = FiniteNumber(saving.meanCapacity)
            capacityPeakFraction = FiniteNumber(saving.peakCapacity)
        }
    }

    private let trace: String
    private let intervals: Int
    private let intervalSeconds: FiniteNumber
    private let subject: String
    private let baseline: String
    private let currency: String
    private let powerUsageEffectiveness: FiniteNumber
    private let policies: [Policy]
    private let savings: [Saving]
    /// nil where no window was simulated query by query; the key is then left out.
    private let requestLevel: RequestLevelJSON?
    /// nil where no frontier was played; the keys are then left out.
    private let frontier: [FrontierPointJSON]?
    private let equalService: [EqualServiceJSON]?
    /// nil where no forecasters were chosen among; the key is then left out.
    private let forecasters: [ForecastChoiceJSON]?

    /// A replay with the efficiency entries that its policies planned with.
    ///
    /// - Parameters:
    ///   - outcome: The timelines of all policies.
    ///   - baseline: The policy named as the one to compare with.
    ///   - table: The efficiency entries, for the provenance of each policy's figures.
    ///   - includingDecisionTime: Whether `decisionSeconds` holds the processor time that decisions took. It
    ///     differs from run to run, so a caller that promises the same bytes for the same inputs passes
    ///     false, and the key's value is null.
    ///   - tariff: What a kilowatt-hour costs; `cost` and `carbonGrams` are null without.
    ///   - requestLevel: A window of the replay simulated query by query.
    ///   - frontier: What the policies use at other settings of their knobs.
    ///   - forecastChoices: How forecasters did that were chosen among.
    public init(
        outcome: ReplayOutcome, baseline: String, table: EfficiencyTable, includingDecisionTime: Bool,
        tariff: EnergyTariff = EnergyTariff(), requestLevel: RequestLevelOutcome? = nil,
        frontier: FrontierOutcome? = nil, forecastChoices: [ForecastChoice] = []
    ) {
        forecasters = forecastChoices.isEmpty ? nil : forecastChoices.map(ForecastChoiceJSON.init)
        self.frontier = frontier?.frontier.points.map(FrontierPointJSON.init)
        equalService = frontier?.savings.map(EqualServiceJSON.init)
        currency = tariff.currency
        powerUsageEffectiveness = FiniteNumber(tariff.powerUsageEffectiveness)
        self.requestLevel = requestLevel.map(RequestLevelJSON.init)
        trace = outcome.trace.name
        intervals = outcome.trace.intervalCount
        intervalSeconds = FiniteNumber(outcome.trace.interval.seconds)
        subject = outcome.subject
        self.baseline = baseline
        policies = outcome.timelines.map {
            Policy(
                $0, table: table, includingDecisionTime: includingDecisionTime, tariff: tariff,
                traceStart: outcome.trace.startUnixSeconds)
        }
        savings = outcome.savings.map(Saving.init)
    }
}
