// MARK: - All covers up to a cost

extension KnapsackSearch {
    /// What an enumeration found, beside the covers themselves.
    package struct Listing {
        /// The cost of each cover, in the order they were found.
        package let costs: [Double]
        /// Whether no minimal cover within the cost is missing.
        package let isComplete: Bool
        package let nodeCount: Int
    }

    /// Lists every minimal cover (one that meets the conditions no more when any item is taken out) of at
    /// most the given cost, until so many covers or nodes.
    package func list(costingAtMost cost: Double, coverLimit: Int, nodeLimit: Int) -> Listing {
        found.removeAll(keepingCapacity: true)
        foundCosts.removeAll(keepingCapacity: true)
        state.pointee.nodeCount = 0
        state.pointee.nodeLimit = nodeLimit
        state.pointee.coverLimit = coverLimit
        state.pointee.acceptable = cost
        state.pointee.isComplete = true
        state.pointee.isMinimising = false
        counts.update(repeating: 0, count: state.pointee.itemCount)
        if isCoverable {
            enumerate(
                from: 0, remaining: state.pointee.requirement, spent: 0,
                missing: state.pointee.conditions.leastCount, kinds: 0, loss: 0)
        }
        return Listing(
            costs: foundCosts, isComplete: state.pointee.isComplete, nodeCount: state.pointee.nodeCount)
    }

    /// Writes one cover of the last listing in the caller's order of items.
    package func writeListed(_ cover: Int, to callersCounts: UnsafeMutablePointer<Int>) {
        callersCounts.update(repeating: 0, count: state.pointee.allCount)
        let itemCount = state.pointee.itemCount
        for index in 0..<itemCount { callersCounts[positions[index]] = Int(found[cover * itemCount + index]) }
    }

    private func enumerate(
        from index: Int, remaining: Double, spent: Double, missing: Int, kinds: Int, loss: Double
    ) {
        guard index < state.pointee.itemCount, kinds < state.pointee.conditions.mostKinds else { return }
        state.pointee.nodeCount += 1
        var count = usefulCount(of: index, remaining: remaining + loss, missing: missing)
        let weight = weights[index]
        let itemCost = costs[index]
        while count >= 0 {
            if state.pointee.nodeCount >= state.pointee.nodeLimit
                || foundCosts.count >= state.pointee.coverLimit
            {
                state.pointee.isComplete = false
                break
            }
            let rest = remaining - Double(count) * weight
            let cost = spent + Double(count) * itemCost
            counts[index] = count
            let worst = worstLoss(loss, of: index)
            let open = rest + worst
            if open <= 0, count >= missing {
                if cost <= state.pointee.acceptable, isMinimal(rest: rest, upTo: index) { keep(cost) }
            } else {
                let bound = open > 0 ? cost + fractionalCost(from: index + 1, remaining: open) : cost
                if bound > state.pointee.acceptable {
                    if open > 0, !state.pointee.hasFailures { break }
                } else {
                    let lacking = missing - count
                    if lacking <= 0
                        || cost + Double(lacking) * leastCosts[index + 1] <= state.pointee.acceptable
                    {
                        enumerate(
                            from: index + 1, remaining: rest, spent: cost, missing: max(0, lacking),
                            kinds: count > 0 ? kinds + 1 : kinds, loss: worst)
                    }
                }
            }
            count -= 1
        }
        counts[index] = 0
    }

    private func keep(_ cost: Double) {
        foundCosts.append(cost)
        for index in 0..<state.pointee.itemCount { found.append(Int32(truncatingIfNeeded: counts[index])) }
    }

    /// Whether no item can be taken out: each used one is heavier than what is covered beyond the
    /// requirement, or the number of items is the least allowed.
    ///
    /// - Parameter rest: the requirement less all that is chosen.
    private func isMinimal(rest: Double, upTo last: Int) -> Bool {
        let leastCount = state.pointee.conditions.leastCount
        if leastCount > 0 {
            var count = 0
            for index in 0...last { count += counts[index] }
            if count <= leastCount { return true }
        }
        for index in 0...last where counts[index] > 0 {
            var worst = 0.0
            if state.pointee.hasFailures {
                counts[index] -= 1
                for other in 0...last { worst = worstLoss(worst, of: other) }
                counts[index] += 1
            }
            if rest + weights[index] + worst <= 0 { return false }
        }
        return true
    }
}
