import Randomness

/// Knows which servers take queries and how many each holds, and chooses one for the next query.
struct Dispatcher: Sendable {
    private let rule: DispatchRule
    private let inverseWeights: [Double]
    private let weights: [Double]
    private let limits: [Int32]
    private var held: [Int32]
    private var isOpen: [Bool]
    /// The open servers in order.
    private var open: [Int32] = []
    private var table: AliasTable?
    /// For rules that look at all servers; closed ones stand out.
    private var tree: WinnerTree
    /// Round robin: when each server's turn comes, in dispatches per weight.
    private var turns: [Double]
    private var isStale = false
    private var stream: RandomStream

    init(_ simulation: RequestSimulation) {
        rule = simulation.rule
        weights = simulation.servers.map(\.weight)
        inverseWeights = weights.map { 1 / $0 }
        limits = simulation.servers.map { Int32(clamping: $0.queriesMax ?? .max) }
        held = Array(repeating: 0, count: weights.count)
        isOpen = Array(repeating: false, count: weights.count)
        turns = Array(repeating: 0, count: weights.count)
        tree = WinnerTree(count: max(1, weights.count))
        stream = RandomStream(seed: simulation.seed, name: "dispatch")
    }

    var hasServers: Bool { !open.isEmpty }

    /// The server for the next query; nil where none takes queries.
    @inline(__always)
    mutating func choose() -> Int? {
        guard let first = open.first else { return nil }
        switch rule {
        case .random: return table.map { Int(open[$0.sample(using: &stream)]) }
        case .powerOfTwo:
            guard open.count > 1, let table else { return Int(first) }
            let one = Int(open[table.sample(using: &stream)])
            let other = Int(open[table.sample(using: &stream)])
            return fullness(of: other) < fullness(of: one) ? other : one
        case .roundRobin, .shortestQueue: return tree.winner
        }
    }

    /// Queries held once one more came, for the weight.
    @inline(__always)
    private func fullness(of server: Int) -> Double { Double(held[server] + 1) * inverseWeights[server] }

    @inline(__always)
    func admits(_ server: Int) -> Bool { held[server] < limits[server] }

    @inline(__always)
    mutating func queryEnters(_ server: Int) {
        held[server] += 1
        switch rule {
        case .random, .powerOfTwo: break
        case .roundRobin:
            turns[server] += inverseWeights[server]
            tree[server] = turns[server]
        case .shortestQueue: tree[server] = fullness(of: server)
        }
    }

    @inline(__always)
    mutating func queryLeaves(_ server: Int) {
        held[server] -= 1
        if rule == .shortestQueue, isOpen[server] { tree[server] = fullness(of: server) }
    }

    func queriesHeld(by server: Int) -> Int { Int(held[server]) }

    /// Whether a server that takes no more queries has finished those it had.
    @inline(__always)
    func isEmptied(_ server: Int) -> Bool { held[server] == 0 && !isOpen[server] }

    /// Lets a server take queries. `rebuild` follows.
    mutating func open(_ server: Int) {
        guard !isOpen[server] else { return }
        isOpen[server] = true
        isStale = true
        switch rule {
        case .random, .powerOfTwo: break
        case .roundRobin:
            // It joins at the turn that the others have come to, not with the turns it missed.
            let now = tree[tree.winner]
            turns[server] = (now.isFinite ? now : 0) + inverseWeights[server]
            tree[server] = turns[server]
        case .shortestQueue: tree[server] = fullness(of: server)
        }
    }

    /// Lets a server take no more queries. `rebuild` follows.
    /// - Returns: whether it took any until now.
    mutating func close(_ server: Int) -> Bool {
        guard isOpen[server] else { return false }
        isOpen[server] = false
        isStale = true
        tree[server] = .infinity
        return true
    }

    /// Makes the choice among the servers that are open now. O(servers) where any opened or closed.
    mutating func rebuild() {
        guard isStale else { return }
        isStale = false
        open = isOpen.indices.filter { isOpen[$0] }.map { Int32($0) }
        table = open.isEmpty ? nil : AliasTable(weights: open.map { weights[Int($0)] })
    }
}
