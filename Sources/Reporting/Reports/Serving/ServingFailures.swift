import Quantities
import Vocabulary

/// Engines that boot, fail and drain, and what that costs requests.
struct ServingFailures {
    private let failures: ServingOutcome.Failures
    private let outcome: ServingOutcome
    private let cluster: ServingCluster

    init(_ failures: ServingOutcome.Failures, of outcome: ServingOutcome, cluster: ServingCluster) {
        self.failures = failures
        self.outcome = outcome
        self.cluster = cluster
    }

    var section: Report.Section {
        var blocks: [Report.Block] = [.paragraph(text), .table(table), .note(definitions)]
        for engine in cluster.engines {
            guard let life = engine.lifecycle else { continue }
            blocks.append(.note("\(engine.count) x \(engine.device.name): \(life.source)."))
        }
        return Report.Section(heading: "Availability", blocks: blocks)
    }

    private var text: String {
        let requests = failures.returned.counted("request")
        let wait =
            failures.wait.map {
                " \($0.count.counted("request")) waited at the router for an engine to come up, "
                    + "\(ServingReport.span($0.mean) ?? "0 s") in the mean."
            } ?? ""
        return "Failing engines had \(requests): \(failures.restarted) were begun anew, with "
            + "\(failures.tokensLost.counted("token")) of their caches lost. "
            + "Lost in all, never answered: \(failures.lost.counted("request")).\(wait)"
    }

    private var definitions: String {
        let rules = Set(cluster.pools.map(\.onFailure))
        let rule =
            rules == [.lose]
            ? "Requests of an engine that fails are lost. "
            : "Requests of an engine that fails go back to the router; tokens that were generated stay, and "
                + "are read again with the prompt. "
        return rule
            + "An engine is up while it can serve, drains included; it draws idle power then, boot_watts "
            + "while it boots (idle power where that is not stated), and nothing while it is down."
    }

    private var table: Table {
        func seconds(_ value: Double?) -> Table.Cell {
            value.map { .number($0.rounded(significantDigits: 5)) } ?? .missing
        }
        return Table(
            caption: "Availability of engines",
            columns: [
                Table.Column("engine", "engine", .text), Table.Column("availability", "up", .fraction),
                Table.Column("failures", "failures", .count), Table.Column("upSeconds", "up (s)", .plain),
                Table.Column("bootSeconds", "boots (s)", .plain),
                Table.Column("downSeconds", "down (s)", .plain),
            ],
            rows: outcome.engines.map { engine in
                [
                    .text(engine.name), engine.life?.availability.map { .number($0) } ?? .missing,
                    .integer(engine.life?.failures ?? 0), seconds(engine.life?.upSeconds),
                    seconds(engine.life?.bootSeconds), seconds(engine.life?.downSeconds),
                ]
            })
    }
}
