import Quantities
import Vocabulary

/// How a cluster serves a language model: latencies, goodput, power; over rates where several were played.
public struct ServingReport: ReportContent {
    private let cluster: ServingCluster
    private let outcome: ServingOutcome
    private let rated: [RatedServing]
    private let bare: ServingOutcome?

    /// - Parameters:
    ///   - rated: what was played at other rates, ascending; empty where none was.
    ///   - bare: the same without tiers below the devices; nil where there are none.
    public init(
        cluster: ServingCluster, outcome: ServingOutcome, rated: [RatedServing] = [],
        withoutTiers bare: ServingOutcome? = nil
    ) {
        self.bare = bare
        self.cluster = cluster
        self.outcome = outcome
        self.rated = rated
    }

    public var title: String { "\(cluster.modelNames.enumerated) on \(cluster.name)" }

    public var summary: [Report.Block] {
        let figures = outcome.all
        var headline: [Report.HeadlineFigure] = []
        func add(_ value: String?, _ label: String) {
            guard let value else { return }
            headline.append(Report.HeadlineFigure(value: value, label: label))
        }
        if let attained = outcome.attained {
            add(Fraction(attained).readable, "of requests meet every target")
        }
        add(Self.span(figures.firstToken?.p99), "to the first token, 99 %")
        add(Self.span(figures.outputToken?.p99), "an output token, 99 %")
        add(outcome.outputTokensPerSecond.short(), "output tokens/s")
        add(outcome.joulesPerToken.map { "\($0.short()) J" }, "an output token, estimated")
        var blocks: [Report.Block] = [.paragraph(opening), .figures(headline)]
        if outcome.rejected > 0 {
            blocks.append(
                .warning(
                    "\(outcome.rejected.counted("request")) can never be served: prompt and "
                        + "answer do not fit the memory of any engine."))
        }
        if let lost = outcome.failures?.lost, lost > 0 {
            blocks.append(
                .warning(
                    "\(lost.counted("request")) lost with engines that failed or were switched off."))
        }
        if outcome.unfinished > 0 {
            blocks.append(
                .warning(
                    "\(outcome.unfinished.counted("request")) had no answer after 69 days, where the "
                        + "clock ends: they are not counted."))
        }
        if outcome.cut > 0 {
            blocks.append(
                .warning(
                    "\(outcome.cut.counted("request")) of the file are longer than the context of "
                        + "\(cluster.modelNames.enumerated) and were cut to it."))
        }
        if let saturation { blocks.append(.paragraph(saturation)) }
        return blocks
    }

    private var opening: String {
        let engines = cluster.engines.map { "\($0.count) x \($0.device.title)" }.enumerated
        return
            "\(outcome.arrived.counted("request")) over \(Self.span(outcome.seconds) ?? "no time") "
            + "on \(engines), simulated step by step as the engines schedule them."
            + (cluster.pipelines.isEmpty ? "" : " Requests walk stages; times are of the whole way.")
    }

    /// Where more load no longer brings more good requests.
    private var saturation: String? {
        let points = rated.compactMap { one in one.outcome.goodput.map { (load: one.load, good: $0) } }
        guard points.count > 1, let best = points.max(by: { $0.good < $1.good }) else { return nil }
        let unit = best.load.isClosed ? "clients" : "conversations/s"
        let text =
            "Goodput is highest at \(best.load.value.short()) \(unit): "
            + "\(best.good.short()) requests/s meet every target."
        return best.load == points.last?.load
            ? text + " That is the highest load played: it may rise beyond." : text
    }

    public var sections: [Report.Section] {
        var sections: [Report.Section] = []
        if !rated.isEmpty {
            sections.append(
                Report.Section(
                    heading: isClosed ? "Over clients" : "Over the rate",
                    blocks: [.table(rateTable)]
                        + ServingPlots(outcome, rated: rated, cluster: cluster).overRates))
        }
        let plots = ServingPlots(outcome, rated: rated, cluster: cluster)
        sections.append(
            Report.Section(
                heading: "Latencies",
                blocks: [.table(latencyTable), .note(anchorNote), .note(Self.definitions)]
                    + plots.latencies))
        if !outcome.stages.isEmpty {
            sections.append(
                Report.Section(heading: "Stages", blocks: ServingStages(outcome, cluster: cluster).blocks))
        }
        if let tiers = outcome.tiers {
            sections.append(ServingTiers(tiers, of: outcome, without: bare).section)
        }
        if let failures = outcome.failures {
            sections.append(ServingFailures(failures, of: outcome, cluster: cluster).section)
        }
        sections.append(
            Report.Section(
                heading: "Engines", blocks: [.table(engineTable), .note(powerNote)] + plots.engines))
        return sections
    }

    private var anchorNote: String {
        guard let client = cluster.client else {
            return "Times run from a request's arrival at the router (anchor: engine); client, network and "
                + "tokeniser are not in them."
        }
        return "Times run from the client's sending (anchor: client). Of them "
            + "\((client.beforeSeconds * 1000).short()) ms lie before the queue, "
            + "\((client.perTokenSeconds * 1000).short()) ms at each token and "
            + "\((client.afterSeconds * 1000).short()) ms at the end: the row client."
    }

    static let definitions =
        "The first token is TTFT. An output token is TPOT: the mean of one request after its "
        + "first token. A gap is ITL: the "
        + "time between two tokens of one answer, so a stall shows in gaps and hardly in the mean."

    private var powerNote: String {
        outcome.watts == nil
            ? "Power is not known: idle_watts or busy_watts of an engine is neither in its description "
                + "nor in its data sheet."
            : "Power is estimated: idle power, and above it by the share of time in which a step runs, or by "
                + "the law that its description states. Nobody metered it."
    }

    // MARK: Tables

    public var mainTable: Table { rated.isEmpty ? latencyTable : rateTable }

    private static let latencyColumns = [
        Table.Column("meanMilliseconds", "mean", .milliseconds),
        Table.Column("p50Milliseconds", "p50", .milliseconds),
        Table.Column("p90Milliseconds", "p90", .milliseconds),
        Table.Column("p99Milliseconds", "p99", .milliseconds),
    ]

    private static func cells(_ latency: ServingOutcome.Latency?) -> [Table.Cell] {
        guard let latency else { return Array(repeating: .missing, count: 4) }
        return [latency.mean, latency.p50, latency.p90, latency.p99].map { .number($0 * 1000) }
    }

    private var latencyTable: Table {
        var rows: [[Table.Cell]] = []
        let classes = outcome.classes.isEmpty ? [outcome.all] : [outcome.all] + outcome.classes
        for part in classes {
            let kinds =
                [
                    ("queue", part.queue), ("first token", part.firstToken),
                    ("output token", part.outputToken),
                    ("end to end", part.endToEnd),
                ] + (part.client.map { [("client", $0)] } ?? [])
            for (name, latency) in kinds {
                rows.append(
                    [.text(part.name), .text(name), .integer(latency?.count ?? 0)] + Self.cells(latency))
            }
        }
        rows.append(
            [.text("all"), .text("gap"), .integer(outcome.gaps?.count ?? 0)] + Self.cells(outcome.gaps))
        return Table(
            caption: "Latencies",
            columns: [
                Table.Column("class", "class", .text), Table.Column("latency", "latency", .text),
                Table.Column("count", "count", .count),
            ] + Self.latencyColumns, keyColumnCount: 2, rows: rows)
    }

    /// Whether what was played beside is numbers of clients.
    private var isClosed: Bool { rated.first?.load.isClosed ?? false }

    private var rateTable: Table {
        Table(
            caption: isClosed ? "Service over clients" : "Service over the rate of conversations",
            columns: [
                isClosed
                    ? Table.Column("clients", "clients", .count)
                    : Table.Column("ratePerSecond", "rate (/s)", .plain),
                Table.Column("goodputPerSecond", "goodput (/s)", .plain),
                Table.Column("attainedFraction", "attained", .fraction),
                Table.Column("outputTokensPerSecond", "tokens/s", .plain),
                Table.Column("firstTokenP50Milliseconds", "TTFT p50", .milliseconds),
                Table.Column("firstTokenP99Milliseconds", "TTFT p99", .milliseconds),
                Table.Column("outputTokenP50Milliseconds", "TPOT p50", .milliseconds),
                Table.Column("outputTokenP99Milliseconds", "TPOT p99", .milliseconds),
                Table.Column("joulesPerToken", "joules a token", .plain),
            ],
            rows: rated.map { one in
                let all = one.outcome.all
                return [
                    Self.cell(one.load),
                    one.outcome.goodput.map { .number($0.rounded(significantDigits: 4)) } ?? .missing,
                    one.outcome.attained.map { .number($0) } ?? .missing,
                    .number(one.outcome.outputTokensPerSecond.rounded(significantDigits: 4)),
                    all.firstToken.map { .number($0.p50 * 1000) } ?? .missing,
                    all.firstToken.map { .number($0.p99 * 1000) } ?? .missing,
                    all.outputToken.map { .number($0.p50 * 1000) } ?? .missing,
                    all.outputToken.map { .number($0.p99 * 1000) } ?? .missing,
                    one.outcome.joulesPerToken.map { .number($0.rounded(significantDigits: 4)) } ?? .missing,
                ]
            })
    }

    private static func cell(_ load: ServingLoad) -> Table.Cell {
        switch load {
        case .rate(let rate): .number(rate.rounded(significantDigits: 4))
        case .clients(let clients): .integer(clients)
        }
    }

    private var engineTable: Table {
        Table(
            caption: "Engines",
            columns: [
                Table.Column("engine", "engine", .text), Table.Column("role", "role", .tag),
                Table.Column("busyFraction", "busy", .fraction),
                Table.Column("readingFraction", "reading", .fraction),
                Table.Column("meanBatch", "batch", .plain),
                Table.Column("requestsMost", "requests, most", .count),
                Table.Column("blocks", "blocks", .count), Table.Column("blocksMost", "held, most", .count),
                Table.Column("generatedTokens", "tokens", .count),
                Table.Column("preemptions", "preemptions", .count),
                Table.Column("meanWatts", "power", .power),
            ],
            rows: outcome.engines.map { engine in
                [
                    .text(engine.name), .text(engine.role.rawValue), .number(engine.busyShare),
                    .number(engine.readingShare),
                    engine.meanBatch.map { .number($0.rounded(significantDigits: 3)) } ?? .missing,
                    .integer(engine.requestsMost), .integer(engine.blocks), .integer(engine.blocksMost),
                    .integer(engine.generatedTokens), .integer(engine.preemptions), .quantity(engine.watts),
                ]
            })
    }

    public var provenance: [String] {
        cluster.engines.map { engine in
            let times: String
            switch engine.timing {
            case .kernels(let table, let host):
                times =
                    "kernel times of \(table.source), imported, and \((host * 1000).short()) ms of the host"
            case .calibrated: times = "not looked up"
            case .law(let law):
                times =
                    "fitted to \(law.residuals.rows) rows of \(law.source), off by "
                    + "\((law.residuals.leftOut * 100).short()) % on rows left out"
            case .constants(let constants):
                times =
                    "modelled from the data sheet, MFU \(constants.arithmetic.short()), MBU "
                    + "\(constants.bandwidth.short()), \(constants.label)"
            }
            let blocks = engine.blocks == nil ? "blocks computed from memory" : "blocks as measured"
            return "\(engine.count) x \(engine.device.name): step times \(times); \(blocks)."
                + Self.features(of: engine)
        }
    }

    static func span(_ seconds: Double?) -> String? { seconds.map { Nanoseconds(seconds: $0).readableSpan } }
}
