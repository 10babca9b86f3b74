import Quantities
import Vocabulary

/// Everything that one scenario led to so far, from the measurements to the savings, in one document. What
/// has not been done yet is left out, and the document says what comes next.
public struct ScenarioReport: ReportContent {
    private let scenario: Scenario
    let profile: ProfileReport
    private let search: SearchReport
    /// nil before anything was planned.
    let plan: PlanReport?
    private let isInfeasible: Bool
    /// nil before anything was replayed.
    let replay: ReplayReport?
    private let nextStep: String?
    private let table: EfficiencyTable

    /// A report on a whole scenario.
    ///
    /// - Parameters:
    ///   - scenario: What was asked for.
    ///   - measurements: The load runs behind the measured entries, with their verdicts.
    ///   - searches: The searches for schedules.
    ///   - rivals: What every method that was tried found for the same problems.
    ///   - frontier: What pairs do under several latency targets and power budgets.
    ///   - table: The efficiency entries in force.
    ///   - plan: The plan for one demand, usually the peak of the trace; nil before there is one.
    ///   - demand: The demand of that plan, without headroom.
    ///   - headroom: The over-provision rate R of that plan.
    ///   - loadName: What that demand is called in a sentence.
    ///   - replay: The timelines of all policies; nil before there are any.
    ///   - nextStep: What to do to learn more, in a sentence; nil where everything was done.
    ///   - includesDecisionTime: Whether to show the processor time of decisions, which differs from run to
    ///     run.
    ///   - requestLevel: A window of the replay simulated query by query.
    ///   - equalService: What the policies use at other settings of their knobs.
    ///   - spreading: What they draw under either rule of spreading load.
    ///   - forecastChoices: How forecasters did that were chosen among.
    public init(
        scenario: Scenario, measurements: [(LoadRun, Verdict)], searches: [SearchOutcome],
        rivals: [RivalSearch] = [], frontier: [FrontierPoint] = [],
        table: EfficiencyTable, plan: Plan?, demand: Demand = Demand([:]), headroom: Fraction = .zero,
        loadName: String = "the peak load of the trace", replay: ReplayOutcome?, includesDecisionTime: Bool,
        requestLevel: RequestLevelOutcome? = nil, equalService: FrontierOutcome? = nil,
        spreading: SpreadingEffect? = nil, forecastChoices: [ForecastChoice] = [], nextStep: String? = nil
    ) {
        self.scenario = scenario
        self.table = table
        profile = ProfileReport(
            measurements,
            targets: Dictionary(
                scenario.models.map { ($0.id, $0.latencyTarget) }, uniquingKeysWith: { first, _ in first }),
            searches: searches)
        search = SearchReport(
            outcomes: searches, entries: table.entries.filter { !$0.isUnknown }, rivals: rivals,
            frontier: frontier)
        self.plan = plan.map {
            PlanReport(plan: $0, demand: demand, table: table, headroom: headroom, loadName: loadName)
        }
        isInfeasible = plan?.status == .infeasible
        self.nextStep = nextStep
        self.replay = replay.map {
            ReplayReport(
                outcome: $0, baseline: scenario.replay.baseline, table: table,
                includesDecisionTime: includesDecisionTime,
                tariff: scenario.replay.online?.tariff ?? EnergyTariff(),
                startsAtOnce: scenario.replay.startsAtOnce, requestLevel: requestLevel,
                frontier: equalService, spreading: spreading, forecastChoices: forecastChoices)
        }
    }

    /// The scenario's own title.
    public var title: String { scenario.title }

    /// What was asked, what came of it in one sentence, and where the numbers come from.
    public var summary: [Report.Block] {
        var blocks = opening
        // A plan that cannot serve its demand is said at the top; its figures stand in their own section.
        if isInfeasible, let plan { blocks += plan.summary.filter(\.isWarning) }
        return blocks + (replay?.headlines ?? [])
    }

    /// What was asked, what came of it and where the numbers come from, one paragraph each.
    var opening: [Report.Block] {
        let fleet = scenario.fleet
        let models = scenario.models.map(\.id).sorted().map(\.name)
        let load =
            scenario.trace.map {
                ", with the load of \($0.name) over \($0.span.readableSpan) in intervals of "
                    + "\($0.interval.readableSpan)"
            } ?? ""
        let asked =
            "\(models.count.counted("model")) (\(models.enumerated)) on "
            + "\(fleet.serverCount.counted("server")) of \(fleet.serverTypes.count.counted("type"))\(load)."
        var blocks: [Report.Block] = [.paragraph(asked)]
        if let sentence = replay?.savingsSentence { blocks.append(.paragraph(sentence)) }
        if let nextStep { blocks.append(.note(nextStep)) }
        guard !table.entries.isEmpty else { return blocks }
        blocks.append(.paragraph(mixSentence))
        return blocks
    }

    /// The replay first, then what it rests on: the plan, the efficiency table and the measurements.
    public var sections: [Report.Section] {
        let planned = plan.map { plan in
            Report.Section(
                heading: "Plan",
                blocks: plan.summary.filter { !$0.isWarning } + plan.sections.flatMap(\.blocks))
        }
        let searched = table.entries.isEmpty ? [] : search.sections
        return (replay?.sections ?? []) + (planned.map { [$0] } ?? []) + searched + profile.sections
    }

    /// What stands furthest along the way: a row per policy, allocation, efficiency entry or load run.
    public var mainTable: Table {
        replay?.mainTable ?? plan?.mainTable
            ?? (table.entries.isEmpty ? profile.mainTable : search.mainTable)
    }

    /// Hosts, engines and the mix of sources.
    public var provenance: [String] {
        let hosts = profile.provenance.filter { $0 != ProvenanceMix.glossary }
        let stepTimes = StepTimesNote(scenario.models, on: scenario.serverTypes, table.entries).sentences
        return hosts + (table.entries.isEmpty ? [] : [mixSentence]) + stepTimes + [ProvenanceMix.glossary]
    }

    private var mixSentence: String {
        let known = ProvenanceMix(table.entries.filter { !$0.isUnknown })
            .sentence(about: "efficiency entry", plural: "efficiency entries")
        let unknown = table.entries.filter(\.isUnknown).map { "\($0.model) on \($0.serverType)" }
        guard !unknown.isEmpty else { return known }
        return known + " No figure is known of \(unknown.joined(separator: ", ")); plans leave these out."
    }
}

extension Report.Block {
    fileprivate var isWarning: Bool {
        if case .warning = self { true } else { false }
    }
}
