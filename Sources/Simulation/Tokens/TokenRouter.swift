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

    /// - Parameter cost: what an engine has to do already, by a measure of the router.
    mutating func choose(
        among pool: Range<Int>, for request: TokenRequest, requests: (Int) -> Int, waiting: (Int) -> Int,
        tokens: (Int) -> Int, memory: (Int) -> Double
    ) -> Int {
        switch router {
        case .random: return stream.integer(in: pool)
        case .roundRobin:
            next = (next + 1) % pool.count
            return pool.lowerBound + (next + pool.count - 1) % pool.count
        case .leastRequests: return Self.least(of: pool) { Double(requests($0)) }
        case .powerOfTwo:
            let (one, other) = (stream.integer(in: pool), stream.integer(in: pool))
            return requests(other) < requests(one) ? other : one
        case .weightedQueue: return Self.least(of: pool) { Double(3 * waiting($0) + requests($0)) }
        case .leastTokens: return Self.least(of: pool) { Double(tokens($0)) / capacities[$0] }
        case .leastMemory: return Self.least(of: pool) { memory($0) + Double(waiting($0)) }
        case .affinity:
            let least = Self.least(of: pool) { Double(requests($0)) }
            guard let key = Self.home(request) else { return least }
            if let home = homes[key], requests(home) <= 2 * requests(least) + 4 { return home }
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
