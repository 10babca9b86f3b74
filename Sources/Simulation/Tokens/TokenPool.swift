import Quantities

/// Engines of one model among which a router chooses: all alike in role, or some that read prompts and some
/// that generate answers.
public struct TokenPool: Sendable {
    public var engines: [TokenSimulation.Engine]
    public var router = TokenRouter.leastRequests
    /// Chooses among the engines that generate, where others read.
    public var decodeRouter = TokenRouter.leastTokens
    public var link: TokenSimulation.Link?
    /// What becomes of the requests of an engine that fails.
    public var failureRule = FailureRule.restart

    public init(engines: [TokenSimulation.Engine]) { self.engines = engines }

    /// In the order in which they are numbered: those that read before those that only generate.
    public var ordered: [TokenSimulation.Engine] {
        engines.filter { $0.setup.role != .decode } + engines.filter { $0.setup.role == .decode }
    }

    /// What keeps the pool from being played; nil where nothing does.
    var fault: String? {
        if engines.isEmpty { return "no engines" }
        for (index, engine) in engines.enumerated() {
            if let fault = engine.setup.fault ?? engine.life.fault { return "engine \(index + 1): \(fault)" }
        }
        let roles = Set(engines.map(\.setup.role))
        if roles.contains(.mixed), roles.count > 1 { return "engines that do all beside engines of one role" }
        if roles == [.prefill] { return "engines that read, and none that generates" }
        if roles == [.decode] { return "engines that generate, and none that reads" }
        return nil
    }
}

/// Where requests of a class go when they arrive.
public enum TokenEntry: Sendable, Hashable {
    /// To the engines of a pool.
    case target(TokenTarget)
    /// Through the stages of a graph.
    case graph(Int)
}

/// A pool as it is played.
struct PoolState {
    let readers: Range<Int>
    /// nil where every engine does all.
    let writers: Range<Int>?
    let link: TokenSimulation.Link?
    var linkFree: Int64 = 0
    /// What waits for an engine to come up, in order.
    var pending: [RoutedRequest] = []
    var routing: RoutingState
    var decodeRouting: RoutingState

    /// - Parameters:
    ///   - first: the number of the pool's first engine.
    ///   - capacities: of all engines of the cluster.
    init(_ pool: TokenPool, index: Int, first: Int, capacities: [Double], seed: UInt64) {
        let count = pool.engines.count { $0.setup.role != .decode }
        readers = first..<first + count
        writers = count < pool.engines.count ? first + count..<first + pool.engines.count : nil
        link = pool.link
        let own = seed &+ UInt64(index) &* 0x1_0000_0001
        routing = RoutingState(pool.router, capacities: capacities, seed: own)
        decodeRouting = RoutingState(pool.decodeRouter, capacities: capacities, seed: own &+ 1)
    }
}
