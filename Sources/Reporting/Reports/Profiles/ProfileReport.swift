import Quantities
import Vocabulary

/// What was measured on a host: every load run with the judgement over it, and how well the predicted rates
/// held.
public struct ProfileReport: ReportContent {
    /// A load run and what to think of it.
    struct Run {
        let measurement: LoadRun
        let verdict: Verdict

        func latency(_ order: Double) -> Nanoseconds? { measurement.latencies.latency(at: Quantile(order)) }
        /// How late the generator handed queries over; nil where the engine offers its own load.
        func lateness(_ order: Double) -> Nanoseconds? {
            measurement.generatorLateness.latency(at: Quantile(order))
        }
    }

    private let runs: [Run]
    private let targets: [ModelID: LatencyTarget]
    private let searches: [SearchOutcome]

    /// A report on load runs.
    ///
    /// - Parameters:
    ///   - measurements: The runs with their verdicts, in any order.
    ///   - targets: The latency targets of the models, drawn and compared with where they are given.
    ///   - searches: The searches whose winners were checked live, for the rates they predict.
    public init(
        _ measurements: [(LoadRun, Verdict)], targets: [ModelID: LatencyTarget] = [:],
        searches: [SearchOutcome] = []
    ) {
        runs = measurements.map { Run(measurement: $0.0, verdict: $0.1) }
            .sorted { $0.measurement.reportOrder < $1.measurement.reportOrder }
        self.targets = targets
        self.searches = searches
    }

    /// The name of the document.
    public var title: String { "Measurements" }

    /// What ran where, how much of it is doubtful, and where the numbers come from.
    public var summary: [Report.Block] {
        let models = Set(runs.map(\.measurement.model)).sorted()
        let invalid = runs.count { !$0.verdict.isValid }
        let hosts = Set(runs.map(\.measurement.host.fingerprint)).sorted()
        guard !runs.isEmpty else { return [.paragraph("There are no measurements.")] }
        let validity =
            invalid == 0
            ? "All are valid."
            : "\(invalid.counted("run is", plural: "runs are")) doubtful; the reasons stand in the tables."
        return [
            .paragraph(
                "\(runs.count.counted("load run")) of \(models.map(\.name).enumerated) on "
                    + "\(hosts.enumerated). \(validity) \(mix.sentence(about: "run", plural: "runs"))")
        ]
    }

    /// The load runs of each model with their latencies, and the live checks of predicted rates.
    public var sections: [Report.Section] {
        var blocks: [Report.Block] = []
        let plots = ProfilePlots(runs: runs, targets: targets)
        if let latency = plots.latencyAgainstLoad { blocks.append(.plot(latency)) }
        for model in Set(cells.map(\.measurement.model)).sorted() {
            let runs = cells.filter { $0.measurement.model == model }
            blocks.append(
                .table(Self.table(caption: "Load runs of \(model)", of: runs, namesModel: false)))
        }
        var sections = blocks.isEmpty ? [] : [Report.Section(heading: "Measurements", blocks: blocks)]
        if let tokens = TokenTable.table(of: runs) {
            sections.append(
                Report.Section(
                    heading: "Tokens", blocks: [.paragraph(TokenTable.explanation), .table(tokens)]))
        }
        if let liveChecks {
            sections.append(
                Report.Section(
                    heading: "Predicted and live",
                    blocks: [
                        .paragraph(LiveChecks.explanation), .table(liveChecks.summaryTable),
                        .table(liveChecks.runTable),
                    ]))
        }
        return sections
    }

    /// Every load run of every model.
    public var mainTable: Table { Self.table(caption: "Load runs", of: runs, namesModel: true) }

    /// Hosts, engines and the mix of sources.
    public var provenance: [String] {
        let hosts = Set(
            runs.map(\.measurement.host).map {
                "\($0.name) (\($0.processor), \($0.cores.counted("core")), \($0.operatingSystem))"
            }
        ).sorted()
        let engines = Set(runs.map { "\($0.measurement.engine) \($0.measurement.engineVersion)" }).sorted()
        guard !runs.isEmpty else { return [ProvenanceMix.glossary] }
        return [
            "Load runs on \(hosts.enumerated) with \(engines.enumerated). "
                + mix.sentence(about: "run", plural: "runs"),
            ProvenanceMix.glossary,
        ]
    }

    /// The live checks of predicted rates; nil where none was made.
    var liveChecks: LiveChecks? {
        let runs = runs.filter { $0.measurement.purpose == .confirmation }
        return runs.isEmpty ? nil : LiveChecks(runs: runs, targets: targets, searches: searches)
    }

    private var cells: [Run] { runs.filter { $0.measurement.purpose == .cell } }
    private var mix: ProvenanceMix {
        ProvenanceMix(
            runs.map { ($0.measurement.provenance, $0.measurement.powerProvenance) })
    }

    private static func table(caption: String, of runs: [Run], namesModel: Bool) -> Table {
        let modelColumn = [Table.Column("model", "model", .text)]
        let columns = [
            Table.Column("partition", "partition", .text),
            Table.Column("threads", "M", .count),
            Table.Column("workers", "O", .count),
            Table.Column("batch", "D", .count),
            Table.Column("offeredQps", "offered", .rate),
            Table.Column("completedQps", "completed", .rate),
            Table.Column("p50Milliseconds", "p50", .milliseconds),
            Table.Column("p95Milliseconds", "p95", .milliseconds),
            Table.Column("p99Milliseconds", "p99", .milliseconds),
            Table.Column("utilisation", "busy", .fraction),
            Table.Column("watts", "power", .power),
            Table.Column("wattsProvenance", "watts", .tag),
            Table.Column("latenessP99Milliseconds", "generator late, p99", .milliseconds),
            Table.Column("stealFraction", "steal", .fraction),
            Table.Column("verdict", "run", .tag),
            Table.Column("doubts", "doubts", .text),
            Table.Column("provenance", "source", .tag),
            Table.Column("server", "server type", .text),
            Table.Column("pattern", "load", .text),
            Table.Column("purpose", "purpose", .text),
            Table.Column("queries", "queries", .count),
            Table.Column("latenessP50Milliseconds", "generator late, p50", .milliseconds),
            Table.Column("latenessMaxMilliseconds", "generator late, max", .milliseconds),
            Table.Column("sparseThreads", "sparse M", .count),
            Table.Column("sparseWorkers", "sparse O", .count),
            Table.Column("sparseUtilisation", "sparse busy", .fraction),
            Table.Column("denseUtilisation", "dense busy", .fraction),
            Table.Column("handOverP50Milliseconds", "hand-over, p50", .milliseconds),
        ]
        return Table(
            caption: caption, columns: (namesModel ? modelColumn : []) + columns,
            keyColumnCount: namesModel ? 5 : 4,
            rows: runs.map { run in
                let measurement = run.measurement
                let figures: [Table.Cell] = [
                    .quantity(measurement.offeredRate),
                    .quantity(measurement.completedRate), .milliseconds(run.latency(0.5)),
                    .milliseconds(run.latency(0.95)), .milliseconds(run.latency(0.99)),
                    .quantity(measurement.utilisation), .quantity(measurement.power),
                    .text(measurement.powerProvenance?.rawValue ?? ""),
                    .milliseconds(run.lateness(0.99)),
                    .quantity(measurement.noise.stealFraction),
                    .text(run.verdict.title), .text(run.verdict.explanation),
                    .text(measurement.provenance.rawValue), .text(measurement.serverType.name),
                    .text(measurement.pattern.title), .text(measurement.purpose.rawValue),
                    .integer(measurement.queries), .milliseconds(run.lateness(0.5)),
                    .milliseconds(measurement.generatorLateness.bins.last?.latency),
                ]
                let pipeline: [Table.Cell] = [
                    .quantity(measurement.sparseStage?.utilisation),
                    .quantity(measurement.sparseStage?.denseUtilisation),
                    .milliseconds(measurement.sparseStage?.handOverMedian),
                ]
                return (namesModel ? [.text(measurement.model.name)] : []) + measurement.schedule.cells
                    + figures + measurement.schedule.sparseCells + pipeline
            })
    }
}

extension LoadRun {
    /// By model, server type, purpose, schedule and rate; the seed and the time tell repetitions apart.
    fileprivate var reportOrder: ReportOrder {
        ReportOrder(
            names: [model.name, serverType.name, purpose.rawValue], schedule: schedule,
            rate: offeredRate?.value ?? -1, time: measuredAtUnixSeconds, seed: seed)
    }
}

private struct ReportOrder: Comparable {
    let names: [String]
    let schedule: Schedule
    let rate: Double
    let time: Int64
    let seed: UInt64

    static func < (left: ReportOrder, right: ReportOrder) -> Bool {
        guard left.names == right.names else { return left.names.lexicographicallyPrecedes(right.names) }
        return (left.schedule, left.rate, left.time, left.seed) < (
            right.schedule, right.rate, right.time, right.seed
        )
    }
}

extension Verdict {
    var title: String { isValid ? "valid" : "doubtful" }
    /// The doubts for people; empty for a valid run.
    var explanation: String { doubts.map(\.title).joined(separator: ", ") }
}

extension Verdict.Doubt {
    var title: String {
        switch self {
        case .tooFewQueries: "too few queries"
        case .tooShort: "too short"
        case .stolenTime: "stolen time"
        case .processorPressure: "processor pressure"
        case .otherLoad: "other load"
        case .frequencyFell: "clock fell"
        case .generatorBehind: "generator behind"
        case .notSettled: "not settled"
        }
    }
}

extension LoadRun.LoadPattern {
    fileprivate var title: String {
        switch self {
        case .openPoisson: "open, Poisson"
        case .closed: "closed loop"
        }
    }
}
