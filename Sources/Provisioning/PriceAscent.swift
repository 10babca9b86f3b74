/// Better prices by subgradient steps: at any prices the overdraft of the types under the knapsacks' covers is a
/// direction in which the bound rises (Held, Wolfe and Crowder, Mathematical Programming 6, 1974; step lengths after
/// Polyak; directions averaged as in Barahona and Anbil's volume algorithm, Mathematical Programming 87, 2000).
///
/// Unlike a linear program over all pairs this knows that servers are whole, and a step costs only one knapsack for
/// each model. It goes on from where it stopped.
struct PriceAscent {
    /// Steps without a gain before the step length shrinks and the ascent returns to the best prices.
    private static let patience = 10
    /// Steps between two looks at the progress.
    private static let span = 40
    /// The step length below which nothing more is to be gained.
    private static let leastStep = 0.02

    private var direction: [Double]
    private var step = 1.0
    private var stalled = 0
    private var current: PricedCovers?
    /// Whether no step gains anything any more.
    private(set) var isExhausted = false

    init(typeCount: Int) { direction = [Double](repeating: 0, count: typeCount) }

    /// Takes up to `rounds` steps; ends early where the gap is closed or the bound rises too slowly to matter.
    ///
    /// - Parameter exchangeEvery: after so many steps an allocation is built at the prices reached.
    mutating func run(_ search: inout PlanSearch, rounds: Int, exchangeEvery: Int) {
        let program = search.program
        var lookedAt = (round: 0, bound: search.bound)
        for round in 0..<rounds where !search.isClosed && !isExhausted {
            guard let covers = current ?? search.priced else { return }
            // Polyak's step needs the optimum; it is at most the best allocation and not far above the bound.
            let target = min(search.best?.cost ?? .infinity, search.bound + 3e-3 * abs(search.bound))
            var length = 0.0
            for type in 0..<program.typeCount {
                let overdraft = Double(covers.use[type] - program.available[type])
                direction[type] = 0.7 * direction[type] + 0.3 * overdraft
                if covers.prices[type] > 0 || direction[type] > 0 {
                    length += direction[type] * direction[type]
                }
            }
            guard length > 1e-12 else { return }
            let scale = step * max(0, target - covers.bound) / length
            let prices = zip(covers.prices, direction).map { max(0, $0 + scale * $1) }
            let before = search.bound
            search.effort.priceSteps += 1
            guard let next = search.price(prices) else { return }
            current = next
            stalled = search.bound > before + 1e-6 * abs(before) ? 0 : stalled + 1
            if stalled > Self.patience {
                step *= 0.6
                stalled = 0
                current = nil
                for type in direction.indices { direction[type] = 0 }
                if step < Self.leastStep { isExhausted = true }
            }
            if (round + 1) % exchangeEvery == 0 {
                search.exchangeFromNothing(first: round / exchangeEvery)
            }
            if round - lookedAt.round >= Self.span {
                if search.bound - lookedAt.bound < search.gap / 200 * abs(search.bound) { return }
                lookedAt = (round, search.bound)
            }
        }
    }
}
