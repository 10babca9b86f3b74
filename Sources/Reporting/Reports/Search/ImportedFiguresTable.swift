import Quantities
import Vocabulary

/// The imported figures that entries rest on, and beside a figure of the user's own the published one that it
/// comes before.
struct ImportedFiguresTable {
    private let outcomes: [SearchOutcome]

    init(_ outcomes: [SearchOutcome]) {
        self.outcomes = outcomes.filter { $0.entry?.schedule.reportedLoad != nil }
    }

    /// Nothing where no entry rests on imported figures.
    var blocks: [Report.Block] { outcomes.isEmpty ? [] : [.table(table)] }

    private var table: Table {
        Table(
            caption: "Imported figures: what the entries rest on; own figures come before published ones",
            columns: [
                Table.Column("model", "model", .text), Table.Column("server", "server type", .text),
                Table.Column("isUsed", "used", .tag), Table.Column("figure", "figure", .text),
                Table.Column("qps", "counted", .rate), Table.Column("statedQps", "stated", .rate),
                Table.Column("derating", "derating", .fraction), Table.Column("source", "source", .text),
            ],
            keyColumnCount: 2,
            rows: outcomes.flatMap { outcome in
                outcome.evaluations.compactMap { evaluation -> [Table.Cell]? in
                    guard let load = evaluation.schedule.reportedLoad else { return nil }
                    let stated = evaluation.throughput / (load.derating ?? 1)
                    return [
                        .text(outcome.model.name), .text(outcome.serverType.name),
                        .text(evaluation.schedule == outcome.entry?.schedule ? "yes" : "no"),
                        .text(load.description), .quantity(evaluation.throughput), .quantity(stated),
                        .quantity(load.derating.map { Fraction($0) }),
                        load.source.map(Table.Cell.text) ?? .missing,
                    ]
                }
            })
    }
}
