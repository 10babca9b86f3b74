import Quantities
import Randomness

/// How servers of one kind serve queries: a query is cut into pieces, and every piece passes the stages in
/// order.
public struct ServerProfile: Sendable {
    /// A group of equal threads, or copies on a device, with a queue of its own.
    public struct Stage: Sendable {
        /// How many launches are served at once.
        public let threads: Int
        /// The most items that are joined in one launch; nil where every piece is served on its own. A piece
        /// larger than the limit is still served, alone.
        public let fusionLimit: Int?
        /// How long the first piece of a launch waits for others to join it.
        public let joinWait: Nanoseconds
        public let service: any ServiceTimes
        /// nil where service times do not depend on the load.
        public let contention: Contention?
        /// Host cores that one busy thread keeps busy.
        public let coresPerThread: Double
        public let isAccelerator: Bool

        /// - Precondition: there is a thread, and a factor for every number of busy threads; launches that
        ///   join pieces know no contention.
        public init(
            threads: Int, fusionLimit: Int? = nil, joinWait: Nanoseconds = .zero, service: any ServiceTimes,
            contention: Contention? = nil,
            coresPerThread: Double = 1, isAccelerator: Bool = false
        ) {
            precondition(threads >= 1, "a stage has at least one thread")
            precondition(
                contention.map { $0.byBusyThreads.count == threads && fusionLimit == nil } ?? true,
                "contention has a factor for every number of busy threads, and launches that join have none")
            self.threads = threads
            self.fusionLimit = fusionLimit
            self.joinWait = joinWait
            self.service = service
            self.contention = contention
            self.coresPerThread = coresPerThread
            self.isAccelerator = isAccelerator
        }
    }

    /// The most items in a piece: a query of n items is cut into ceil(n / pieceItemsMax) pieces.
    public let pieceItemsMax: Int
    public let stages: [Stage]

    /// - Precondition: there is a stage, and launches whose times a simulation tabulates are bounded.
    public init(pieceItemsMax: Int, stages: [Stage]) {
        precondition(pieceItemsMax >= 1 && !stages.isEmpty, "a server has a stage and a piece size")
        precondition(
            pieceItemsMax <= 1 << 24
                || stages.allSatisfy { !$0.service.isFixed && $0.fusionLimit == nil },
            "launches whose times are tabulated are bounded")
        self.pieceItemsMax = pieceItemsMax
        self.stages = stages
    }

    /// One stage of so many threads that each take a constant time, whatever the items.
    public static func constant(_ time: Nanoseconds, threads: Int = 1) -> ServerProfile {
        ServerProfile(
            pieceItemsMax: .max,
            stages: [Stage(threads: threads, service: .drawn { _, _ in time })])
    }

    /// One stage whose threads take exponential times of a mean, whatever the items.
    public static func exponential(mean: Nanoseconds, threads: Int = 1) -> ServerProfile {
        let mean = mean.seconds
        return ServerProfile(
            pieceItemsMax: .max,
            stages: [
                Stage(
                    threads: threads,
                    service: .drawn { _, draw in
                        Nanoseconds(seconds: mean * RandomStream.exponential(ofUniform: draw))
                    })
            ])
    }
}

/// One server of a simulated fleet.
public struct SimulatedServer: Hashable, Sendable {
    /// The index of its profile.
    public let profile: Int
    /// Its share of the load: the throughput it is trusted with, in any unit common to all servers.
    public let weight: Double
    /// The most queries it holds at once; one that is dispatched to it beyond that is dropped. nil for no
    /// limit.
    public let queriesMax: Int?

    /// - Precondition: the weight is positive and finite.
    public init(profile: Int, weight: Double, queriesMax: Int? = nil) {
        precondition(weight > 0 && weight.isFinite, "a server has a positive weight")
        self.profile = profile
        self.weight = weight
        self.queriesMax = queriesMax
    }
}

/// A server that begins or ceases to serve.
public struct FleetChange: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// It takes queries from now on.
        case start
        /// It takes no more queries and finishes those it has.
        case drain
        /// It stops at once; the queries it holds are lost or sent elsewhere.
        case fail
    }

    public let time: Nanoseconds
    /// The index of the server.
    public let server: Int
    public let kind: Kind

    public init(time: Nanoseconds, server: Int, kind: Kind) {
        self.time = time
        self.server = server
        self.kind = kind
    }
}

/// How each query finds its server. All rules spread load in proportion to the servers' weights.
public enum DispatchRule: String, CaseIterable, Sendable {
    /// A server at random. O(1).
    case random
    /// Each server in turn, as often as its weight says (stride scheduling). O(log servers).
    case roundRobin = "round-robin"
    /// The better of two servers drawn at random: the one with fewer queries for its weight (Mitzenmacher
    /// 2001). O(1).
    case powerOfTwo = "power-of-two"
    /// The server with the fewest queries for its weight. O(log servers).
    case shortestQueue = "shortest-queue"
}
