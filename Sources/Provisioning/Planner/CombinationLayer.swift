/// Combinations of covers of the first few models, one for each way of using the pools.
///
/// A hash table with linear probing over arrays of numbers; the hash of a use is a linear form of it.
struct CombinationLayer {
    private let poolCount: Int
    /// The use of each pool, `poolCount` numbers for each combination.
    private var uses: [Int32] = []
    /// What the servers cost as their pools' cheapest types.
    private(set) var costs: [Double] = []
    /// What it costs in excess, with the slack that cannot be made good any more.
    private(set) var bounds: [Double] = []
    private var origins: [(state: Int32, cover: Int32)] = []
    private var table: [Int32]
    private var mask: Int

    init(poolCount: Int) {
        self.poolCount = poolCount
        mask = 63
        table = [Int32](repeating: -1, count: 64)
    }

    var count: Int { costs.count }

    func used(_ state: Int, pool: Int) -> Int { Int(uses[state * poolCount + pool]) }

    /// The combination it was made from and the cover that was added.
    func origin(_ state: Int) -> (state: Int, cover: Int) {
        (Int(origins[state].state), Int(origins[state].cover))
    }

    /// All combinations, those with the least bound first.
    var byBound: [Int] {
        costs.indices.sorted { (bounds[$0], $0) < (bounds[$1], $1) }
    }

    /// The combination of no covers.
    mutating func addRoot() {
        add([Int](repeating: 0, count: poolCount), cost: 0, bound: 0, from: (0, 0))
    }

    /// Keeps a combination unless a cheaper one uses the same.
    mutating func add(_ used: [Int], cost: Double, bound: Double, from origin: (state: Int, cover: Int)) {
        let slot = slot(of: used)
        if table[slot] >= 0 {
            let state = Int(table[slot])
            guard cost < costs[state] else { return }
            costs[state] = cost
            bounds[state] = bound
            origins[state] = (Int32(origin.state), Int32(origin.cover))
            return
        }
        table[slot] = Int32(costs.count)
        for use in used { uses.append(Int32(use)) }
        costs.append(cost)
        bounds.append(bound)
        origins.append((Int32(origin.state), Int32(origin.cover)))
        if 2 * costs.count > mask { grow() }
    }

    /// Where the combination that uses the same stands in the table, or would.
    private func slot(of used: [Int]) -> Int {
        var slot = Self.hash(used) & mask
        while table[slot] >= 0, !isEqual(Int(table[slot]), used) { slot = (slot + 1) & mask }
        return slot
    }

    private func isEqual(_ state: Int, _ used: [Int]) -> Bool {
        let first = state * poolCount
        for pool in 0..<poolCount where Int(uses[first + pool]) != used[pool] { return false }
        return true
    }

    private mutating func grow() {
        mask = 2 * mask + 1
        table = [Int32](repeating: -1, count: mask + 1)
        var used = [Int](repeating: 0, count: poolCount)
        for state in costs.indices {
            for pool in 0..<poolCount { used[pool] = Int(uses[state * poolCount + pool]) }
            table[slot(of: used)] = Int32(state)
        }
    }

    private static func hash(_ used: [Int]) -> Int {
        var hash: UInt64 = 0
        for use in used { hash = (hash &+ UInt64(truncatingIfNeeded: use)) &* 0x9e37_79b9_7f4a_7c15 }
        return Int(truncatingIfNeeded: hash >> 32)
    }
}

/// Covers of one model over pools.
struct PooledCovers {
    private let poolCount: Int
    private var counts: [Int32] = []
    /// What each costs at the prices beyond the cheapest.
    private(set) var excess: [Double] = []
    /// What its servers cost as their pools' cheapest types.
    private(set) var costs: [Double] = []
    /// The most servers of each pool in any cover.
    private(set) var most: [Int]
    /// All covers, those with the least excess first.
    private(set) var byExcess: [Int] = []

    init(poolCount: Int) {
        self.poolCount = poolCount
        most = [Int](repeating: 0, count: poolCount)
    }

    var count: Int { excess.count }

    func count(_ cover: Int, pool: Int) -> Int { Int(counts[cover * poolCount + pool]) }

    mutating func add(excess: Double, cost: Double, count: (Int) -> Int) {
        self.excess.append(excess)
        costs.append(cost)
        for pool in 0..<poolCount {
            let count = count(pool)
            counts.append(Int32(count))
            most[pool] = max(most[pool], count)
        }
    }

    mutating func sort() {
        byExcess = excess.indices.sorted { (excess[$0], $0) < (excess[$1], $1) }
    }
}
