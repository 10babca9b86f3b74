import Quantities
import Vocabulary

/// What several policies made of one trace, and what the policy in question saves against each of the others.
public struct ReplayReport: ReportContent {
    let outcome: ReplayOutcome
    let baseline: String
    let table: EfficiencyTable
    let includesDecisionTime: Bool
    let tariff: EnergyTariff
    /// Whether servers start and stop in no time, which is better than any do.
    let startsAtOnce: Bool
    /// A window simulated query by query; nil where none was.
    let requestLevel: RequestLevelOutcome?
    /// What the policies use at other settings; nil where only the scenario's own were played.
    let frontier: FrontierOutcome?
    /// What policies draw under either rule of spreading load; nil where the scenario names none.
    let spreading: SpreadingEffect?
    /// How forecasters did, and which were chosen; empty where there was one.
    let forecastChoices: [ForecastChoice]
    /// The entries that each policy used, by its name.
    let usedEntries: [String: [EfficiencyEntry]]

    /// A report on one replay.
    ///
    /// - Parameters:
    ///   - outcome: The timelines of all policies.
    ///   - baseline: The policy that the summary compares with.
    ///   - table: The efficiency entries the policies planned with; they say where the watts come from.
    ///   - includesDecisionTime: Whether to show the processor time that decisions took. It differs from run
    ///     to run, so a report that must be the same byte for byte leaves it out.
    ///   - tariff: What a kilowatt-hour costs, and where it is counted.
    ///   - startsAtOnce: Whether servers start and stop in no time; said where they do.
    ///   - requestLevel: A window of the replay simulated query by query.
    ///   - frontier: What the policies use at other settings of their knobs.
    ///   - spreading: What they draw under either rule of spreading load.
    ///   - forecastChoices: How forecasters did that were chosen among.
    public init(
        outcome: ReplayOutcome, baseline: String, table: EfficiencyTable, includesDecisionTime: Bool,
        tariff: EnergyTariff = EnergyTariff(), startsAtOnce: Bool = false,
        requestLevel: RequestLevelOutcome? = nil, frontier: FrontierOutcome? = nil,
        spreading: SpreadingEffect? = nil, forecastChoices: [ForecastChoice] = []
    ) {
        self.forecastChoices = forecastChoices
        self.frontier = frontier
        self.spreading = spreading
        self.outcome = outcome
        self.requestLevel = requestLevel
        self.baseline = baseline
        self.table = table
        self.includesDecisionTime = includesDecisionTime
        self.tariff = tariff
        self.startsAtOnce = startsAtOnce
        usedEntries = Dictionary(
            outcome.timelines.map { ($0.policy, table.entries(of: $0.records.allocations.usedPairs)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The name of the document.
    public var title: String { "Replay of \(outcome.trace.name)" }

    /// What was played, and what the subject saves against the baseline.
    public var summary: [Report.Block] {
        let trace = outcome.trace
        let played =
            "The load of \(trace.models.map(\.name).enumerated) over \(trace.span.readableSpan) in intervals "
            + "of \(trace.interval.readableSpan), played against "
            + "\(outcome.timelines.map(\.policy).enumerated)."
        return [.paragraph([played, savingsSentence].compactMap { $0 }.joined(separator: " "))] + headlines
    }

    /// Savings, power and servers over time, violations and decisions.
    public var sections: [Report.Section] {
        let plots = ReplayPlots(outcome: outcome, table: table, mix: mixOfAll)
        var savings: [Report.Block] = [.table(savingsTable), .table(mainTable)]
        if let baselines = baselineTable { savings.append(.table(baselines)) }
        if let table = spreadingTable { savings.append(.table(table)) }
        savings.append(.plot(plots.energy))
        if let costs = plots.costs(tariff) { savings.append(.plot(costs)) }
        var overTime: [Report.Block] = [.plot(plots.load), .plot(plots.power), .plot(plots.servers)]
        if let phases = plots.phases { overTime.append(.plot(phases)) }
        var decisions: [Report.Block] = [.table(decisionTable)]
        if let forecast = plots.forecast { decisions.append(.plot(forecast)) }
        if let table = forecasterTable { decisions += [.table(table), .note(Self.forecasterNote)] }
        if let log = decisionLog { decisions += [.table(log.table), .note(log.note)] }
        return [frontierTables?.section].compactMap { $0 } + [
            Report.Section(heading: "Savings", blocks: savings + notes.map(Report.Block.note)),
            Report.Section(heading: "Power over time", blocks: overTime),
            Report.Section(
                heading: "Violations",
                blocks: [.table(violationTable), .plot(plots.violations), .plot(plots.capacity)]),
            Report.Section(heading: "Decisions", blocks: decisions),
        ] + (requestLevel.map { [RequestLevelTables($0).section(colours: outcome.policyColours)] } ?? [])
    }

    var frontierTables: FrontierTables? {
        frontier.map { FrontierTables(outcome: $0, tariff: tariff, colours: outcome.policyColours) }
    }

    /// One row per policy.
    public var mainTable: Table { policyTable }

    /// The mix of sources behind the entries used.
    public var provenance: [String] {
        [
            mixOfAll.sentence(about: "efficiency entry used", plural: "efficiency entries used"),
            ProvenanceMix.glossary,
        ]
    }

    /// The subject's saving against the baseline in one sentence, with what both leave unserved; nil where
    /// there is no such comparison.
    package var savingsSentence: String? {
        guard let saving = outcome.savings.first(where: { $0.baseline == baseline }),
            let own = timeline(of: outcome.subject), let other = timeline(of: baseline)
        else { return nil }
        func share(_ saved: Fraction) -> String {
            let amount = Fraction(abs(saved.value)).readable
            return saved < .zero ? "\(amount) more" : "\(amount) less"
        }
        let provisions =
            "\(outcome.subject) provisions \(share(saving.meanPower)) mean power and "
            + "\(share(saving.peakPower)) peak power than \(baseline)."
        let violations =
            "A model's load exceeds its capacity in \(own.violationFraction.readable) of all (interval, "
            + "model) pairs (\(baseline): \(other.violationFraction.readable))."
        let equal = frontierTables?.sentence(against: baseline)
        return [equal, provisions, violations].compactMap { $0 }.joined(separator: " ")
    }

    /// The numbers that stand for the whole replay.
    var headlines: [Report.Block] {
        guard let saving = outcome.savings.first(where: { $0.baseline == baseline }),
            let own = timeline(of: outcome.subject)
        else { return [] }
        let watts = mix(of: own).powerLabel
        let equal = (frontier?.savings ?? []).filter { $0.measure == .violation }.compactMap { saving in
            saving.drawnEnergy.map {
                Report.HeadlineFigure(
                    value: $0.fraction.readable,
                    label: "drawn energy saved against \(saving.baseline) at equal violations")
            }
        }
        return [
            .figures(
                equal + [
                    Report.HeadlineFigure(
                        value: saving.meanPower.readable,
                        label: "mean provisioned power saved against \(baseline)"),
                    Report.HeadlineFigure(
                        value: saving.peakPower.readable,
                        label: "peak provisioned power saved against \(baseline)"),
                    Report.HeadlineFigure(
                        value: own.meanProvisionedPower.readable,
                        label: "mean provisioned power of \(outcome.subject), \(watts)"),
                    Report.HeadlineFigure(
                        value: own.violationFraction.readable,
                        label: "of (interval, model) pairs with a load above the capacity, \(outcome.subject)"
                    ),
                ])
        ]
    }

    /// What a reader should know before believing the savings.
    var notes: [String] {
        guard let own = timeline(of: outcome.subject) else { return [] }
        var notes: [String] = []
        let better = outcome.timelines.filter { $0.violationFraction < own.violationFraction }.map(\.policy)
        if !better.isEmpty {
            notes.append(
                "\(outcome.subject) lets the load exceed the capacity more often than \(better.enumerated), "
                    + "so part of its saving against \(better.count == 1 ? "that policy" : "these") is load "
                    + "that it does not serve in time.")
        }
        let compared = Set(outcome.savings.map(\.baseline))
        let other = outcome.timelines.map(\.policy).filter { $0 != outcome.subject && !compared.contains($0) }
        if !other.isEmpty {
            notes.append("\(other.enumerated) covers another span of time and is not compared.")
        }
        notes.append(serverHoursSentence(own))
        return notes + onlineNotes
    }

    /// How much of a timeline rests on figures of each provenance, by server-hours.
    private func serverHoursSentence(_ timeline: Timeline) -> String {
        var counts: [Provenance: Int] = [:]
        let allocations = timeline.records.allocations
        let sources = allocations.pairs.map { table[$0.model, $0.serverType]?.provenance }
        allocations.forEachStretch(until: Int64(timeline.records.count)) { stretch, servers in
            for (source, servers) in zip(sources, servers) where servers > 0 {
                if let source { counts[source, default: 0] += Int(servers) * stretch.count }
            }
        }
        let total = counts.values.reduce(0, +)
        let shares = Provenance.allCases.compactMap { source in
            counts[source].map {
                "\(Fraction(Double($0) / Double(total)).readable) rest on \(source.rawValue)"
            }
        }
        guard total > 0 else { return "\(timeline.policy) provisioned no server." }
        return
            "Of the server-hours that \(timeline.policy) provisions, \(shares.enumerated) figures; the watts "
            + "are \(mix(of: timeline).powerLabel). Provisioned power is what a plan sets aside: each "
            + "server's power at its latency-bounded throughput. Drawn power follows the load"
            + (mix(of: timeline).powerFigures[.metered] == nil
                ? "." : ", and is estimated: it rests on the idle power that the server types state.")
    }

    func timeline(of policy: String) -> Timeline? { outcome.timelines.first { $0.policy == policy } }

    /// The mix of the entries that any policy used, each counted once.
    private var mixOfAll: ProvenanceMix {
        ProvenanceMix(EfficiencyTable(outcome.timelines.flatMap { usedEntries[$0.policy] ?? [] }).entries)
    }

    func mix(of timelines: Timeline...) -> ProvenanceMix {
        ProvenanceMix(timelines.flatMap { usedEntries[$0.policy] ?? [] })
    }
}
