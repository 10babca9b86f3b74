import Quantities
import Vocabulary

/// How sure the throughput of measured entries is: simulated and live rate side by side, with the interval of
/// the one and what speaks against the other.
struct EntryChecksTable {
    private let entries: [EfficiencyEntry]
    private let outcomes: [SearchOutcome]

    init(_ entries: [EfficiencyEntry], _ outcomes: [SearchOutcome]) {
        self.entries = entries.filter { $0.provenance == .measured }
        self.outcomes = outcomes
    }

    /// nil where no entry rests on measurements of this tool.
    var table: Table? {
        guard !entries.isEmpty else { return nil }
        return Table(
            caption: "How sure measured entries are",
            columns: [
                Table.Column("model", "model", .text),
                Table.Column("server", "server type", .text),
                Table.Column("schedule", "schedule", .text),
                Table.Column("simulatedQps", "simulated", .rate),
                Table.Column("uncertaintyFraction", "95 % interval: plus or minus", .fraction),
                Table.Column("liveQps", "live", .rate),
                Table.Column("schedules", "tried live", .count),
                Table.Column("doubt", "doubt", .text),
            ],
            keyColumnCount: 2, rows: entries.map(row))
    }

    private func row(_ entry: EfficiencyEntry) -> [Table.Cell] {
        let evaluation = outcomes.last { $0.model == entry.model && $0.serverType == entry.serverType }?
            .evaluations.last { $0.schedule == entry.schedule }
        let check = entry.check
        let uncertainty = check == nil ? evaluation?.uncertainty : check?.uncertainty
        return [
            .text(entry.model.name), .text(entry.serverType.name), .text(entry.schedule.description),
            .quantity(check?.simulated ?? evaluation?.throughput), .quantity(uncertainty),
            .quantity(check?.live), check.map { .integer($0.schedules) } ?? .missing,
            .text(Self.doubt(check)),
        ]
    }

    private static func doubt(_ check: LiveCheck?) -> String {
        guard let check else { return "not checked live" }
        let disturbed = check.doubts.map(\.title).joined(separator: ", ")
        switch check.live {
        case nil: return "no undisturbed run: \(disturbed)"
        case .zero?: return "no rate held"
        default: return disturbed.isEmpty ? "none" : "others not checked: \(disturbed)"
        }
    }
}
