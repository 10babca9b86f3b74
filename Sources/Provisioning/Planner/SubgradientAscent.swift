/// Better prices by subgradient steps: at any prices the overdraft of the types under the knapsacks' covers
/// is a direction in which the bound rises (Held, Wolfe and Crowder, Mathematical Programming 6, 1974;
/// directions averaged as in Barahona and Anbil's volume algorithm, Mathematical Programming 87, 2000).
///
/// Polyak's step length needs the optimum. A target a little above the best bound stands in for it, lowered
/// where it is out of reach and raised where it is reached at once (the target level of Goffin and Kiwiel,
/// Mathematical Programming 85, 1999).
///
/// Unlike a linear program over all pairs this knows that servers are whole, and a step costs only one
/// knapsack for each model, most of them settled by the covers of the step before. It goes on from where it
/// stopped.
struct SubgradientAscent {
    /// Steps without a gain before the target is lowered and the ascent returns to the best prices.
    private static let patience = 5
    /// The share of the newest overdraft in the direction.
    private static let newest = 0.6
    /// How far the first target is above the bound, as a share of it.
    private static let firstLevel = 2e-4
    /// The level below which nothing more is to be gained, as a share of the gap to be proven.
    private static let leastLevel = 1e-3

    private var direction: [Double]
    private var level = Self.firstLevel
    private var stalled = 0
    private var current: PricedCovers?
    /// Whether no step gains anything any more.
    private(set) var isExhausted = false

    init(typeCount: Int) { direction = [Double](repeating: 0, count: typeCount) }

    /// Takes up to `rounds` steps; ends early where the gap is closed.
    mutating func run(_ search: inout PlanSearch, rounds: Int) {
        let program = search.program
        for _ in 0..<rounds where !search.isClosed && !isExhausted {
            guard let covers = current ?? search.priced else { return }
            var length = 0.0
            for type in 0..<program.typeCount {
                let overdraft = Double(covers.use[type] - program.available[type])
                direction[type] =
                    current == nil
                    ? overdraft : (1 - Self.newest) * direction[type] + Self.newest * overdraft
                if covers.prices[type] > 0 || direction[type] > 0 {
                    length += direction[type] * direction[type]
                } else {
                    direction[type] = 0
                }
            }
            guard length > 1e-12 else {
                isExhausted = true
                return
            }
            let before = search.bound
            let rise = level * abs(before)
            let scale = max(0, before + rise - covers.bound) / length
            let prices = zip(covers.prices, direction).map { max(0, $0 + scale * $1) }
            search.effort.priceSteps += 1
            guard let next = search.price(prices, known: covers.counts) else { return }
            current = next
            let gain = search.bound - before
            stalled = gain > 0.1 * rise ? 0 : stalled + 1
            if gain > 0.5 * rise { level *= 2 }
            if stalled > Self.patience {
                level *= 0.5
                stalled = 0
                current = nil
                if level < Self.leastLevel * search.gap { isExhausted = true }
            }
        }
    }
}
