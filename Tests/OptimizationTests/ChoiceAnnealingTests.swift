import Optimization
import Randomness
import Testing

@Suite struct ChoiceAnnealingTests {
    private struct Instance {
        var options = ChoiceAnnealing.Options()
        var excess: [[Double]] = []
        var uses: [[[Int]]] = []
        var limits: [Int]
        var prices: [Double]

        init(using words: inout SplitMix64) {
            limits = (0..<3).map { _ in Int.random(in: 2...6, using: &words) }
            prices = (0..<3).map { _ in Double(Int.random(in: 0...3, using: &words)) }
            for _ in 0..<4 {
                var excesses: [Double] = []
                var choices: [[Int]] = []
                for option in 0..<3 {
                    let use = (0..<3).map { _ in Int.random(in: 0...3, using: &words) }
                    excesses.append(option == 0 ? 0 : Double(Int.random(in: 0...9, using: &words)))
                    choices.append(use)
                    options.add(
                        excess: excesses[option],
                        uses: use.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) })
                }
                options.endChooser()
                excess.append(excesses)
                uses.append(choices)
            }
        }

        /// The cost of a choice that overdraws nothing; nil of one that does.
        func cost(_ choice: [Int]) -> Double? {
            var cost = 0.0
            var free = limits
            for (chooser, option) in choice.enumerated() {
                cost += excess[chooser][option]
                for resource in free.indices { free[resource] -= uses[chooser][option][resource] }
            }
            guard free.allSatisfy({ $0 >= 0 }) else { return nil }
            return cost + zip(free, prices).reduce(0) { $0 + Double($1.0) * $1.1 }
        }

        var best: Double? {
            var best: Double?
            for code in 0..<81 {
                let choice = [code % 3, code / 3 % 3, code / 9 % 3, code / 27]
                if let cost = cost(choice) { best = min(best ?? .infinity, cost) }
            }
            return best
        }
    }

    @Test func theBestChoiceOfSmallInstancesIsFound() {
        var words = SplitMix64(seed: 9)
        var feasible = 0
        var found = 0
        for round in 0..<200 {
            let instance = Instance(using: &words)
            let annealing = ChoiceAnnealing(
                options: instance.options, limits: instance.limits, prices: instance.prices)
            let outcome = annealing.search(
                .init(moves: 20_000, temperature: 4, penalty: 8, sufficient: -1), seed: 1)
            guard let best = instance.best else {
                #expect(outcome.best == nil)
                continue
            }
            feasible += 1
            guard let choice = outcome.best else { continue }
            #expect(instance.cost(choice.options) == choice.cost, "round \(round)")
            #expect(choice.cost >= best, "round \(round)")
            if choice.cost == best { found += 1 }
        }
        // It proves nothing, and looks at the state only now and then.
        #expect(feasible > 50 && found * 10 >= feasible * 9, "\(found) of \(feasible)")
    }

    @Test func theSameSeedTakesTheSameSteps() {
        var words = SplitMix64(seed: 10)
        let instance = Instance(using: &words)
        let annealing = ChoiceAnnealing(
            options: instance.options, limits: instance.limits, prices: instance.prices)
        let schedule = ChoiceAnnealing.Schedule(moves: 3000, temperature: 9, penalty: 1, sufficient: -1)
        let once = annealing.search(schedule, seed: 3)
        let again = annealing.search(schedule, seed: 3)
        #expect(once.last.options == again.last.options && once.last.cost == again.last.cost)
        #expect(once.moves == again.moves)
    }
}
