import Quantities
import Vocabulary

/// Where the beginnings of prompts were found, and what tiers below the devices bring.
struct ServingTiers {
    private let tiers: ServingOutcome.Tiers
    private let outcome: ServingOutcome
    private let bare: ServingOutcome?

    init(_ tiers: ServingOutcome.Tiers, of outcome: ServingOutcome, without bare: ServingOutcome?) {
        self.tiers = tiers
        self.outcome = outcome
        self.bare = bare
    }

    var section: Report.Section {
        var blocks: [Report.Block] = []
        if let bare { blocks += [.paragraph(verdict(bare)), .table(comparison(bare))] }
        blocks += [.table(table), .note(Self.definitions)]
        for tier in tiers.tiers { blocks.append(.note("\(tier.name): \(tier.source).")) }
        return Report.Section(heading: "Tiers of the cache", blocks: blocks)
    }

    private static let definitions =
        "Full blocks of prompts are written to every tier when a prompt has been read. A request is looked "
        + "up on the device first, then in the tiers in their order, as far as they go on without a gap; it "
        + "keeps its place in the queue while it is loaded. Hits count when a request is first scheduled, "
        + "bytes whenever they move. A wait runs from the beginning of a load to its end."

    private func verdict(_ bare: ServingOutcome) -> String {
        guard let with = outcome.all.firstToken, let without = bare.all.firstToken else {
            return "No request was counted."
        }
        let change = (with.mean - without.mean) / without.mean
        let size = Fraction(abs(change)).readable
        let effect =
            abs(change) < 0.005
            ? "change the mean time to the first token by less than a per cent"
            : "\(change < 0 ? "shorten" : "lengthen") the mean time to the first token by \(size)"
        let hits = "\(Self.share(outcome.hitShare)) of prompt tokens need not be read, "
        return "The tiers \(effect): \(hits)\(Self.share(bare.hitShare)) without them."
    }

    private static func share(_ share: Double?) -> String { share.map { Fraction($0).readable } ?? "none" }

    private func comparison(_ bare: ServingOutcome) -> Table {
        func row(_ name: String, _ one: ServingOutcome) -> [Table.Cell] {
            [
                .text(name), Self.cell(one.hitShare), Self.milliseconds(one.all.firstToken?.mean),
                Self.milliseconds(one.all.firstToken?.p99), Self.milliseconds(one.all.outputToken?.mean),
                Self.milliseconds(one.all.endToEnd?.mean), Self.cell(one.attained),
                one.joulesPerToken.map { .number($0.rounded(significantDigits: 4)) } ?? .missing,
            ]
        }
        return Table(
            caption: "The same workload with and without tiers",
            columns: [
                Table.Column("cluster", "cluster", .text), Table.Column("hitFraction", "found", .fraction),
                Table.Column("firstTokenMeanMilliseconds", "TTFT mean", .milliseconds),
                Table.Column("firstTokenP99Milliseconds", "TTFT p99", .milliseconds),
                Table.Column("outputTokenMeanMilliseconds", "TPOT mean", .milliseconds),
                Table.Column("endToEndMeanMilliseconds", "end to end mean", .milliseconds),
                Table.Column("attainedFraction", "attained", .fraction),
                Table.Column("joulesPerToken", "joules a token", .plain),
            ], rows: [row("with tiers", outcome), row("without", bare)])
    }

    private static func cell(_ share: Double?) -> Table.Cell { share.map { .number($0) } ?? .missing }

    private static func milliseconds(_ seconds: Double?) -> Table.Cell {
        seconds.map { .number($0 * 1000) } ?? .missing
    }

    private var table: Table {
        func gigabytes(_ bytes: Double) -> Table.Cell {
            .number((bytes / 1e9).rounded(significantDigits: 4))
        }
        let missing = Array(repeating: Table.Cell.missing, count: 8)
        let device: [Table.Cell] =
            [.text("device"), .integer(tiers.deviceTokens), Self.cell(tiers.deviceShare)] + missing
        return Table(
            caption: "Prompt tokens found, and what moved",
            columns: [
                Table.Column("tier", "tier", .text), Table.Column("hitTokens", "found (tokens)", .count),
                Table.Column("hitFraction", "of prompts", .fraction), Table.Column("loads", "loads", .count),
                Table.Column("loadedGigabytes", "loaded (GB)", .plain),
                Table.Column("writtenGigabytes", "written (GB)", .plain),
                Table.Column("evictedGigabytes", "evicted (GB)", .plain),
                Table.Column("capacityGigabytes", "holds (GB)", .plain),
                Table.Column("usedMostFraction", "used, most", .fraction),
                Table.Column("waitMeanMilliseconds", "wait mean", .milliseconds),
                Table.Column("waitP99Milliseconds", "wait p99", .milliseconds),
            ],
            rows: [device]
                + tiers.tiers.map { tier in
                    [
                        .text(tier.count > 1 ? "\(tier.name) (\(tier.count) of them)" : tier.name),
                        .integer(tier.hitTokens), Self.cell(tier.hitShare), .integer(tier.loads),
                        gigabytes(tier.loadedBytes), gigabytes(tier.writtenBytes),
                        gigabytes(tier.evictedBytes), gigabytes(tier.capacityBytes),
                        .number(tier.usedShareMost), Self.milliseconds(tier.wait?.mean),
                        Self.milliseconds(tier.wait?.p99),
                    ]
                })
    }
}
