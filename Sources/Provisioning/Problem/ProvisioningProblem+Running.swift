extension ProvisioningProblem {
    /// An allocation with servers added that run and that it would give up, as long as there are any and they
    /// are wanted. O(models x types log types + servers kept).
    ///
    /// - Parameters:
    ///   - counts: the plan, which takes no more servers than there are.
    ///   - running: servers that run, as N[m, h].
    ///   - rank: what a pair's servers cost while they are kept; for what they serve, the least comes first.
    ///   - isWanted: whether one more server of a pair is, beside the model's servers in an allocation.
    func retaining(
        _ counts: Counts, running: Counts, rank: (_ pair: Int) -> Double,
        isWanted: (_ pair: Int, _ model: Int, _ counts: Counts) -> Bool
    ) -> Counts {
        var counts = counts
        let types = serverTypes.count
        var free = available
        for pair in counts.indices { free[pair % types] -= counts[pair] }
        for model in models.indices {
            let pairs = (0..<types).map { index(model: model, serverType: $0) }
            let surplus = pairs.filter { running[$0] > counts[$0] && throughputs[$0] > 0 }.sorted {
                (rank($0) / throughputs[$0], $0) < (rank($1) / throughputs[$1], $1)
            }
            for pair in surplus {
                while counts[pair] < running[pair], free[pair % types] > 0, isWanted(pair, model, counts) {
                    counts[pair] += 1
                    free[pair % types] -= 1
                }
            }
        }
        return counts
    }
}
