import Quantities
import Vocabulary

extension ReplayReport {
    /// One row per policy.
    var policyTable: Table {
        var columns: [(column: Table.Column, cell: (Timeline) -> Table.Cell)] = [
            (Table.Column("policy", "policy", .text), { .text($0.policy) }),
            (
                Table.Column("meanProvisionedWatts", "mean power", .power),
                { .quantity($0.meanProvisionedPower) }
            ),
            (
                Table.Column("peakProvisionedWatts", "peak power", .power),
                { .quantity($0.peakProvisionedPower) }
            ),
            (Table.Column("energyJoules", "energy", .energy), { .quantity($0.provisionedEnergy) }),
            (Table.Column("meanDrawnWatts", "mean drawn", .power), { .quantity($0.meanDrawnPower) }),
            (Table.Column("drawnEnergyJoules", "energy drawn", .energy), { .quantity($0.drawnEnergy) }),
            (Table.Column("meanServers", "mean servers", .count), { .number($0.meanServers) }),
            (Table.Column("peakServers", "peak servers", .count), { .integer($0.peakServers) }),
            (Table.Column("violationFraction", "violated", .fraction), { .quantity($0.violationFraction) }),
            (Table.Column("unservedFraction", "unserved", .fraction), { .quantity($0.unservedFraction) }),
        ]
        columns += onlineColumns
        columns.append((Table.Column("wattsProvenance", "watts", .tag), { .text(mix(of: $0).drawnLabel) }))
        return Table(
            caption: "Policies: power and energy that the plans set aside, and what is drawn of it",
            columns: columns.map(\.column),
            rows: outcome.timelines.map { timeline in columns.map { $0.cell(timeline) } })
    }

    /// What the subject saves against each other policy; a negative share is a loss.
    public var savingsTable: Table {
        let own = timeline(of: outcome.subject)
        return Table(
            caption: "Savings of \(outcome.subject) against each other policy",
            columns: [
                Table.Column("baseline", "against", .text),
                Table.Column("powerMeanFraction", "mean power", .fraction),
                Table.Column("powerPeakFraction", "peak power", .fraction),
                Table.Column("capacityMeanFraction", "mean servers", .fraction),
                Table.Column("capacityPeakFraction", "peak servers", .fraction),
                Table.Column("energySavedJoules", "energy saved", .energy),
                Table.Column("baselineViolationFraction", "its violations", .fraction),
                Table.Column("violationFraction", "own violations", .fraction),
                Table.Column("wattsProvenance", "watts", .tag),
            ],
            rows: outcome.savings.map { saving in
                let other = timeline(of: saving.baseline)
                let energy = own.flatMap { own in other.map { $0.provisionedEnergy - own.provisionedEnergy } }
                let watts = own.flatMap { own in other.map { mix(of: own, $0).powerLabel } }
                return [
                    .text(saving.baseline), .quantity(saving.meanPower), .quantity(saving.peakPower),
                    .quantity(saving.meanCapacity), .quantity(saving.peakCapacity), .quantity(energy),
                    .quantity(other?.violationFraction), .quantity(own?.violationFraction),
                    watts.map(Table.Cell.text) ?? .missing,
                ]
            })
    }

    /// Where the load exceeded the capacity: one row per policy and model that has violations.
    var violationTable: Table {
        let rows = outcome.timelines.flatMap { timeline in
            outcome.trace.models.compactMap { model -> [Table.Cell]? in
                let violated = timeline.records.violatedIntervals(of: model)
                guard !violated.isEmpty else { return nil }
                let loads = timeline.records.series(.load, of: model)
                let capacities = timeline.records.series(.capacity, of: model)
                // Capacity is a mean over the interval: one that fell short for a moment may be enough in the
                // mean.
                let deepest = violated.map { index in
                    let load = loads[index] ?? 0
                    return max(0, (load - (capacities[index] ?? 0)) / load)
                }.max()
                return [
                    .text(timeline.policy), .text(model.name), .integer(violated.count),
                    .number(Double(violated.count) / Double(timeline.records.count)),
                    deepest.map(Table.Cell.number) ?? .missing,
                ]
            }
        }
        return Table(
            caption:
                "Intervals in which a model's load exceeded its capacity (pairs without any are left out)",
            columns: [
                Table.Column("policy", "policy", .text),
                Table.Column("model", "model", .text),
                Table.Column("violatedIntervals", "intervals", .count),
                Table.Column("violationFraction", "share", .fraction),
                Table.Column("deepestShortfallFraction", "worst excess", .fraction),
            ],
            keyColumnCount: 2, rows: rows)
    }

    /// How the policies came to their plans.
    var decisionTable: Table {
        var columns = [
            Table.Column("policy", "policy", .text),
            Table.Column("intervals", "intervals", .count),
            Table.Column("infeasiblePlans", "infeasible plans", .count),
            Table.Column("meanGapFraction", "mean gap to the bound", .gap),
            Table.Column("worstGapFraction", "worst gap", .gap),
            Table.Column("entryProvenance", "source of throughput", .tag),
            Table.Column("wattsProvenance", "source of watts", .tag),
        ]
        if includesDecisionTime {
            columns.append(Table.Column("meanDecisionMilliseconds", "time per decision", .milliseconds))
        }
        let rows = outcome.timelines.map { timeline -> [Table.Cell] in
            let gaps = timeline.planGaps
            let mix = mix(of: timeline)
            var cells: [Table.Cell] = [
                .text(timeline.policy), .integer(timeline.records.count),
                .integer(timeline.infeasibleIntervals),
                gaps.isEmpty ? .missing : .number(gaps.reduce(0, +) / Double(gaps.count)),
                gaps.max().map(Table.Cell.number) ?? .missing, .text(mix.label), .text(mix.powerLabel),
            ]
            if includesDecisionTime {
                let count = timeline.records.count
                cells.append(count == 0 ? .missing : .number(1000 * timeline.decisionSeconds / Double(count)))
            }
            return cells
        }
        return Table(caption: "How the policies decided", columns: columns, rows: rows)
    }

    /// Every interval of every policy, for a spreadsheet or a data frame: the numbers behind the plots.
    ///
    /// One row per policy, interval and model; power and servers of the whole interval repeat for each model.
    public static func intervalTable(of outcome: ReplayOutcome) -> Table {
        intervalTable(intervalTables(of: outcome).flatMap(\.rows))
    }

    /// The same in pieces, each of at most 4,096 intervals of one policy, so that a year need not be held as
    /// rows. There is at least one, which may be empty.
    public static func intervalTables(of outcome: ReplayOutcome) -> some Sequence<Table> {
        let length = 4096
        let pieces = outcome.timelines.flatMap { timeline in
            stride(from: 0, to: timeline.records.count, by: length).map { first in
                (timeline, first..<min(first + length, timeline.records.count))
            }
        }
        let start = outcome.trace.startUnixSeconds
        return (0..<max(1, pieces.count)).lazy.map { piece in
            intervalTable(pieces.isEmpty ? [] : rows(of: pieces[piece].0, pieces[piece].1, start: start))
        }
    }

    private static func rows(of timeline: Timeline, _ range: Range<Int>, start: Int64) -> [[Table.Cell]] {
        var rows: [[Table.Cell]] = []
        let steps = timeline.records.allocations
        var step = steps.step(at: Int64(range.lowerBound)) ?? 0
        var allocation = steps.isEmpty ? Allocation() : steps[step].serving
        for index in range {
            while step + 1 < steps.count, steps.instants[step + 1] <= Int64(index) {
                step += 1
                allocation = steps[step].serving
            }
            let record = timeline.records.record(index, allocation: allocation)
            let shares = allocation.shares
            let elapsed = (timeline.interval * index).seconds
            for model in record.load.models {
                let servers = shares.filter { $0.model == model }
                rows.append([
                    .text(timeline.policy), .integer(index), .text(model.name), .number(elapsed),
                    start == 0 ? .missing : .number(Double(start) + elapsed),
                    .quantity(record.load[model]), .quantity(record.capacity[model]),
                    .integer(servers.reduce(0) { $0 + $1.count }),
                    .integer(record.violatedModels.contains(model) ? 1 : 0),
                    .quantity(record.provisionedPower), .quantity(record.drawnPower),
                    .text(record.planStatus.rawValue),
                ])
            }
        }
        return rows
    }

    private static func intervalTable(_ rows: [[Table.Cell]]) -> Table {
        Table(
            caption: "Intervals",
            columns: [
                Table.Column("policy", "policy", .text),
                Table.Column("interval", "interval", .count),
                Table.Column("model", "model", .text),
                Table.Column("elapsedSeconds", "elapsed seconds", .count),
                Table.Column("unixSeconds", "unix time", .count),
                Table.Column("loadQps", "load", .rate),
                Table.Column("capacityQps", "capacity", .rate),
                Table.Column("servers", "servers", .count),
                Table.Column("violated", "violated", .count),
                Table.Column("provisionedWatts", "provisioned", .power),
                Table.Column("drawnWatts", "drawn", .power),
                Table.Column("planStatus", "plan", .tag),
            ],
            keyColumnCount: 3, rows: rows)
    }
}
