import Quantities
import Vocabulary

/// What a search on the machine itself gained over the ways people choose schedules today.
public struct LiveSearchReport: ReportContent {
    private let choices: [(model: ModelID, choices: [LiveChoice])]

    /// - Parameter choices: per model, the method in question first.
    public init(_ choices: [(model: ModelID, choices: [LiveChoice])]) { self.choices = choices }

    public var title: String { "Schedules found on this machine" }

    public var summary: [Report.Block] {
        choices.compactMap { model, own in
            guard let ours = own.first, let rate = ours.live?.throughput, rate > .zero else { return nil }
            let others = own.dropFirst().map { other -> String in
                guard other.live != nil || other.outcome.entry == nil else {
                    return "\(other.method) could not be checked undisturbed"
                }
                guard let base = other.live?.throughput, base > .zero else {
                    return "\(other.method) holds no rate within the target"
                }
                let ratio = (100 * (rate / base)).rounded() / 100
                return "\(ratio)x \(other.method)"
            }
            return .paragraph(
                "\(model): \(rate.readable) live with "
                    + "\(ours.outcome.evaluations.count.counted("measured cell")) of \(ours.spaceSize); "
                    + "\(others.joined(separator: ", ")).")
        }
    }

    public var sections: [Report.Section] {
        [
            Report.Section(
                heading: "Live search",
                blocks: [
                    .paragraph(
                        "Each evaluation measures one schedule's service times under load and plays queries "
                            + "over them; the winner is then checked under live load at falling rates until "
                            + "one meets the target. deeprecsys: one single-worker thread a core, the batch "
                            + "raised while it helps. naive: the same threads, batches of one item."),
                    .table(mainTable),
                ])
        ]
    }

    public var mainTable: Table {
        Table(
            caption: "What each way of choosing a schedule came to",
            columns: [
                Table.Column("model", "model", .text), Table.Column("method", "method", .text),
                Table.Column("schedule", "schedule", .text), Table.Column("predictedQps", "predicted", .rate),
                Table.Column("liveQps", "live", .rate), Table.Column("speedUp", "ours over it, live", .plain),
                Table.Column("evaluations", "cells measured", .count),
                Table.Column("spaceSize", "of", .count),
                Table.Column("watts", "power", .power), Table.Column("latencyTarget", "target", .text),
            ],
            keyColumnCount: 2,
            rows: choices.flatMap { model, own -> [[Table.Cell]] in
                let ours = own.first?.live?.throughput
                return own.map { choice in
                    let live = choice.live
                    let ratio = live.flatMap { other in
                        other.throughput > .zero ? ours.map { $0 / other.throughput } : nil
                    }
                    return [
                        .text(model.name), .text(choice.method),
                        .text(choice.outcome.entry?.schedule.description ?? "none feasible"),
                        .quantity(choice.outcome.entry?.throughput), .quantity(live?.throughput),
                        ratio.map { .number($0.rounded(significantDigits: 3)) } ?? .missing,
                        .integer(choice.outcome.evaluations.count), .integer(choice.spaceSize),
                        .quantity(live?.power), live.map { .text($0.target.description) } ?? .missing,
                    ]
                }
            })
    }

    public var provenance: [String] {
        [
            ProvenanceMix(choices.flatMap { $0.choices.compactMap(\.live) }).sentence(
                about: "live rate", plural: "live rates"), ProvenanceMix.glossary,
        ]
    }
}
