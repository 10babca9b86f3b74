import Quantities
import Vocabulary

/// When which servers run which models under one policy: what an operator or an orchestrator carries out.
///
/// Intervals in a row with the same allocation are one span.
public struct AllocationSchedule: Hashable, Sendable {
    /// A time during which nothing changes.
    public struct Span: Hashable, Sendable {
        public let firstInterval: Int
        public let intervalCount: Int
        public let allocation: Allocation
    }

    public let policy: String
    public let traceName: String
    /// Seconds since 1970-01-01T00:00:00Z; 0 where the trace has no calendar.
    public let startUnixSeconds: Int64
    public let interval: Nanoseconds
    /// In order, without gaps, from the first interval on.
    public let spans: [Span]
    /// The entries behind the allocations.
    public let table: EfficiencyTable

    /// The schedule of one timeline of a replay. O(intervals * shares).
    public init(_ timeline: Timeline, of trace: Trace, table: EfficiencyTable) {
        let steps = timeline.records.allocations
        spans = zip(steps, steps.indices).map { step, index in
            let first = Int(step.at.count)
            let next = index + 1 < steps.count ? Int(steps.instants[index + 1]) : timeline.records.count
            return Span(firstInterval: first, intervalCount: next - first, allocation: step.serving)
        }
        self.table = table
        policy = timeline.policy
        traceName = trace.name
        startUnixSeconds = trace.startUnixSeconds
        interval = timeline.interval
    }

    /// From the start of the trace to the start of an interval, in seconds.
    func elapsedSeconds(_ interval: Int) -> Double { (self.interval * interval).seconds }

    /// The start of an interval on the calendar, as ISO 8601 in UTC; nil where the trace has none.
    func startText(_ interval: Int) -> String? {
        startUnixSeconds == 0
            ? nil : CalendarText.utc(unixSeconds: startUnixSeconds + Int64(elapsedSeconds(interval)))
    }

    /// Pairs that any span allocates, ordered by model, then server type.
    var pairs: [(model: ModelID, serverType: ServerTypeID)] {
        var found: [ModelID: Set<ServerTypeID>] = [:]
        for span in spans {
            for share in span.allocation.shares { found[share.model, default: []].insert(share.serverType) }
        }
        return found.sorted { $0.key < $1.key }.flatMap { model, types in
            types.sorted().map { (model, $0) }
        }
    }
}

extension AllocationSchedule {
    /// One row for each span, model and server type. A span without any server has one row without a model.
    public var spanTable: Table {
        let rows = spans.flatMap { span -> [[Table.Cell]] in
            let head: [Table.Cell] = [
                .text(policy), .integer(span.firstInterval), .integer(span.intervalCount),
                .number(elapsedSeconds(span.firstInterval)),
                .number(elapsedSeconds(span.firstInterval + span.intervalCount)),
                startText(span.firstInterval).map(Table.Cell.text) ?? .missing,
            ]
            let shares = span.allocation.shares
            let none: [Table.Cell] = [.missing, .missing, .integer(0)] + Array(repeating: .missing, count: 8)
            guard !shares.isEmpty else { return [head + none] }
            return shares.map { share -> [Table.Cell] in
                let entry = table[share.model, share.serverType]
                let count = Double(share.count)
                let cells: [Table.Cell] = [
                    .quantity(entry.map { $0.throughput * count }), .quantity(entry.map { $0.power * count }),
                    entry.map { .text($0.provenance.rawValue) } ?? .missing,
                    entry.map { .text($0.powerProvenance.rawValue) } ?? .missing,
                ]
                let pair: [Table.Cell] = [
                    .text(share.model.name), .text(share.serverType.name), .integer(share.count),
                ]
                let schedule = entry?.schedule.cells ?? Array(repeating: .missing, count: 4)
                return head + pair + schedule + cells
            }
        }
        return Table(
            caption: "Allocations of \(policy) on \(traceName)",
            columns: [
                .init("policy", "policy", .text), .init("firstInterval", "first interval", .count),
                .init("intervals", "intervals", .count), .init("startSeconds", "from (s)", .plain),
                .init("endSeconds", "to (s)", .plain), .init("startUtc", "from (UTC)", .text),
                .init("model", "model", .text), .init("server", "server type", .text),
                .init("count", "servers", .count), .init("partition", "partition", .tag),
                .init("threads", "M", .count), .init("workers", "O", .count), .init("batch", "D", .count),
                .init("qps", "throughput", .rate), .init("watts", "power", .power),
                .init("provenance", "source", .tag), .init("wattsProvenance", "source of watts", .tag),
            ],
            keyColumnCount: 8, rows: rows)
    }

    /// The columns that every schedule has; an engine's rules beside them. Of a figure of somebody else, what
    /// its source says.
    private static func json(of schedule: Schedule) -> JSONValue {
        if let load = schedule.reportedLoad { return ["reported": JSONValue(load)] }
        let columns = schedule.columns
        var members: [String: JSONValue] = [
            "partition": .string(columns.partition.rawValue), "threads": .integer(columns.threads),
            "workers": .integer(columns.workers), "batch": .integer(columns.batch),
        ]
        if columns.precision != .default { members["precision"] = .string(columns.precision.rawValue) }
        members["joinWaitMilliseconds"] = columns.joinWait.map { .number($0.milliseconds) }
        members["engine"] = schedule.engineRules.map(JSONValue.init)
        return .object(members)
    }

    /// The schedule as one JSON object, ending with a line break; figures are of all servers of a share
    /// together.
    public var json: String {
        let spans = spans.map { span -> JSONValue in
            let shares = span.allocation.shares.map { share -> JSONValue in
                var members: [String: JSONValue] = [
                    "model": .string(share.model.name), "server": .string(share.serverType.name),
                    "count": .integer(share.count),
                ]
                if let entry = table[share.model, share.serverType] {
                    members["schedule"] = Self.json(of: entry.schedule)
                    members["qps"] = .number((entry.throughput * Double(share.count)).value)
                    members["watts"] = .number((entry.power * Double(share.count)).value)
                    members["provenance"] = .string(entry.provenance.rawValue)
                    members["wattsProvenance"] = .string(entry.powerProvenance.rawValue)
                }
                return .object(members)
            }
            return [
                "firstInterval": .integer(span.firstInterval), "intervals": .integer(span.intervalCount),
                "startSeconds": .number(elapsedSeconds(span.firstInterval)),
                "startUtc": startText(span.firstInterval).map(JSONValue.string) ?? .null,
                "allocations": .array(shares),
            ]
        }
        return StableJSON.document(
            of: [
                "policy": .string(policy), "trace": .string(traceName),
                "intervalSeconds": .number(interval.seconds), "spans": .array(spans),
            ])
    }
}
