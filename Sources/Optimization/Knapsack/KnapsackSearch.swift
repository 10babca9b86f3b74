/// Depth-first branch and bound for one integer covering knapsack after another, in memory that is allocated
/// once.
///
///     minimise    sum_j  c_j n_j
///     subject to  sum_j  a_j n_j >= b
///                 sum_j  n_j     >= f                (at least so many items)
///                 |{j : n_j > 0}| <= k               (of at most so many kinds)
///                 sum_j  a_j n_j - loss(n) >= b              (whatever one failure takes)
///                 0 <= n_j <= u_j, n_j integer
///
/// See ``CoveringKnapsack`` for the method. The side conditions only ever remove covers, so the fractional
/// completion stays a bound. The first adds a second one, the cheapest items that make up the number; the
/// last makes up for the worst failure among the items chosen so far: of one of the racks that a kind's items
/// stand evenly in, of some items of one kind, or of the heaviest items whatever their kind
/// (``CoverFailure``).
///
/// An item may have a cheaper twin of the same weight that has to be used up first: a cost per kind that
/// rises once with the number. Covers that break the order are never cheaper, so they are not looked at.
///
/// Not `Sendable`: one search serves one thread.
package final class KnapsackSearch {
    /// What a minimisation found.
    package struct Result {
        /// The cost of the cheapest cover found.
        package let cost: Double
        /// No cover costs less.
        package let bound: Double
        package let nodeCount: Int
    }

    /// The conditions beside the covering row.
    package struct SideConditions: Hashable, Sendable {
        /// f.
        package var leastCount = 0
        /// k.
        package var mostKinds = Int.max

        package static let none = SideConditions()

        package init(leastCount: Int = 0, mostKinds: Int = .max) {
            self.leastCount = leastCount
            self.mostKinds = mostKinds
        }
    }

    /// How many items fit.
    package let capacity: Int

    // Sorted items.
    let costs: UnsafeMutablePointer<Double>
    let weights: UnsafeMutablePointer<Double>
    let limits: UnsafeMutablePointer<Int>
    let positions: UnsafeMutablePointer<Int>
    /// The least cost of the items from an index on.
    let leastCosts: UnsafeMutablePointer<Double>
    private let racks: UnsafeMutablePointer<Int>
    /// Items by descending weight, where the heaviest may be lost.
    private let heaviest: UnsafeMutablePointer<Int>
    /// Where the twin stands that has to be used up before an item; -1 without one.
    private let twins: UnsafeMutablePointer<Int>
    /// The same for a minimisation, where any cheaper item of the same weight is used up first.
    private let equals: UnsafeMutablePointer<Int>
    private let places: UnsafeMutablePointer<Int>
    /// The positions that a known cover does not rule out, in the order of the caller.
    private let kept: UnsafeMutablePointer<Int32>
    private let ratios: UnsafeMutablePointer<Double>
    let counts: UnsafeMutablePointer<Int>
    private let bestCounts: UnsafeMutablePointer<Int>
    let state: UnsafeMutablePointer<State>
    /// Covers of an enumeration: `itemCount` counts each, in sorted order.
    var found: [Int32] = []
    var foundCosts: [Double] = []

    enum Losses {
        case none, rack, itemsOfOneKind, items
    }

    struct State {
        var hasFailures: Bool { losses != .none }
        var itemCount = 0
        var allCount = 0
        var requirement = 0.0
        var knownCost = Double.infinity
        var conditions = SideConditions.none
        var losses = Losses.none
        var lossCount = 0
        var isMinimising = false
        var best = Double.infinity
        var openBound = Double.infinity
        var acceptable = Double.infinity
        var relativeGap = 0.0
        var nodeCount = 0
        var nodeLimit = 0
        var coverLimit = 0
        var isComplete = true
    }

    package init(capacity: Int) {
        self.capacity = capacity
        let room = max(1, capacity)
        costs = .allocate(capacity: room)
        weights = .allocate(capacity: room)
        limits = .allocate(capacity: room)
        positions = .allocate(capacity: room)
        racks = .allocate(capacity: room)
        heaviest = .allocate(capacity: room)
        twins = .allocate(capacity: room)
        equals = .allocate(capacity: room)
        places = .allocate(capacity: room)
        kept = .allocate(capacity: room)
        leastCosts = .allocate(capacity: room + 1)
        ratios = .allocate(capacity: room)
        counts = .allocate(capacity: room)
        bestCounts = .allocate(capacity: room)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        for pointer in [costs, weights, leastCosts, ratios] { pointer.deallocate() }
        for pointer in [limits, positions, racks, heaviest, twins, equals, places, counts, bestCounts] {
            pointer.deallocate()
        }
        kept.deallocate()
        state.deallocate()
    }

    /// Takes up a knapsack. Items without weight or with a limit of 0 are never used.
    ///
    /// - Parameter order: all positions in any order; left sorted by cost per weight. Handing in the order of
    ///   a similar knapsack saves most of the sorting. Ties go to the heavier item, then to the earlier one,
    ///   so that the outcome does not depend on what was handed in.
    /// - Parameter failure: what a cover also covers without; nil where no failure has to be survived.
    /// - Parameter knownCost: of a cover that is known; only cheaper ones are looked for. Items that none of
    ///   them can use are left out: one such item, and fractions of the best one for the rest, cost at least
    ///   as much (Martello and Toth, Knapsack Problems, 1990, section 2.2.3, on reductions). `order` is then
    ///   left as it is.
    /// - Parameter twinOffset: item i has to wait for item i + twinOffset, where that exists and has a limit
    ///   above 0; 0 for none.
    /// - Precondition: costs are not negative, the requirement is positive; a twin is as heavy as its item
    ///   and costs less; with twins there are no conditions, and racks, if any, hold one item each.
    package func prepare(
        costs itemCosts: UnsafePointer<Double>, weights itemWeights: UnsafePointer<Double>,
        limits itemLimits: UnsafePointer<Int>, count: Int, requirement: Double,
        conditions: SideConditions = .none, failure: CoverFailure? = nil,
        knownCost: Double = .infinity, twinOffset: Int = 0, order: UnsafeMutablePointer<Int32>
    ) {
        precondition(count <= capacity, "the search has room for the knapsack")
        var leastRatio = Double.infinity
        for position in 0..<count {
            let weight = itemWeights[position]
            ratios[position] = weight > 0 ? itemCosts[position] / weight : .infinity
            if itemLimits[position] > 0 { leastRatio = min(leastRatio, ratios[position]) }
        }
        var sorted = order
        var sortedCount = count
        if knownCost < .infinity {
            sorted = kept
            sortedCount = 0
            for index in 0..<count {
                let position = Int(order[index])
                guard ratios[position] < .infinity, itemLimits[position] > 0 else { continue }
                let rest = max(0, requirement - itemWeights[position])
                guard itemCosts[position] + rest * leastRatio < knownCost else { continue }
                kept[sortedCount] = Int32(position)
                sortedCount += 1
            }
        }
        sort(sorted, sortedCount, itemWeights)
        let hasSides = conditions != .none || failure != nil
        var used = 0
        for index in 0..<sortedCount {
            let position = Int(sorted[index])
            guard itemWeights[position] > 0, itemLimits[position] > 0 else { continue }
            costs[used] = itemCosts[position]
            weights[used] = itemWeights[position]
            limits[used] = itemLimits[position]
            positions[used] = position
            places[position] = used
            let twin = position + twinOffset
            // The twin has the better ratio, so it has its place already, and is kept where its item is.
            twins[used] = twinOffset > 0 && twin < count && itemLimits[twin] > 0 ? places[twin] : -1
            equals[used] = twins[used] >= 0 || hasSides ? twins[used] : equal(to: used)
            used += 1
        }
        leastCosts[used] = .infinity
        for index in stride(from: used - 1, through: 0, by: -1) {
            leastCosts[index] = min(costs[index], leastCosts[index + 1])
        }
        state.pointee.itemCount = used
        state.pointee.allCount = count
        state.pointee.requirement = requirement
        state.pointee.knownCost = knownCost
        state.pointee.conditions = conditions
        prepare(for: failure)
    }

    private func prepare(for failure: CoverFailure?) {
        switch failure {
        case nil: state.pointee.losses = .none
        case .rack(let itemRacks):
            state.pointee.losses = .rack
            for index in 0..<state.pointee.itemCount { racks[index] = itemRacks[positions[index]] }
        case .itemsOfOneKind(let count):
            state.pointee.losses = .itemsOfOneKind
            state.pointee.lossCount = count
        case .items(let count):
            state.pointee.losses = .items
            state.pointee.lossCount = count
            for index in 0..<state.pointee.itemCount {
                var place = index
                while place > 0, weights[heaviest[place - 1]] < weights[index] {
                    heaviest[place] = heaviest[place - 1]
                    place -= 1
                }
                heaviest[place] = index
            }
        }
    }

    private func sort(
        _ order: UnsafeMutablePointer<Int32>, _ count: Int, _ itemWeights: UnsafePointer<Double>
    ) {
        for index in stride(from: 1, to: count, by: 1) {
            let moving = order[index]
            let ratio = ratios[Int(moving)]
            var place = index
            while place > 0 {
                let other = order[place - 1]
                let otherRatio = ratios[Int(other)]
                if otherRatio < ratio { break }
                if otherRatio == ratio {
                    let weight = itemWeights[Int(moving)]
                    let otherWeight = itemWeights[Int(other)]
                    if otherWeight > weight || (otherWeight == weight && other < moving) { break }
                }
                order[place] = other
                place -= 1
            }
            order[place] = moving
        }
    }

    /// The nearest of the next better items that weighs as much as an item; -1 where there is none nearby. Of
    /// two such items the better is the cheaper one.
    private func equal(to index: Int) -> Int {
        let nearby = 12
        for other in stride(from: index - 1, through: max(0, index - nearby), by: -1)
        where weights[other] == weights[index] {
            return other
        }
        return -1
    }

    /// Whether all items together cover, the side condition on kinds left aside.
    var isCoverable: Bool {
        var weight = 0.0
        var count = 0
        for index in 0..<state.pointee.itemCount {
            weight += weights[index] * Double(limits[index])
            count += limits[index]
        }
        return weight >= state.pointee.requirement && count >= state.pointee.conditions.leastCount
    }

    /// The cost of covering what remains with fractions of the items from `first` on: a lower bound.
    @inline(__always)
    func fractionalCost(from first: Int, remaining: Double) -> Double {
        var remaining = remaining
        var cost = 0.0
        var index = first
        let itemCount = state.pointee.itemCount
        while index < itemCount {
            let limit = Double(limits[index])
            let weight = weights[index] * limit
            if weight >= remaining { return cost + costs[index] * (remaining / weights[index]) }
            remaining -= weight
            cost += costs[index] * limit
            index += 1
        }
        return .infinity
    }

    /// The highest count of an item that helps: its limit, or what covers the rest and the worst loss so
    /// far.
    @inline(__always)
    func usefulCount(of index: Int, remaining: Double, missing: Int) -> Int {
        let limit = limits[index]
        let twin = state.pointee.isMinimising ? equals[index] : twins[index]
        if twin >= 0, counts[twin] < limits[twin] { return 0 }
        var useful = 0
        if remaining > 0 {
            let needed = remaining / weights[index]
            guard needed < Double(limit) else { return limit }
            // Rounded up by hand: without SSE 4.1 `ceil` is a call of its own.
            useful = Int(needed)
            if Double(useful) < needed { useful += 1 }
        }
        // Alone, the kind also makes up for what it loses itself.
        switch state.pointee.losses {
        case .none: break
        case .rack:
            if racks[index] > 1 {
                useful = (useful * racks[index] + racks[index] - 2) / (racks[index] - 1) + 1
            }
        case .itemsOfOneKind, .items:
            // Not more than the limit, so that no sum overflows.
            useful += min(limit, state.pointee.lossCount)
        }
        return min(limit, max(useful, missing))
    }
}

// MARK: - The cheapest cover

extension KnapsackSearch {
    /// The cheapest cover, or one within a relative gap of it; nil where none was found, because none exists,
    /// because none is cheaper than the known one by more than the gap, or, with a limit on kinds, because
    /// the node limit came first.
    ///
    /// - Parameter nodeLimit: after so many nodes the rest of the tree only contributes to the bound.
    package func minimise(relativeGap: Double, nodeLimit: Int) -> Result? {
        let itemCount = state.pointee.itemCount
        let knownCost = state.pointee.knownCost
        state.pointee.best = knownCost
        state.pointee.openBound = .infinity
        state.pointee.relativeGap = relativeGap
        state.pointee.acceptable = knownCost * (1 - relativeGap)
        state.pointee.nodeCount = 0
        state.pointee.isMinimising = true
        guard isCoverable else { return nil }
        state.pointee.nodeLimit = max(nodeLimit, itemCount + 1)
        counts.update(repeating: 0, count: itemCount)
        descend(
            to: 0, remaining: state.pointee.requirement, spent: 0,
            missing: state.pointee.conditions.leastCount, kinds: 0, loss: 0)
        let best = state.pointee.best
        guard best < knownCost else { return nil }
        return Result(
            cost: best, bound: min(best, state.pointee.openBound), nodeCount: state.pointee.nodeCount)
    }

    /// The bound that the last minimisation proved, also where it found no cover, or none cheaper than the
    /// known one.
    package var provenBound: Double { min(state.pointee.best, state.pointee.openBound) }
    /// Nodes of the last search tree.
    package var nodeCount: Int { state.pointee.nodeCount }

    /// Writes the best cover in the caller's order of items.
    package func writeBest(to callersCounts: UnsafeMutablePointer<Int>) {
        callersCounts.update(repeating: 0, count: state.pointee.allCount)
        for index in 0..<state.pointee.itemCount { callersCounts[positions[index]] = bestCounts[index] }
    }

    /// What one failure takes of the items chosen up to an index.
    ///
    /// - Parameter loss: the same up to the index before.
    @inline(__always)
    func worstLoss(_ loss: Double, of index: Int) -> Double {
        switch state.pointee.losses {
        case .none: return 0
        case .rack:
            let inOneRack = (counts[index] + racks[index] - 1) / racks[index]
            return max(loss, Double(inOneRack) * weights[index])
        case .itemsOfOneKind:
            let twin = twins[index]
            let whole = counts[index] + (twin >= 0 ? counts[twin] : 0)
            return max(loss, Double(min(state.pointee.lossCount, whole)) * weights[index])
        case .items: return heaviestLoss()
        }
    }

    /// The weight of the heaviest items chosen. O(items).
    private func heaviestLoss() -> Double {
        var left = state.pointee.lossCount
        var loss = 0.0
        for place in 0..<state.pointee.itemCount where left > 0 {
            let index = heaviest[place]
            let taken = min(left, counts[index])
            loss += Double(taken) * weights[index]
            left -= taken
        }
        return loss
    }

    private func descend(
        to index: Int, remaining: Double, spent: Double, missing: Int, kinds: Int, loss: Double
    ) {
        guard index < state.pointee.itemCount, kinds < state.pointee.conditions.mostKinds else { return }
        state.pointee.nodeCount += 1
        var count = usefulCount(of: index, remaining: remaining + loss, missing: missing)
        let weight = weights[index]
        let itemCost = costs[index]
        while count >= 0 {
            let rest = remaining - Double(count) * weight
            let cost = spent + Double(count) * itemCost
            counts[index] = count
            let worst = worstLoss(loss, of: index)
            let open = rest + worst
            if open <= 0, count >= missing {
                if cost < state.pointee.best {
                    state.pointee.best = cost
                    state.pointee.acceptable = cost * (1 - state.pointee.relativeGap)
                    bestCounts.update(from: counts, count: state.pointee.itemCount)
                }
            } else {
                let bound = open > 0 ? cost + fractionalCost(from: index + 1, remaining: open) : cost
                let isCutOff = state.pointee.nodeCount >= state.pointee.nodeLimit
                if bound >= state.pointee.acceptable || isCutOff {
                    // With the better items' counts fixed this bound only grows as the count falls; but not
                    // where fewer items also mean less to lose.
                    let grows = open > 0 && !state.pointee.hasFailures
                    if grows || isCutOff {
                        state.pointee.openBound = min(state.pointee.openBound, grows ? bound : spent)
                        break
                    }
                    state.pointee.openBound = min(state.pointee.openBound, bound)
                } else {
                    let lacking = missing - count
                    let numbered = lacking > 0 ? cost + Double(lacking) * leastCosts[index + 1] : bound
                    if numbered >= state.pointee.acceptable {
                        state.pointee.openBound = min(state.pointee.openBound, numbered)
                    } else {
                        descend(
                            to: index + 1, remaining: rest, spent: cost, missing: max(0, lacking),
                            kinds: count > 0 ? kinds + 1 : kinds, loss: worst)
                    }
                }
            }
            count -= 1
        }
        counts[index] = 0
    }
}
