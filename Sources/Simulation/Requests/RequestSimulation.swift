import Quantities
import Randomness

/// One service simulated query by query: arrivals are dispatched to servers, wait, are served in pieces, and
/// leave.
///
/// An event kernel in three streams that are merged by time: the ends of launches (a heap), changes of the
/// fleet (a sorted list), and arrivals (drawn one by one). Time is O(log p) a launch for p launches in
/// service plus the dispatch rule's own; memory is O(servers + queries held at once), whatever the number of
/// queries. The same inputs and seed give the same outcome. Queries of different services share no servers,
/// so each service is simulated by itself.
public struct RequestSimulation: Sendable {
    /// What happens to the queries on a server that fails.
    public enum FailureRule: String, CaseIterable, Sendable {
        /// They start again elsewhere; their latency goes on from their first arrival.
        case retry
        /// They are lost.
        case drop
    }

    public var profiles: [ServerProfile]
    public var servers: [SimulatedServer]
    /// In any order; of equal times the earlier in the list comes first. No server serves before its first
    /// start.
    public var changes: [FleetChange]
    public var rule: DispatchRule
    public var failureRule: FailureRule
    /// Queries that take longer are late.
    public var latencyLimit: Nanoseconds
    /// Queries that arrive before are simulated and not counted, so that the empty start does not flatter.
    public var countedFrom: Nanoseconds
    /// Whether queries that are held when arrivals end are served to their end, or counted as waiting.
    public var servesToTheEnd: Bool
    public var seed: UInt64

    /// A simulation of a fleet.
    /// - Precondition: servers and changes refer to what there is.
    public init(
        profiles: [ServerProfile], servers: [SimulatedServer], changes: [FleetChange], rule: DispatchRule,
        failureRule: FailureRule = .retry, latencyLimit: Nanoseconds,
        countedFrom: Nanoseconds = Nanoseconds(.min),
        servesToTheEnd: Bool = true, seed: UInt64
    ) {
        precondition(servers.allSatisfy { profiles.indices.contains($0.profile) }, "profiles exist")
        precondition(changes.allSatisfy { servers.indices.contains($0.server) }, "servers exist")
        self.profiles = profiles
        self.servers = servers
        self.changes = changes
        self.rule = rule
        self.failureRule = failureRule
        self.latencyLimit = latencyLimit
        self.countedFrom = countedFrom
        self.servesToTheEnd = servesToTheEnd
        self.seed = seed
    }

    /// Servers that all serve from the beginning of time.
    public static func starts(of count: Int) -> [FleetChange] {
        (0..<count).map { FleetChange(time: Nanoseconds(.min), server: $0, kind: .start) }
    }

    /// Plays arrivals.
    ///
    /// - Parameters:
    ///   - sizes: draws the items of a query, at least 1; not asked for recorded arrivals.
    ///   - progress: called now and then with the number of queries that have arrived.
    public func run(
        _ arrivals: ArrivalProcess, sizes: @escaping (inout RandomStream) -> Int = { _ in 1 },
        progress: (Int) -> Void = { _ in }
    ) -> RequestOutcome {
        var play = RequestPlay(self, segments: arrivals.segmentEnds.count)
        var sizeStream = RandomStream(seed: seed, name: "query sizes")
        var played = 0
        func tick() {
            played += 1
            if played & 0xF_FFFF == 0 { progress(played) }
        }
        switch arrivals {
        case .poisson(let rates):
            var process = PoissonArrivals(rates, stream: RandomStream(seed: seed, name: "arrivals"))
            while let (time, segment) = process.next() {
                play.advance(to: time)
                play.arrive(at: time, items: sizes(&sizeStream), segment: segment)
                tick()
            }
        case .recorded(let list):
            for arrival in list {
                play.advance(to: arrival.time.count)
                play.arrive(at: arrival.time.count, items: arrival.items, segment: 0)
                tick()
            }
        }
        progress(played)
        return play.finish(endOfArrivals: arrivals.segmentEnds.last ?? .zero)
    }
}

/// Queries counted by what became of them.
public struct RequestCounts: Hashable, Sendable {
    public var arrived = 0
    /// Answered, in time or late.
    public var completed = 0
    /// Answered after the latency limit.
    public var late = 0
    /// Lost: turned away by a full server, or on a server that failed.
    public var dropped = 0

    public init() {}

    /// Neither answered nor lost when the simulation ended.
    public var waiting: Int { arrived - completed - dropped }

    /// The share that was not answered in time: late, lost or still waiting; nil without any arrival.
    public var violationFraction: Fraction? {
        arrived == 0 ? nil : Fraction(Double(late + dropped + waiting) / Double(arrived))
    }

    /// Adds the counts of others.
    public mutating func merge(_ other: RequestCounts) {
        arrived += other.arrived
        completed += other.completed
        late += other.late
        dropped += other.dropped
    }
}

/// What a request-level simulation showed.
public struct RequestOutcome: Sendable {
    /// All queries, those of the warm-up included.
    public var all = RequestCounts()
    /// The counted queries by the segment of the arrival process they came in.
    public var segments: [RequestCounts]
    /// Latencies of counted queries that were answered.
    public var latencies = LatencyTally()
    /// Queries that a failing server held and that were sent elsewhere, each time.
    public var retried = 0
    /// The most queries held at once.
    public var heldMax = 0
    /// The time that threads of each server were busy, by server and stage.
    public var busy: [[Nanoseconds]]
    /// Servers that finished their last query after being told to drain.
    public var drained = 0
    /// The longest such drain.
    public var longestDrain = Nanoseconds.zero
    /// When the last query left, or arrivals ended.
    public var end = Nanoseconds.zero

    /// Nothing happened yet.
    public init(segments: [RequestCounts], busy: [[Nanoseconds]] = []) {
        self.segments = segments
        self.busy = busy
    }

    /// All counted queries.
    public var counted: RequestCounts {
        segments.reduce(into: RequestCounts()) { $0.merge($1) }
    }
}
