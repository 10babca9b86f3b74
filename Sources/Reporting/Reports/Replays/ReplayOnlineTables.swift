import Foundation
import Quantities
import Vocabulary

/// What a replay shows since servers take time to start and energy has a price.
extension ReplayReport {
    /// Columns that only some replays can fill.
    var onlineColumns: [(column: Table.Column, cell: (Timeline) -> Table.Cell)] {
        let start = outcome.trace.startUnixSeconds
        let tariff = tariff
        var columns: [(column: Table.Column, cell: (Timeline) -> Table.Cell)] = []
        if outcome.timelines.contains(where: { $0.droppedFraction != nil }) {
            columns.append(
                (Table.Column("droppedFraction", "dropped", .gap), { .quantity($0.droppedFraction) }))
        }
        if tariff.price != nil {
            columns.append(
                (
                    Table.Column("cost", "cost (\(tariff.currency))", .count),
                    { $0.cost(tariff, traceStart: start).map(Table.Cell.number) ?? .missing }
                ))
        }
        if tariff.carbonGrams != nil {
            columns.append(
                (
                    Table.Column("carbonKilograms", "kg CO2e", .count),
                    { $0.carbonGrams(tariff, traceStart: start).map { .number($0 / 1000) } ?? .missing }
                ))
        }
        return columns
    }

    /// What policies draw under either rule of spreading load; nil where the scenario names none.
    var spreadingTable: Table? {
        guard let spreading else { return nil }
        return Table(
            caption: "Mean drawn power by how load is spread over the same servers (played: "
                + "\(spreading.rule.rawValue))",
            columns: [
                Table.Column("policy", "policy", .text),
                Table.Column("proportionalWatts", "proportional", .power),
                Table.Column("packedWatts", "packed", .power),
                Table.Column("packedSavedFraction", "saved by packing", .fraction),
            ],
            rows: outcome.timelines.map { timeline in
                let powers = spreading.meanDrawnPowers[timeline.policy] ?? [:]
                let (even, packed) = (powers[.proportional], powers[.packed])
                let saved = even.flatMap { even in
                    packed.flatMap { even > .zero ? Fraction(1 - $0 / even) : nil }
                }
                return [
                    .text(timeline.policy), .quantity(even), .quantity(packed), .quantity(saved),
                ]
            })
    }

    /// Which forecaster each model ends with, and how all did; nil where there was one.
    var forecasterTable: Table? {
        guard !forecastChoices.isEmpty else { return nil }
        return Table(
            caption: "Forecasters that were chosen among, back-tested one interval ahead",
            columns: [
                Table.Column("model", "model", .text), Table.Column("forecaster", "forecaster", .text),
                Table.Column("isChosen", "chosen at the end", .text),
                Table.Column("inForceFraction", "in force", .fraction),
                Table.Column("weightedErrorFraction", "error", .gap),
                Table.Column("pinballLossFraction", "pinball loss", .gap),
            ],
            keyColumnCount: 2,
            rows: forecastChoices.map { choice in
                [
                    .text(choice.model.name), .text(choice.forecaster),
                    .text(choice.isChosen ? "yes" : ""), .quantity(choice.inForce),
                    .quantity(choice.weightedError), .quantity(choice.pinballLoss),
                ]
            })
    }

    static let forecasterNote =
        "Error is the sum of absolute errors over the sum of loads. Pinball loss is of the forecast with its "
        + "headroom, at the quantile aimed at; the forecaster in force is the one with the least of late."

    /// What every policy saves against static provisioning for the peak, the reactive policy and the oracle,
    /// as far as they were played; nil where none of the last two was.
    var baselineTable: Table? {
        let baselines = ["static", "reactive", "oracle"].compactMap(timeline(of:))
        guard baselines.contains(where: { $0.policy != "static" }) else { return nil }
        var columns = [Table.Column("policy", "policy", .text)]
        for baseline in baselines {
            let name = baseline.policy
            columns.append(Table.Column("\(name)MeanPowerFraction", "power, \(name)", .fraction))
            columns.append(Table.Column("\(name)DrawnEnergyFraction", "drawn, \(name)", .fraction))
        }
        columns.append(Table.Column("violationFraction", "violated", .fraction))
        let rows = outcome.timelines.map { timeline -> [Table.Cell] in
            var cells: [Table.Cell] = [.text(timeline.policy)]
            for baseline in baselines {
                guard timeline.policy != baseline.policy,
                    let saving = PowerSavings(of: timeline, against: baseline)
                else {
                    cells += [.missing, .missing]
                    continue
                }
                let whole = baseline.drawnEnergy.value
                cells += [
                    .quantity(saving.meanPower),
                    whole > 0 ? .number(1 - timeline.drawnEnergy.value / whole) : .missing,
                ]
            }
            return cells + [.quantity(timeline.violationFraction)]
        }
        return Table(
            caption:
                "Savings of every policy against \(baselines.map(\.policy).enumerated): mean power set "
                + "aside, and energy drawn",
            columns: columns, rows: rows)
    }

    /// How many lines of the log a report shows.
    static let logLinesMax = 40

    /// The first lines of the subject's decision log, and what is left out; nil where nothing was logged.
    var decisionLog: (table: Table, note: String)? {
        guard let own = timeline(of: outcome.subject), !own.decisions.isEmpty else { return nil }
        let shown = own.decisions.prefix(Self.logLinesMax)
        let table = Table(
            caption: "Decision log of \(own.policy)",
            columns: [
                Table.Column("at", "time", .text), Table.Column("reason", "why", .text),
                Table.Column("started", "started", .count), Table.Column("stopped", "stopped", .count),
                Table.Column("orders", "orders", .text),
            ],
            rows: shown.map { entry in
                [
                    .text(text(of: entry.at)), .text(Self.why(entry)),
                    .integer(entry.actions.filter(\.isStart).reduce(0) { $0 + $1.count }),
                    .integer(entry.actions.filter { !$0.isStart }.reduce(0) { $0 + $1.count }),
                    .text(Self.orders(entry.actions)),
                ]
            })
        let rest = own.decisions.count - shown.count
        let left = rest == 0 ? "" : " \(rest) later ones are left out here."
        return (
            table,
            "\(own.policy) changed the fleet \(own.decisions.count.counted("time"))." + left
                + " The whole log of every policy is in the database: replay_decision_summary."
        )
    }

    private func text(of instant: Nanoseconds) -> String {
        guard outcome.trace.startUnixSeconds != 0 else { return "\(instant)" }
        return TimeAxis.text(outcome.trace.startUnixSeconds + Int64(instant.seconds.rounded(.down)))
    }

    /// The reason in words.
    static func why(_ entry: DecisionEntry) -> String {
        let moved = entry.model.map { model in
            let before = entry.neededBefore?.readable ?? "?"
            return ": \(model) needs \(entry.neededNow?.readable ?? "?"), needed \(before)"
        }
        return switch entry.reason {
        case .first: "first decision"
        case .loadRose: "load rose\(moved ?? "")"
        case .loadFell: "load fell\(moved ?? "")"
        case .betterPlan: "a better plan for the same load"
        case .followUp: "replacements serve, or a step was used up"
        case .serversChanged: "servers failed or came back"
        case .headroomCut: "the fleet cannot hold all headroom\(moved ?? "")"
        case .overload: "the fleet cannot serve the load\(moved ?? "")"
        }
    }

    private static func orders(_ actions: [ProvisionerAction]) -> String {
        let shown = actions.prefix(4).map {
            "\($0.isStart ? "+" : "-")\($0.count) \($0.serverType) \($0.model)"
        }
        return shown.joined(separator: ", ") + (actions.count > 4 ? ", \(actions.count - 4) more" : "")
    }

    /// Where energy is counted, and how close the subject is to the oracle.
    var onlineNotes: [String] {
        var notes: [String] = []
        if let own = timeline(of: outcome.subject), let bound = timeline(of: "oracle"),
            own.policy != bound.policy,
            bound.meanProvisionedPower > .zero
        {
            let share = Fraction(own.meanProvisionedPower / bound.meanProvisionedPower - 1)
            notes.append(
                share >= .zero
                    ? "The oracle knows the load to come: \(own.policy) sets aside \(share.readable) more "
                        + "mean power than it."
                    : "\(own.policy) sets aside \(Fraction(-share.value).readable) less mean power than the "
                        + "oracle, which serves what it misses.")
        }
        if tariff.price != nil || tariff.carbonGrams != nil {
            let usage = tariff.powerUsageEffectiveness
            notes.append(
                usage == 1
                    ? "Power and energy, and with them money and carbon, are counted at the servers."
                    : "Power and energy are counted at the servers; money and carbon at the facility, which "
                        + "takes \(usage) times as much (PUE).")
        }
        notes += TokenLengthNotes(trace: outcome.trace, entries: usedEntries[outcome.subject] ?? []).notes
        if startsAtOnce {
            notes.append(
                "Servers start, load a model and stop at once and for nothing: the scenario gives no "
                    + "`dynamics`.")
        }
        return notes
    }
}
