import Quantities
import Vocabulary

/// Why pairs cannot be served, one row for each limit that keeps schedules out.
enum InfeasibilityTable {
    static func table(_ reasons: [Infeasibility]) -> Table {
        Table(
            caption: "What keeps schedules out",
            columns: [
                Table.Column("model", "model", .text), Table.Column("server", "server type", .text),
                Table.Column("latencyTarget", "latency target", .text),
                Table.Column("constraint", "constraint", .text),
                Table.Column("excluded", "schedules", .count),
                Table.Column("considered", "of", .count),
                Table.Column("detail", "the least demanding", .text),
            ],
            keyColumnCount: 2,
            rows: reasons.map {
                [
                    .text($0.model.name), .text($0.serverType.name), .text($0.target.description),
                    .text($0.constraint), .integer($0.excluded), .integer($0.considered), .text($0.detail),
                ]
            })
    }
}
