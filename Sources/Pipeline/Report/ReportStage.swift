import Files
import Forecasting
import Foundation
import Optimization
import Provisioning
import Quantities
import Reporting
import Store
import Vocabulary

/// Turns what the database holds of a scenario into documents.
public struct ReportStage: Sendable {
    let session: Session

    public init(_ session: Session) { self.session = session }

    /// Reports on what was done last: the scenario as it stands or, where that was not replayed, as an
    /// earlier command changed it.
    public static func ofLatest(_ session: Session) throws -> ReportStage {
        ReportStage(try session.takingUpReplay())
    }

    // MARK: Single stages

    /// The measurements of this machine.
    public func profile(as rendering: Rendering) throws -> String {
        let runs = try measurements()
        let report = foot(
            ProfileReport(runs, targets: targets, searches: try session.searches().map(\.outcome)),
            measuredBy: runs)
        return rendering.render(report) { JSONRenderer().render(report) }
    }

    /// The efficiency table and how it was found.
    public func search(as rendering: Rendering) throws -> String {
        let searches = try session.searches()
        let entries = searches.compactMap(\.outcome.entry)
        let report = SearchReport(
            outcomes: searches.map(\.outcome), entries: entries, reasons: try reasons(searches),
            scenario: session.scenario)
        return rendering.render(foot(report)) { SearchJSON(entries: entries).text }
    }

    /// A plan.
    public func plan(_ outcome: PlanStage.Outcome, as rendering: Rendering) throws -> String {
        let report = foot(
            PlanReport(
                plan: outcome.plan, demand: outcome.demand, table: outcome.table, headroom: outcome.headroom,
                goal: outcome.goal, route: outcome.effort.route,
                sensitivities: outcome.sensitivities))
        return rendering.render(report) {
            PlanJSON(
                plan: outcome.plan, table: outcome.table, goal: outcome.goal,
                route: outcome.effort.route, sensitivities: outcome.sensitivities
            ).text
        }
    }

    /// Which servers to buy and which to retire.
    public func fleetSizing(
        _ sizing: FleetSizing, years: Double, growth: Fraction, as rendering: Rendering
    ) throws -> String {
        let report = foot(FleetSizingReport(sizing, years: years, growth: growth))
        return rendering.render(report) { JSONRenderer().render(report) }
    }

    /// A replay.
    /// - Parameters:
    ///   - includesDecisionTime: whether to show time spent deciding, which differs from run to run.
    ///   - requestLevel: a window of it that was simulated query by query.
    ///   - frontier: what its policies use at other settings.
    public func replay(
        _ outcome: ReplayStage.Outcome, as rendering: Rendering, includesDecisionTime: Bool,
        requestLevel: RequestLevelOutcome? = nil, frontier: FrontierOutcome? = nil
    ) throws -> String {
        let baseline = session.scenario.replay.baseline
        let choices = try forecastChoices()
        let report = foot(
            ReplayReport(
                outcome: outcome.replay, baseline: baseline, table: outcome.table,
                includesDecisionTime: includesDecisionTime, tariff: tariff,
                startsAtOnce: session.scenario.replay.startsAtOnce, requestLevel: requestLevel,
                frontier: frontier, spreading: try spreading(outcome.replay, outcome.table),
                forecastChoices: choices))
        return rendering.render(report) {
            ReplayJSON(
                outcome: outcome.replay, baseline: baseline, table: outcome.table,
                includingDecisionTime: includesDecisionTime, tariff: tariff, requestLevel: requestLevel,
                frontier: frontier, forecastChoices: choices
            ).text
        }
    }

    /// Which forecasters `best` chooses, and how each did; none where a scenario names one forecaster.
    private func forecastChoices() throws -> [ForecastChoice] {
        let scenario = session.scenario
        guard scenario.replay.online?.forecaster == ForecasterName.best, let trace = scenario.trace else {
            return []
        }
        let dynamics = scenario.replay.online?.dynamics ?? .instant
        let startTimes = StartTimes(
            dynamics, models: trace.models, sizes: session.modelSizes, idlePowers: [:])
        return ForecastTrial(
            try ProvisionerConfiguration(
                scenario.replay, trace: trace, startTimes: startTimes, view: .forecast,
                makeForecaster: Forecasters.named)
        ).choices(on: trace)
    }

    /// What policies draw under either rule of spreading load; nil where the scenario names none.
    private func spreading(_ outcome: ReplayOutcome, _ table: EfficiencyTable) throws -> SpreadingEffect? {
        guard let rule = session.scenario.replay.online?.spreading else { return nil }
        let replay = try session.simulatedReplay(with: table)
        var powers: [String: [LoadSpreading: Watts]] = [:]
        for timeline in outcome.timelines {
            for rule in LoadSpreading.allCases {
                powers[timeline.policy, default: [:]][rule] = replay.meanDrawnPower(
                    of: timeline, spreading: rule)
            }
        }
        return SpreadingEffect(rule: rule, meanDrawnPowers: powers)
    }

    private var tariff: EnergyTariff { session.scenario.replay.online?.tariff ?? EnergyTariff() }

    // MARK: The whole scenario

    /// Everything the database holds of the scenario, however far it has come.
    public func scenario(as rendering: Rendering) throws -> String {
        let report = try scenarioDocument().full
        return rendering.render(report) { JSONRenderer().render(report) }
    }

    /// Writes everything as one self-contained HTML file, or nothing.
    /// - Returns: the absolute path.
    public func writeHTML(to path: String) throws -> String {
        try write(scenarioDocument().full, to: path)
    }

    /// Writes the HTML file and says in short what a person wants to see when a run is over.
    /// - Returns: the brief, ending in the file's absolute path.
    public func writeHTMLAndBrief(to path: String, in style: TextStyle = TextStyle()) throws -> String {
        let document = try scenarioDocument()
        let file = try write(document.full, to: path)
        return "\(TextRenderer(style).render(document.brief))\nreport: \(file)\n"
    }

    private func write(_ report: Report, to path: String) throws -> String {
        try Self.write(report, to: path, database: session.store.path)
    }

    /// Writes a report as one self-contained HTML file, or nothing.
    /// - Parameter database: what it must not be written over; nil where there is none.
    /// - Returns: the absolute path.
    @discardableResult
    static func write(_ report: Report, to path: String, database: String?) throws -> String {
        let html = HTMLRenderer(plotlyScript: try PlotlyScript.text()).render(report)
        do throws(OutputRefusal) {
            try file(path, database: database).write(html)
        } catch { throw PipelineError.notWritten(error) }
        return URL(fileURLWithPath: path).path
    }

    /// Checks that a report could be written, so that a long run does not end in a folder that is not there.
    /// - Parameter database: what the report must not be written over.
    /// - Throws: `PipelineError.notWritten`, or `.notInstalled` where the plotting library is missing.
    public static func requireWritable(_ path: String, database: String) throws {
        _ = try PlotlyScript.path()
        do throws(OutputRefusal) {
            try file(path, database: database).check()
        } catch { throw PipelineError.notWritten(error) }
    }

    private static func file(_ path: String, database: String?) -> OutputFile {
        OutputFile(
            path: path, kind: .earlier("a report of this tool", beginning: HTMLRenderer.beginning),
            database: database)
    }

    private func scenarioDocument() throws -> (full: Report, brief: Report) {
        let searches = try session.searches()
        var table: EfficiencyTable?
        do {
            table = try session.efficiencyTable(of: searches)
        } catch is PipelineError {
            // Not all pairs are searched yet, or none can be: what there is, is shown.
        }
        let replay = try table.flatMap { table in
            try session.scenario.trace.flatMap { _ in try ReplayStage(session).stored(with: table) }
        }
        // The plan last kept may be for any demand; the report is about the trace's peak.
        let plan = try table.flatMap { table in
            try replay.map { _ in try PlanStage(session).peak(with: table) }
        }
        let runs = try measurements()
        let content = ScenarioReport(
            scenario: session.scenario, measurements: runs, searches: searches.map(\.outcome),
            rivals: try rivals(), frontier: try frontier(),
            table: table ?? EfficiencyTable(searches.compactMap(\.outcome.entry)),
            plan: plan?.plan, demand: plan?.demand ?? Demand([:]), headroom: plan?.headroom ?? .zero,
            replay: replay?.outcome, includesDecisionTime: true,
            requestLevel: try replay.flatMap { try session.store.requestLevels(of: $0.id).last },
            equalService: try replay.flatMap { try FrontierStage(session).stored(of: $0.id) },
            spreading: try table.flatMap { table in
                try replay.flatMap { try spreading($0.outcome, table) }
            },
            forecastChoices: try replay.map { _ in try forecastChoices() } ?? [],
            nextStep: nextStep(isMeasured: !runs.isEmpty, hasTable: table != nil, isReplayed: replay != nil))
        return (foot(content, measuredBy: runs), foot(ScenarioBrief(content), measuredBy: runs))
    }

    /// The verb that comes next; nil where the scenario has come to its end.
    private func nextStep(isMeasured: Bool, hasTable: Bool, isReplayed: Bool) -> String? {
        if isReplayed { return nil }
        if session.thisHost != nil, !isMeasured {
            return "Nothing is measured yet: `hercules profile` measures the models on this machine."
        }
        guard hasTable else {
            return
                "Not every model is searched on every server type yet: `hercules search` finds the schedules."
        }
        return session.scenario.trace == nil
            ? "The scenario has no trace: `hercules plan` plans servers for loads that it is given."
            : "Nothing is replayed yet: `hercules replay` plays the trace under the policies."
    }

    private var targets: [ModelID: LatencyTarget] {
        Dictionary(session.scenario.models.map { ($0.id, $0.latencyTarget) }) { first, _ in first }
    }

    /// Cells and confirmations of the scenario's models on the type of this machine, under the scenario's
    /// settings.
    private func measurements() throws -> [(LoadRun, Verdict)] {
        guard let type = session.thisHost else { return [] }
        return try session.scenario.models.flatMap { model -> [StoredMeasurement] in
            var confirmations = MeasurementFilter()
            confirmations.model = model
            confirmations.serverType = type
            confirmations.purpose = .confirmation
            confirmations.settingsDigest = try MeasurementSettings.confirmation(
                session.scenario.profile, seed: session.scenario.seed
            ).digest
            let cells = try session.evidence.of(model, on: type).cells?.loaded ?? []
            return try cells + session.store.measurements(confirmations)
        }.map { ($0.measurement, $0.verdict) }
    }

    /// - Parameter measuredBy: the runs whose engines are named; nil to look them up.
    func foot(
        _ content: some ReportContent, measuredBy runs: [(LoadRun, Verdict)]? = nil
    ) -> Report {
        let scenario = session.scenario
        let digest = (try? scenario.definitionDigest).map { String($0.hexadecimal.prefix(16)) }
        let engines = (runs ?? (try? measurements()) ?? []).map { "\($0.0.engine) \($0.0.engineVersion)" }
        var versions = [Report.NamedText.tool]
        versions += Set(engines).sorted().map { Report.NamedText(name: "engine", text: $0) }
        if let solver = try? HiGHSSolver() {
            versions.append(Report.NamedText(name: "HiGHS", text: solver.version))
        }
        return content.report(
            seed: scenario.seed, versions: versions,
            inputs: digest.map { [Report.NamedText(name: "scenario \(scenario.id)", text: "SHA-256 \($0)")] }
                ?? [])
    }
}

extension Report.NamedText {
    /// The tool itself, among the versions that a report names.
    static let tool = Report.NamedText(name: "hercules", text: Recorder.toolVersion)
}
