import Randomness
/// One option for each chooser under limits they share, by simulated annealing (Kirkpatrick, Gelatt and
/// Vecchi, Science 220, 1983):
///
///     minimise    sum_m excess[choice m] + sum_h price[h] * max(0, limit[h] - use[h])
///                                        + sum_h penalty  * max(0, use[h] - limit[h])
///
/// with `use[h]` what the chosen options take of resource h. The penalty is kept about as large as the
/// temperature: a search that may overdraw a resource for a while moves through states in which everything is
/// taken, which one that may not cannot leave. The choices returned overdraw nothing.
///
/// Acceptance uses a power in place of the exponential, so that every platform takes the same steps:
/// the same input and seed give the same choices. A move costs O(resources of two options).
package struct ChoiceAnnealing {
    /// The options of all choosers, flat.
    package struct Options {
        /// Where each chooser's options begin in `excess`; one more than there are choosers.
        package var starts: [Int32] = [0]
        /// What an option costs beyond the cheapest one of its chooser.
        package var excess: [Double] = []
        /// Where each option's uses begin; one more than there are options.
        package var useStarts: [Int32] = [0]
        /// The resource of each use.
        package var resources: [Int32] = []
        /// How much of it.
        package var amounts: [Int32] = []

        package init() {}

        package var chooserCount: Int { starts.count - 1 }

        /// Adds an option to the chooser that is being listed.
        package mutating func add(excess: Double, uses: some Sequence<(resource: Int, amount: Int)>) {
            self.excess.append(excess)
            for use in uses {
                resources.append(Int32(use.resource))
                amounts.append(Int32(use.amount))
            }
            useStarts.append(Int32(resources.count))
        }

        /// Ends the list of a chooser; it has at least one option.
        package mutating func endChooser() { starts.append(Int32(excess.count)) }
    }

    /// How long and how warm.
    package struct Schedule {
        /// Moves tried in all.
        package var moves: Int
        /// The temperature at the start, in the unit of the excess.
        package var temperature: Double
        /// The temperature at the end over that at the start.
        package var cooling = 0.01
        /// The price of overdrawing a resource by one.
        package var penalty: Double
        /// The search ends at a state that overdraws nothing and costs at most this.
        package var sufficient: Double

        package init(moves: Int, temperature: Double, penalty: Double, sufficient: Double) {
            self.moves = moves
            self.temperature = temperature
            self.penalty = penalty
            self.sufficient = sufficient
        }
    }

    /// A state of the search.
    package struct Choice {
        /// The option of each chooser, counted from its own first one.
        package var options: [Int]
        /// The objective.
        package var cost: Double
        /// By how much all resources together are overdrawn.
        package var overdraft: Int
    }

    /// What a search ended with.
    package struct Outcome {
        /// The last state; it may overdraw resources.
        package var last: Choice
        /// The best state seen at a checkpoint that overdraws nothing; nil where none did.
        package var best: Choice?
        package var moves: Int
    }

    /// Moves between two looks at the temperature and the state.
    private static let stride = 512

    private let options: Options
    private let limits: [Int]
    private let prices: [Double]

    package init(options: Options, limits: [Int], prices: [Double]) {
        precondition(limits.count == prices.count, "one price for each limit")
        self.options = options
        self.limits = limits
        self.prices = prices
    }

    /// Searches from the given options, by default each chooser's first.
    package func search(_ schedule: Schedule, from start: [Int]? = nil, seed: UInt64) -> Outcome {
        let choosers = options.chooserCount
        var chosen = start ?? [Int](repeating: 0, count: choosers)
        var use = [Int](repeating: 0, count: limits.count)
        for chooser in 0..<choosers {
            let option = Int(options.starts[chooser]) + chosen[chooser]
            for index in Int(options.useStarts[option])..<Int(options.useStarts[option + 1]) {
                use[Int(options.resources[index])] += Int(options.amounts[index])
            }
        }
        return chosen.withUnsafeMutableBufferPointer { chosen in
            use.withUnsafeMutableBufferPointer { use in
                run(schedule, chosen, use, seed: seed)
            }
        }
    }

    private func run(
        _ schedule: Schedule, _ chosen: UnsafeMutableBufferPointer<Int>,
        _ use: UnsafeMutableBufferPointer<Int>, seed: UInt64
    ) -> Outcome {
        let choosers = options.chooserCount
        var words = XorShift64Star(seed: seed)
        var cost = total(chosen, use, penalty: schedule.penalty)
        var best: Choice?
        let stages = max(1, schedule.moves / Self.stride)
        // The factor that multiplies up to `cooling` over all stages, by bisection: no library's `pow`.
        let factor = Self.root(of: schedule.cooling, stages)
        var temperature = schedule.temperature
        var moves = 0
        options.starts.withUnsafeBufferPointer { starts in
            options.excess.withUnsafeBufferPointer { excess in
                for _ in 0..<stages {
                    for _ in 0..<Self.stride {
                        let chooser = Int(words.next() >> 33) % choosers
                        let first = Int(starts[chooser])
                        let size = Int(starts[chooser + 1]) - first
                        // Squared, so that options of little excess come up more often.
                        let share = words.unit()
                        let new = Int(share * share * Double(size))
                        let old = chosen[chooser]
                        if new == old { continue }
                        var change = excess[first + new] - excess[first + old]
                        change += apply(first + old, -1, use, schedule.penalty)
                        change += apply(first + new, 1, use, schedule.penalty)
                        if change <= 0 || Self.accepts(change / temperature, words.unit()) {
                            chosen[chooser] = new
                            cost += change
                        } else {
                            shift(first + new, -1, use)
                            shift(first + old, 1, use)
                        }
                    }
                    moves += Self.stride
                    temperature *= factor
                    if cost < best?.cost ?? .infinity, overdraft(use) == 0 {
                        // Summed afresh: the running sum gathers rounding errors.
                        cost = total(chosen, use, penalty: schedule.penalty)
                        best = Choice(options: Array(chosen), cost: cost, overdraft: 0)
                        if cost <= schedule.sufficient { return }
                    }
                }
            }
        }
        let last = Choice(
            options: Array(chosen), cost: total(chosen, use, penalty: schedule.penalty),
            overdraft: overdraft(use))
        return Outcome(last: last, best: best, moves: moves)
    }

    /// Changes the use by one option and says by how much the cost of the resources changes.
    @inline(__always)
    private func apply(
        _ option: Int, _ sign: Int, _ use: UnsafeMutableBufferPointer<Int>, _ penalty: Double
    ) -> Double {
        options.useStarts.withUnsafeBufferPointer { useStarts in
            options.resources.withUnsafeBufferPointer { resources in
                options.amounts.withUnsafeBufferPointer { amounts in
                    limits.withUnsafeBufferPointer { limits in
                        prices.withUnsafeBufferPointer { prices in
                            var change = 0.0
                            for index in Int(useStarts[option])..<Int(useStarts[option + 1]) {
                                let resource = Int(resources[index])
                                let before = limits[resource] - use[resource]
                                let after = before - sign * Int(amounts[index])
                                use[resource] = limits[resource] - after
                                change +=
                                    after >= 0 ? prices[resource] * Double(after) : -penalty * Double(after)
                                change -=
                                    before >= 0
                                    ? prices[resource] * Double(before) : -penalty * Double(before)
                            }
                            return change
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func shift(_ option: Int, _ sign: Int, _ use: UnsafeMutableBufferPointer<Int>) {
        options.useStarts.withUnsafeBufferPointer { useStarts in
            options.resources.withUnsafeBufferPointer { resources in
                options.amounts.withUnsafeBufferPointer { amounts in
                    for index in Int(useStarts[option])..<Int(useStarts[option + 1]) {
                        use[Int(resources[index])] += sign * Int(amounts[index])
                    }
                }
            }
        }
    }

    private func overdraft(_ use: UnsafeMutableBufferPointer<Int>) -> Int {
        limits.indices.reduce(0) { $0 + max(0, use[$1] - limits[$1]) }
    }

    private func total(
        _ chosen: UnsafeMutableBufferPointer<Int>, _ use: UnsafeMutableBufferPointer<Int>, penalty: Double
    ) -> Double {
        var cost = 0.0
        for chooser in chosen.indices {
            cost += options.excess[Int(options.starts[chooser]) + chosen[chooser]]
        }
        for resource in limits.indices {
            let free = limits[resource] - use[resource]
            cost += free >= 0 ? prices[resource] * Double(free) : -penalty * Double(free)
        }
        return cost
    }

    /// Accepts a rise of x temperatures with probability (1 - x / 16)^16, close to exp(-x), and never beyond
    /// 16.
    @inline(__always)
    private static func accepts(_ rise: Double, _ draw: Double) -> Bool {
        let base = 1 - rise / 16
        guard base > 0 else { return false }
        let fourth = (base * base) * (base * base)
        return draw < (fourth * fourth) * (fourth * fourth)
    }

    private static func root(of value: Double, _ degree: Int) -> Double {
        var low = 0.0
        var high = 1.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            var power = 1.0
            for _ in 0..<degree {
                power *= middle
                if power < value { break }
            }
            if power < value { low = middle } else { high = middle }
        }
        return high
    }
}
