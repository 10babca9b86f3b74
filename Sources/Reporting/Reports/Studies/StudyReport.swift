import Quantities
import Vocabulary

/// A study: what its cells say in plain words, maps, means along each axis, and every cell.
public struct StudyReport: ReportContent {
    private let study: Study
    private let cells: [StudyCellResult]
    private let findings: StudyFindings
    private let showsCells: Bool

    /// - Parameters:
    ///   - cells: every cell, in order, however it stands.
    ///   - showsCells: whether the tables of single cells are in the document; they are long.
    public init(_ study: Study, cells: [StudyCellResult], showsCells: Bool) {
        self.study = study
        self.cells = cells
        self.showsCells = showsCells
        findings = StudyFindings(study: study, cells: cells)
    }

    /// The study's own title.
    public var title: String { study.title }

    /// What was asked, how far it is, and what came of it.
    public var summary: [Report.Block] {
        let axes = study.axes.map { "\($0.name) (\($0.labels.joined(separator: ", ")))" }
        var blocks: [Report.Block] = [
            .paragraph(
                "\(cells.count.counted("cell")) of the scenario \(study.scenario), over \(axes.enumerated).")
        ]
        let done = cells.count { $0.state == .done }
        if done < cells.count {
            let failed = cells.count { $0.state == .failed }
            blocks.append(
                .warning(
                    "\(done) of \(cells.count.counted("cell")) are done"
                        + (failed > 0 ? ", \(failed) failed" : "")
                        + ". What is said below rests on those that are done."))
        }
        blocks += findings.paragraphs.map(Report.Block.paragraph)
        if done > 0 {
            blocks.append(
                .note(
                    "A saving is read where both policies leave as many pairs violated, or as many queries "
                        + "unserved. Each is played with its own knob at many settings. Nothing is "
                        + "extrapolated. Intervals hold 90 % of resamples of the trace's days."))
        }
        return blocks
    }

    public var sections: [Report.Section] {
        var sections: [Report.Section] = []
        var maps: [Report.Block] = []
        let plot = StudyPlot(study: study, cells: cells, baselines: findings.baselines).plot
        if let plot { maps.append(.plot(plot)) }
        maps += findings.baselines.flatMap(mapTables).map(Report.Block.table)
        if !maps.isEmpty { sections.append(Report.Section(heading: "Maps", blocks: maps)) }
        let failed = failureTable
        if !failed.rows.isEmpty {
            sections.append(Report.Section(heading: "Failed", blocks: [.table(failed)]))
        }
        guard showsCells, !mainTable.rows.isEmpty else { return sections }
        return sections + [
            Report.Section(heading: "Savings in every cell", blocks: [.table(mainTable)]),
            Report.Section(heading: "Policies in every cell", blocks: [.table(policyTable)]),
        ]
    }

    public var provenance: [String] {
        let kinds = Set(cells.compactMap(\.outcome).flatMap(\.provenances))
        let powerKinds = Set(cells.compactMap(\.outcome).flatMap(\.powerProvenances))
        guard !kinds.isEmpty else { return [] }
        let words = Provenance.allCases.filter(kinds.contains).map(\.rawValue)
        let watts = PowerProvenance.allCases.filter(powerKinds.contains).map(\.rawValue)
        return [
            "Throughputs are \(words.enumerated); watts are \(watts.enumerated). Loads are the scenario's "
                + "trace, as the axes change it.", ProvenanceMix.glossary,
        ]
    }

    // MARK: Tables

    private var axisColumns: [Table.Column] { study.axes.map { Table.Column($0.name, $0.name, .text) } }

    private func axisCells(_ cell: StudyCellResult) -> [Table.Cell] {
        study.labels(of: cell.position).map(Table.Cell.text)
    }

    private var hasCost: Bool { cells.contains { $0.outcome?.currency != nil } }

    /// One row for each cell, policy compared with, and measure of service.
    public var mainTable: Table {
        var columns =
            axisColumns + [
                Table.Column("baseline", "against", .text), Table.Column("measure", "where equal", .text),
                Table.Column("level", "at", .gap),
                Table.Column("drawnEnergyFraction", "drawn energy saved", .fraction),
                Table.Column("low", "from", .fraction), Table.Column("high", "to", .fraction),
                Table.Column("provisionedEnergyFraction", "provisioned saved", .fraction),
            ]
        if hasCost { columns.append(Table.Column("costFraction", "cost saved", .fraction)) }
        let rows = cells.flatMap { cell in
            (cell.outcome?.savings ?? []).map { saving -> [Table.Cell] in
                let figures: [Table.Cell] = [
                    .text(saving.baseline), .text(Self.name(saving.measure)), .quantity(saving.level),
                    .quantity(saving.drawnEnergy?.fraction), .quantity(saving.drawnEnergy?.low),
                    .quantity(saving.drawnEnergy?.high), .quantity(saving.provisionedEnergy?.fraction),
                ]
                return axisCells(cell) + figures + (hasCost ? [.quantity(saving.cost?.fraction)] : [])
            }
        }
        return Table(
            caption: "What is saved in every cell", columns: columns, keyColumnCount: study.axes.count + 2,
            rows: rows)
    }

    /// One row for each cell and policy.
    private var policyTable: Table {
        var columns =
            axisColumns + [
                Table.Column("policy", "policy", .text),
                Table.Column("meanDrawnWatts", "mean drawn", .power),
                Table.Column("meanProvisionedWatts", "mean provisioned", .power),
                Table.Column("violationFraction", "violated", .gap),
                Table.Column("unservedFraction", "unserved", .gap),
                Table.Column("changes", "servers changed", .count),
            ]
        if hasCost { columns.append(Table.Column("cost", "cost", .count)) }
        let rows = cells.flatMap { cell in
            (cell.outcome?.policies ?? []).map { policy -> [Table.Cell] in
                let figures: [Table.Cell] = [
                    .text(policy.name), .quantity(policy.drawnPower), .quantity(policy.provisionedPower),
                    .quantity(policy.violated), .quantity(policy.unserved), .integer(policy.changes),
                ]
                return axisCells(cell) + figures
                    + (hasCost ? [policy.cost.map(Table.Cell.number) ?? .missing] : [])
            }
        }
        return Table(
            caption: "Every policy as the cell's scenario has it", columns: columns,
            keyColumnCount: study.axes.count + 1, rows: rows)
    }

    /// The drawn energy saved against one policy: the first axis across, a row for each combination of the
    /// rest.
    private func mapTables(against baseline: String) -> [Table] {
        let across = study.axes[0]
        let rest = study.axes.dropFirst()
        let columns =
            rest.map { Table.Column($0.name, $0.name, .text) }
            + (rest.isEmpty ? [Table.Column("baseline", "against", .text)] : [])
            + across.labels.enumerated().map { Table.Column("value\($0)", "\(across.name) \($1)", .fraction) }
        return EqualServiceSaving.Measure.allCases.compactMap { measure in
            let byRow = Dictionary(grouping: cells) { cell in
                cell.position % max(1, study.cellCount / across.labels.count)
            }
            let rows = byRow.keys.sorted().map { row -> [Table.Cell] in
                let shares = (byRow[row] ?? []).map {
                    $0.outcome?.saving(against: baseline, by: measure)?.drawnEnergy?.fraction
                }
                let labels = study.labels(of: row).dropFirst().map(Table.Cell.text)
                return (labels.isEmpty ? [.text(baseline)] : labels) + shares.map { .quantity($0) }
            }
            guard rows.contains(where: { $0.dropFirst(max(1, rest.count)).contains { $0 != .missing } })
            else { return nil }
            return Table(
                caption: "Drawn energy saved against \(baseline), both leaving as much "
                    + Self.name(measure),
                columns: columns, keyColumnCount: max(1, rest.count), rows: rows)
        }
    }

    private var failureTable: Table {
        Table(
            caption: "Cells that could not be computed",
            columns: axisColumns + [Table.Column("error", "error", .text)],
            keyColumnCount: study.axes.count,
            rows: cells.filter { $0.state == .failed }.map {
                axisCells($0) + [$0.error.map(Table.Cell.text) ?? .missing]
            })
    }

    private static func name(_ measure: EqualServiceSaving.Measure) -> String {
        switch measure {
        case .violation: "violated"
        case .unserved: "unserved"
        }
    }
}
