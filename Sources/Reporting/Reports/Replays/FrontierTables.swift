import Quantities
import Vocabulary

/// What policies use where they serve equally well, and the settings behind it.
struct FrontierTables {
    let outcome: FrontierOutcome
    let tariff: EnergyTariff
    /// Of the policies.
    let colours: [String: String]

    /// Savings, the picture, and every setting.
    var section: Report.Section {
        Report.Section(
            heading: "Savings at equal service",
            blocks: [.table(savingsTable)] + notes.map(Report.Block.note)
                + [.plot(plot), .table(settingsTable)])
    }

    /// One row for each baseline and measure.
    var savingsTable: Table {
        var columns = [
            Table.Column("baseline", "against", .text), Table.Column("measure", "where equal", .text),
            Table.Column("level", "at", .gap),
            Table.Column("drawnEnergyFraction", "drawn energy saved", .fraction),
            Table.Column("low", "from", .fraction), Table.Column("high", "to", .fraction),
            Table.Column("provisionedEnergyFraction", "provisioned saved", .fraction),
        ]
        let hasCost = tariff.price != nil
        if hasCost { columns.append(Table.Column("costFraction", "cost saved", .fraction)) }
        let rows = outcome.savings.map { saving -> [Table.Cell] in
            let cells: [Table.Cell] = [
                .text(saving.baseline), .text(Self.name(saving.measure)), .quantity(saving.level),
                .quantity(saving.drawnEnergy?.fraction), .quantity(saving.drawnEnergy?.low),
                .quantity(saving.drawnEnergy?.high), .quantity(saving.provisionedEnergy?.fraction),
            ]
            return hasCost ? cells + [.quantity(saving.cost?.fraction)] : cells
        }
        return Table(
            caption: "What \(outcome.frontier.subject) saves where both serve equally well",
            columns: columns, keyColumnCount: 2, rows: rows)
    }

    /// What the comparison rests on, and what could not be compared.
    var notes: [String] {
        var notes = [
            "Each policy was played with its own knob at many settings; a saving is read where both miss as "
                + "much, by straight lines between settings. From and to hold 90 % of "
                + "resamples of the trace's days. A negative saving is a loss."
        ]
        // A baseline with nothing to turn is compared where it stands, and it may stand beyond the subject.
        let unmatched = outcome.savings.filter { $0.drawnEnergy == nil && $0.isAtBaseline }
        if !unmatched.isEmpty {
            let texts = unmatched.map {
                "\($0.baseline) (\($0.level.readableGap) \(Self.name($0.measure)))"
            }
            notes.append(
                "No settings of \(outcome.frontier.subject) bracket the service of \(texts.enumerated).")
        }
        let elsewhere = outcome.savings.filter {
            guard $0.drawnEnergy != nil, !$0.isAtBaseline else { return false }
            let range = $0.baselineRange
            return $0.level.value == range.lowerBound || $0.level.value == range.upperBound
        }
        if !elsewhere.isEmpty {
            let texts = elsewhere.map {
                "\($0.baseline) (\($0.level.readableGap) \(Self.name($0.measure)))"
            }
            notes.append(
                "At no setting do these miss as much, or as little, as \(outcome.frontier.subject) does, so "
                    + "that they are compared at the nearest that they do: \(texts.enumerated).")
        }
        let apart = outcome.savings.filter { $0.drawnEnergy == nil && !$0.isAtBaseline }
        for measure in EqualServiceSaving.Measure.allCases {
            let texts = apart.filter { $0.measure == measure }.map { saving in
                "\(saving.baseline) (\(Fraction(saving.baselineRange.lowerBound).readableGap) to "
                    + "\(Fraction(saving.baselineRange.upperBound).readableGap))"
            }
            guard !texts.isEmpty else { continue }
            notes.append(
                "No settings of \(outcome.frontier.subject) bracket what these leave "
                    + "\(Self.name(measure)), and nothing is extrapolated: \(texts.enumerated).")
        }
        return notes
    }

    /// The saving against one baseline in a sentence; nil where it could not be compared.
    func sentence(against baseline: String) -> String? {
        guard
            let saving = outcome.savings.first(where: { $0.baseline == baseline && $0.measure == .violation }
            ),
            let drawn = saving.drawnEnergy
        else { return nil }
        let share = Fraction(abs(drawn.fraction.value)).readable
        let range = drawn.low.flatMap { low in
            drawn.high.map { high in " (90 % interval \(low.readable) to \(high.readable) saved)" }
        }
        return
            "With \(saving.level.readableGap) of pairs violated under both, \(saving.policy) draws \(share) "
            + "\(drawn.fraction < .zero ? "more" : "less") energy than \(baseline)\(range ?? "")."
    }

    /// One row for each setting of each policy.
    var settingsTable: Table {
        var columns = [
            Table.Column("policy", "policy", .text), Table.Column("knob", "turned", .text),
            Table.Column("setting", "to", .plain), Table.Column("isOwn", "scenario's own", .text),
            Table.Column("drawnWatts", "mean drawn", .power),
            Table.Column("provisionedWatts", "mean provisioned", .power),
            Table.Column("violationFraction", "violated", .gap),
            Table.Column("unservedFraction", "unserved", .gap),
            Table.Column("changes", "servers changed", .count),
        ]
        let hasCost = tariff.price != nil
        if hasCost { columns.append(Table.Column("cost", "cost (\(tariff.currency))", .count)) }
        let rows = outcome.frontier.points.map { point -> [Table.Cell] in
            let total = point.total
            let cells: [Table.Cell] = [
                .text(point.policy), .text(Self.name(point.setting.knob)), .number(point.setting.value),
                .text(point.isOwn ? "yes" : ""), .quantity(total.meanDrawnPower),
                .quantity(total.meanProvisionedPower), .number(total.violationFraction),
                .number(total.unservedFraction), .integer(total.changes),
            ]
            return hasCost ? cells + [total.cost.map(Table.Cell.number) ?? .missing] : cells
        }
        return Table(
            caption: "Every policy at the settings of its own knob", columns: columns, keyColumnCount: 3,
            rows: rows)
    }

    /// Power over what is missed, one line for each policy.
    var plot: Plot {
        let measures: [(name: String, of: (ServiceSums) -> Double)] = [
            ("violated", \.violationFraction), ("unserved", \.unservedFraction),
        ]
        let powers: [(name: String, of: (ServiceSums) -> Watts)] = [
            ("drawn", \.meanDrawnPower), ("provisioned", \.meanProvisionedPower),
        ]
        let figures = powers.flatMap { power in
            measures.map { measure in
                Plot.Figure(
                    options: [power.name, measure.name],
                    isPreferred: power.name == "drawn" && measure.name == "violated",
                    traces: outcome.frontier.policies.map { trace(of: $0, power.of, measure.of) },
                    layout: [
                        "xaxis": Axis.percentFromZero(measure.name),
                        "yaxis": ["title": ["text": .string("mean \(power.name) power, kW")]],
                    ], height: 420)
            }
        }
        return Plot(
            title: "Power over service",
            caption:
                "Each mark is one setting of a policy's knob; the large one is the scenario's own. Lower "
                + "and further left is better.",
            choices: ["power", "service"], figures: figures)
    }

    private func trace(
        of policy: String, _ power: (ServiceSums) -> Watts, _ missed: (ServiceSums) -> Double
    ) -> JSONValue {
        let points = outcome.frontier.points.filter { $0.policy == policy }
        let totals = points.map(\.total)
        return [
            "type": "scatter", "mode": "lines+markers", "name": .string(HTMLText.plotLabel(policy)),
            "x": .numbers(totals.map { 100 * missed($0) }, significantDigits: 5),
            "y": .numbers(totals.map { power($0).value / 1000 }, significantDigits: 6),
            "text": .strings(points.map { "\(Self.name($0.setting.knob)) \($0.setting.value)" }),
            "hovertemplate": "%{y:,.4~r} kW at %{x:.3~f} %<br>%{text}",
            "line": ["color": .string(colours[policy] ?? Palette.policy(0)), "width": 1.6],
            "marker": ["size": .numbers(points.map { $0.isOwn ? 12 : 6 })],
        ]
    }

    private static func name(_ measure: EqualServiceSaving.Measure) -> String {
        switch measure {
        case .violation: "violated"
        case .unserved: "unserved"
        }
    }

    private static func name(_ knob: PolicySetting.Knob) -> String {
        switch knob {
        case .headroomFactor: "headroom factor"
        case .violationTarget: "violation target"
        case .targetUtilisation: "target utilisation"
        case .peakFactor: "peak factor"
        case .none: "nothing"
        }
    }
}
