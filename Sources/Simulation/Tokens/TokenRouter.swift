import Randomness

/// Which engine of a pool a request goes to.
public enum TokenRouter: String, CaseIterable, Sendable, Hashable {
    case random
    case roundRobin = "round-robin"
    /// The fewest requests, waiting and running.
    case leastRequests = "least-requests"
    /// The one with fewer requests of two drawn at random (Mitzenmacher 2001).
    case powerOfTwo = "power-of-two"
    /// The least of 4 x waiting + running, as vLLM's data-parallel front end does.
    case weightedQueue = "weighted-queue"
    /// The fewest outstanding tokens over the engine's capacity.
    case leastTokens = "least-tokens"
    /// The smallest share of memory for keys and values in use.
    case leastMemory = "least-memory"
    /// The engine that had the last request of the same prefix, unless it has many more requests than the
    /// least.
    case affinity
}

/// What routers see of each engine, as of a time.
struct RoutingSignals {
    var time = Int64.min
    var requests: [Int]
    var waiting: [Int]
    var tokens: [Int]
    var memory: [Double]
}

/// A router and what it remembers.
struct RoutingState {
    let router: TokenRouter
    /// Tokens per second of each engine, for what weighs by capacity.
    let capacities: [Double]
    private var next = 0
    private var stream: RandomStream
    private var homes: [UInt32: Int] = [:]

    init(_ router: TokenRouter, capacities: [Double], seed: UInt64) {
        self.router = router
        self.capacities = capacities
        stream = RandomStream(seed: seed, name: "router")
    }

    /// The engine of a pool that a request goes to, as far as the signals tell.
    mutating func choose(
        among pool: Range<Int>, for request: TokenRequest, seeing seen: RoutingSignals
    ) -> Int {
        switch router {
        case .random: return stream.integer(in: pool)
        case .roundRobin:
            defer { next = (next + 1) % pool.count }
            return pool.lowerBound + next
        case .leastRequests: return Self.least(of: pool) { Double(seen.requests[$0]) }
        case .powerOfTwo:
            let (one, other) = (stream.integer(in: pool), stream.integer(in: pool))
            return seen.requests[other] < seen.requests[one] ? other : one
        case .weightedQueue: return Self.least(of: pool) { Double(3 * seen.waiting[$0] + seen.requests[$0]) }
        case .leastTokens: return Self.least(of: pool) { Double(seen.tokens[$0]) / capacities[$0] }
        case .leastMemory: return Self.least(of: pool) { seen.memory[$0] + Double(seen.waiting[$0]) }
        case .affinity:
            let least = Self.least(of: pool) { Double(seen.requests[$0]) }
            guard let key = Self.home(request) else { return least }
            if let home = homes[key], seen.requests[home] <= 2 * seen.requests[least] + 4 { return home }
            homes[key] = least
            return least
        }
    }

    private static func home(_ request: TokenRequest) -> UInt32? {
        switch request.prefix {
        case .none: nil
        case .group(let id, _): id
        case .session(let id, _, _): id ^ 0x8000_0000
        case .blocks(let first, _, _): UInt32(bitPattern: first)
        }
    }

    private static func least(of pool: Range<Int>, by cost: (Int) -> Double) -> Int {
        var (best, lowest) = (pool.lowerBound, Double.infinity)
        for engine in pool {
            let own = cost(engine)
            if own < lowest { (best, lowest) = (engine, own) }
        }
        return best
    }
}
