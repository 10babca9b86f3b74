import Quantities
import Vocabulary

/// Which server type suits each model best, by three measures, and by how much the choice matters.
public struct RankReport: ReportContent {
    private let entries: [EfficiencyEntry]
    /// Per server and hour, in whatever currency the catalogue is written in.
    private let prices: [ServerTypeID: Double]
    private let outputTokens: [ModelID: Double]

    /// - Parameters:
    ///   - prices: per server and hour, in whatever currency the catalogue is written in.
    ///   - outputTokens: of a mean request, of language models.
    public init(
        entries: [EfficiencyEntry], prices: [ServerTypeID: Double], outputTokens: [ModelID: Double] = [:]
    ) {
        self.entries = entries.filter { $0.throughput > .zero }
        self.prices = prices
        self.outputTokens = outputTokens
    }

    public var title: String { "The best server type for each model" }

    public var summary: [Report.Block] {
        let unpriced = Set(entries.map(\.serverType)).filter { prices[$0] == nil }.sorted()
        var blocks: [Report.Block] = [.table(spreadTable)]
        if !unpriced.isEmpty {
            blocks.append(
                .note(
                    "No price is given for \(unpriced.map(\.name).enumerated); put `price_per_hour` into the "
                        + "server's file to rank by queries per currency unit."))
        }
        return blocks
    }

    public var sections: [Report.Section] {
        [Report.Section(heading: "Ranking", blocks: [.table(mainTable)])]
    }

    private var models: [ModelID] { Set(entries.map(\.model)).sorted() }

    private func byEfficiency(_ model: ModelID) -> [EfficiencyEntry] {
        entries.filter { $0.model == model }.sorted {
            ($1.queriesPerJoule, $0.serverType.name) < ($0.queriesPerJoule, $1.serverType.name)
        }
    }

    private func perPrice(_ entry: EfficiencyEntry) -> Double? {
        prices[entry.serverType].map { entry.throughput.value * 3600 / $0 }
    }

    /// How much the choice matters: best over worst and over the median, by each measure.
    private var spreadTable: Table {
        Table(
            caption: "By how much the choice of server type matters",
            columns: [
                Table.Column("model", "model", .text), Table.Column("bestPerJoule", "best per joule", .text),
                Table.Column("perJouleSpread", "best over worst", .plain),
                Table.Column("bestPerServer", "best per server", .text),
                Table.Column("perServerSpread", "best over worst", .plain),
                Table.Column("bestPerPrice", "best per price", .text),
                Table.Column("perPriceSpread", "best over worst", .plain),
            ],
            rows: models.map { model in
                let own = byEfficiency(model)
                let priced = own.filter { perPrice($0) != nil }
                return [.text(model.name)] + spread(own) { $0.queriesPerJoule }
                    + spread(own) { $0.throughput.value } + spread(priced) { perPrice($0) ?? 0 }
            })
    }

    private func spread(_ own: [EfficiencyEntry], _ measure: (EfficiencyEntry) -> Double) -> [Table.Cell] {
        guard let best = own.max(by: { measure($0) < measure($1) }), let worst = own.map(measure).min(),
            worst > 0
        else { return [.missing, .missing] }
        return [.text(best.serverType.name), .number((measure(best) / worst).rounded(significantDigits: 3))]
    }

    public var mainTable: Table {
        Table(
            caption: "Server types of each model, most efficient first",
            columns: [
                Table.Column("model", "model", .text), Table.Column("rank", "rank", .count),
                Table.Column("server", "server type", .text),
                Table.Column("queriesPerJoule", "efficiency", .queriesPerJoule),
                Table.Column("ofBest", "of the best", .fraction), Table.Column("qps", "per server", .rate),
                Table.Column("queriesPerCurrencyUnit", "queries per currency unit", .plain),
                Table.Column("watts", "power", .power), Table.Column("provenance", "source", .tag),
            ] + (tellsTokens ? Self.tokenColumns : []),
            keyColumnCount: 3,
            rows: models.flatMap { model -> [[Table.Cell]] in
                let own = byEfficiency(model)
                let best = own.first?.queriesPerJoule ?? 1
                return own.enumerated().map { place, entry in
                    [
                        .text(model.name), .integer(place + 1), .text(entry.serverType.name),
                        .number(entry.queriesPerJoule), .number(entry.queriesPerJoule / best),
                        .quantity(entry.throughput),
                        perPrice(entry).map { .number($0.rounded(significantDigits: 4)) } ?? .missing,
                        .quantity(entry.power), .text(entry.provenance.rawValue),
                    ] + (tellsTokens ? tokens(of: entry) : [])
                }
            })
    }

    private var tellsTokens: Bool { entries.contains { outputTokens[$0.model] != nil } }

    /// Language models are compared by tokens, and by how they are deployed.
    private static let tokenColumns = [
        Table.Column("outputTokensPerSecond", "output tokens/s", .plain),
        Table.Column("outputTokensPerJoule", "output tokens/J", .plain),
        Table.Column("schedule", "deployment", .text),
    ]

    private func tokens(of entry: EfficiencyEntry) -> [Table.Cell] {
        guard let each = outputTokens[entry.model] else {
            return [.missing, .missing, .text(entry.schedule.description)]
        }
        return [
            .number((entry.throughput.value * each).rounded(significantDigits: 4)),
            .number((entry.queriesPerJoule * each).rounded(significantDigits: 3)),
            .text(entry.schedule.description),
        ]
    }

    public var provenance: [String] {
        [
            ProvenanceMix(entries).sentence(about: "efficiency entry", plural: "efficiency entries"),
            ProvenanceMix.glossary,
        ]
    }
}
