import Quantities
import Simulation
import Vocabulary

/// The servers of one model under one policy over a window, as the request-level simulation takes them.
struct SimulatedService {
    /// A time without any change of load or servers.
    struct Segment {
        let start: Nanoseconds
        let end: Nanoseconds
        let load: QueriesPerSecond
        let capacity: QueriesPerSecond
    }

    private(set) var segments: [Segment] = []
    private(set) var servers: [SimulatedServer] = []
    private(set) var changes: [FleetChange] = []
    /// The types in the order of their profiles.
    let serverTypes: [ServerTypeID]

    /// A server turns queries away once it holds what would take it this many latency limits to answer: those
    /// behind would be late many times over, and whoever asked has given up.
    static let patience = 4.0

    /// - Parameters:
    ///   - window: covers the stretch.
    ///   - stretch: since the start of the trace.
    ///   - stops: servers that were ordered to stop; what stops beyond them has failed. nil where none fails.
    init(
        _ model: ModelID, in window: ServingWindow, stretch: (start: Nanoseconds, end: Nanoseconds),
        entries: [ServerTypeID: EfficiencyEntry], limit: Nanoseconds, stops: OrderedStops? = nil
    ) {
        let steps = window.steps(of: model)
        let types = Set(steps.flatMap(\.counts.keys)).sorted()
        serverTypes = types
        // Every server that ever serves, those of one type next to one another.
        var first: [ServerTypeID: Int] = [:]
        for (profile, type) in types.enumerated() {
            first[type] = servers.count
            guard let entry = entries[type] else { continue }
            let most = steps.map { $0.counts[type] ?? 0 }.max() ?? 0
            let queriesMax = max(
                8, Int((entry.throughput.value * Self.patience * limit.seconds).rounded(.up)))
            servers += (0..<most).map { _ in
                SimulatedServer(profile: profile, weight: entry.throughput.value, queriesMax: queriesMax)
            }
        }
        // The last server of a type to start is the first to drain.
        var running: [ServerTypeID: Int] = [:]
        for (index, step) in steps.enumerated() where step.at < stretch.end {
            for type in types {
                let (old, new) = (running[type] ?? 0, step.counts[type] ?? 0)
                let time = index == 0 ? Nanoseconds(.min) : step.at
                let failed = stops.map { max(0, old - new - $0.count(of: type, at: step.at)) } ?? 0
                for server in min(old, new)..<max(old, new) {
                    let ends: FleetChange.Kind = server >= old - failed ? .fail : .drain
                    changes.append(
                        FleetChange(
                            time: time, server: (first[type] ?? 0) + server, kind: new > old ? .start : ends
                        ))
                }
                running[type] = new
            }
        }
        let cuts = Set(
            steps.map(\.at) + (0...window.loads.count).map { window.start + window.interval * $0 }
                + [stretch.start, stretch.end]
        ).filter { $0 >= stretch.start && $0 <= stretch.end }.sorted()
        for (start, end) in zip(cuts, cuts.dropFirst()) {
            let interval = Int((start - window.start).count / window.interval.count)
            let counts = steps.last { $0.at <= start }?.counts ?? [:]
            let capacity = counts.map { type, count in
                (entries[type]?.throughput ?? .zero) * Double(count)
            }.sorted().total()
            segments.append(
                Segment(start: start, end: end, load: window.loads[interval][model], capacity: capacity))
        }
    }

    /// The load, led by a warm-up at the first segment's.
    /// - Parameter work: of a request in a segment; the load is requests times work.
    func rates(warmUp: Nanoseconds, work: (Segment) -> Double = { _ in 1 }) -> ArrivalRates {
        let begin = segments[0].start
        let rates = segments.map { segment in
            ArrivalRates.Segment(
                end: segment.end, rate: QueriesPerSecond(segment.load.value / work(segment)))
        }
        return ArrivalRates(
            start: begin - warmUp,
            segments: [ArrivalRates.Segment(end: begin, rate: rates[0].rate)] + rates)
    }
}

/// Servers of one model that a policy ordered to stop, by the instant of the order.
struct OrderedStops {
    private var counts: [Nanoseconds: [ServerTypeID: Int]] = [:]

    /// O(decisions).
    init(of model: ModelID, in decisions: DecisionLog, _ stretch: Range<Nanoseconds>) {
        for index in decisions.indices {
            let at = Nanoseconds(decisions.head(of: index).at)
            guard stretch.contains(at) else { continue }
            for order in decisions.orders(of: index)
            where order.servers < 0 && decisions.models[Int(order.model)] == model {
                counts[at, default: [:]][decisions.serverTypes[Int(order.serverType)], default: 0] -=
                    Int(order.servers)
            }
        }
    }

    func count(of type: ServerTypeID, at time: Nanoseconds) -> Int { counts[time]?[type] ?? 0 }
}
