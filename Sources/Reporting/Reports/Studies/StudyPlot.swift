import Quantities
import Vocabulary

/// Maps of what a study's subject saves: one axis across, one up, and a choice for each further one.
struct StudyPlot {
    let study: Study
    let cells: [StudyCellResult]
    let baselines: [String]
    /// Savings and losses from this on have the darkest colour.
    private static let leastRange = 0.01

    /// What is shown of a saving.
    private static var quantities: [(name: String, of: (EqualServiceSaving) -> EqualServiceSaving.Estimate?)]
    {
        [("drawn energy", \.drawnEnergy), ("provisioned energy", \.provisionedEnergy), ("cost", \.cost)]
    }

    /// nil where nothing could be compared.
    var plot: Plot? {
        let measures: [(name: String, measure: EqualServiceSaving.Measure)] = [
            ("violated", .violation), ("unserved", .unserved),
        ]
        let across = study.axes[0]
        let up = study.axes.count > 1 ? study.axes[1] : nil
        let others = Array(study.axes.dropFirst(2))
        let figures = baselines.flatMap { baseline in
            Self.quantities.flatMap { quantity -> [Plot.Figure] in
                guard let limit = limit(baseline, quantity.of) else { return [] }
                return measures.flatMap { measure in
                    combinations(of: others).map { rest in
                        figure(
                            across, up, rest: rest.indices, limit: limit,
                            options: [baseline, quantity.name, measure.name] + rest.labels,
                            of: { outcome in
                                outcome.saving(against: baseline, by: measure.measure)
                                    .map { ($0.level, quantity.of($0)) }
                            })
                    }
                }
            }
        }
        guard !figures.isEmpty else { return nil }
        return Plot(
            title: "Where it pays",
            caption:
                "Saved by the subject where both policies miss as much, in percent; blue is saved, red is "
                + "lost. Grey cells could not be compared, or are not done.",
            choices: ["against", "what", "where equal"] + others.map(\.name), figures: figures)
    }

    /// All combinations of values of axes, in order.
    private func combinations(of axes: [StudyAxis]) -> [(indices: [Int], labels: [String])] {
        axes.reduce([(indices: [Int](), labels: [String]())]) { combinations, axis in
            combinations.flatMap { before in
                axis.labels.enumerated().map { (before.indices + [$0], before.labels + [$1]) }
            }
        }
    }

    /// The greatest saving or loss in any cell, so that maps can be compared by their colours; nil where
    /// nothing is known.
    private func limit(
        _ baseline: String, _ quantity: (EqualServiceSaving) -> EqualServiceSaving.Estimate?
    ) -> Double? {
        let shares = cells.compactMap(\.outcome).flatMap(\.savings).filter { $0.baseline == baseline }
            .compactMap { quantity($0)?.fraction.value }
        return shares.isEmpty ? nil : max(Self.leastRange, shares.map(abs).max() ?? 0)
    }

    private func figure(
        _ across: StudyAxis, _ up: StudyAxis?, rest: [Int], limit: Double, options: [String],
        of value: (StudyOutcome) -> (level: Fraction, saved: EqualServiceSaving.Estimate?)?
    ) -> Plot.Figure {
        let rows = (up?.labels ?? [""]).indices
        let found = rows.map { row in
            across.labels.indices.map { column -> (text: String, saved: Double?) in
                let coordinates = [column] + (up == nil ? [] : [row]) + rest
                let cell = cells.first { study.coordinates(of: $0.position) == coordinates }
                return Self.describe(cell, cell?.outcome.flatMap(value))
            }
        }
        let trace: JSONValue = [
            "type": "heatmap",
            "x": .strings(across.labels.map { HTMLText.plotLabel($0) }),
            "y": .strings((up?.labels ?? [""]).map { HTMLText.plotLabel($0) }),
            "z": .array(
                found.map { row in
                    .array(
                        row.map {
                            $0.saved.map { .number((100 * $0).rounded(significantDigits: 4)) } ?? .null
                        })
                }),
            "text": .array(found.map { .strings($0.map(\.text)) }), "texttemplate": "%{z:.1f}",
            "hovertemplate": "%{text}<extra></extra>", "hoverongaps": true,
            "colorscale": Palette.diverging, "zmin": .number(-100 * limit), "zmax": .number(100 * limit),
            "xgap": 2, "ygap": 2, "colorbar": ["ticksuffix": " %", "thickness": 12],
        ]
        var y = Axis.names(up?.name ?? "", (up?.labels ?? [""]).map { HTMLText.plotLabel($0) })
        if up == nil { y = ["visible": false] }
        return Plot.Figure(
            options: options,
            isPreferred: options[0] == baselines.first && options[1] == Self.quantities[0].name,
            traces: [trace],
            layout: [
                "xaxis": Axis.names(across.name, across.labels.map { HTMLText.plotLabel($0) }), "yaxis": y,
            ], height: 150 + 40 * rows.count)
    }

    private static func describe(
        _ cell: StudyCellResult?, _ value: (level: Fraction, saved: EqualServiceSaving.Estimate?)?
    ) -> (text: String, saved: Double?) {
        guard let cell, cell.outcome != nil else {
            return (cell?.state.rawValue ?? "no cell", nil)
        }
        guard let value, let saved = value.saved else {
            let level = value.map { " at \($0.level.readableGap)" } ?? ""
            return ("settings of both bracket no common level\(level)", nil)
        }
        let range = saved.low.flatMap { low in
            saved.high.map { high in "<br>90 % interval \(low.readable) to \(high.readable)" }
        }
        return (
            "\(saved.fraction.readable) saved where both miss \(value.level.readableGap)\(range ?? "")",
            saved.fraction.value
        )
    }
}
