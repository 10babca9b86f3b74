import Optimization
import Randomness
import Testing

/// Layers of a model placed on machines.
@Suite struct LayerPlacementTests {
    /// All placements of a small instance.
    private func bruteForce(_ one: LayerPlacement) -> Double {
        var all: [[LayerPlacement.Held?]] = [[]]
        for machine in one.machines {
            var places: [LayerPlacement.Held?] = [nil]
            for count in machine.rates.indices.map({ $0 + 1 }) where count <= one.layers {
                places += (0...(one.layers - count)).map { .init(start: $0, count: count) }
            }
            all = all.flatMap { begin in places.map { begin + [$0] } }
        }
        return all.map(one.flow).max() ?? 0
    }

    private func drawn(_ seed: UInt64) -> LayerPlacement {
        var stream = RandomStream(seed: seed, name: "placements")
        let layers = 3 + stream.integer(in: 0..<3)
        let machines = (0..<(2 + stream.integer(in: 0..<2))).map { _ in
            var rate = 5 + 20 * stream.uniform()
            return LayerPlacement.Machine(
                rates: (0..<(1 + stream.integer(in: 0..<3))).map { _ in
                    defer { rate *= 0.3 + 0.6 * stream.uniform() }
                    return rate
                })
        }
        return LayerPlacement(
            layers: layers, machines: machines, link: stream.uniform() < 0.3 ? 4 : .infinity)
    }

    @Test(arguments: 0..<60)
    func noPlacementPassesMoreThanTheBoundAndTheSearchFindsTheBest(seed: UInt64) {
        let one = drawn(seed)
        let expected = bruteForce(one)
        let found = one.best()
        #expect(abs(found.flow - expected) <= 1e-9 * max(1, expected))
        #expect(one.bound() >= expected * (1 - 1e-9) && found.bound >= found.flow)
        // What is said to pass is what passes.
        #expect(one.flow(found.held) == found.flow)
    }

    /// Tokens pass from a machine to the one whose first layer is the next, and nowhere else.
    @Test func flowsFollowTheLayers() {
        let machine = LayerPlacement.Machine(rates: [10, 6])
        let one = LayerPlacement(layers: 4, machines: [machine, machine, machine])
        #expect(one.flow([.init(start: 0, count: 2), .init(start: 2, count: 2), nil]) == 6)
        #expect(one.flow([.init(start: 0, count: 2), .init(start: 1, count: 2), nil]) == 0)
        // Layers in between are held by nobody else.
        #expect(one.flow([.init(start: 0, count: 2), .init(start: 3, count: 1), nil]) == 0)
        // More than it can hold, or beyond the last layer, is nothing.
        #expect(one.flow([.init(start: 0, count: 3), .init(start: 3, count: 1), nil]) == 0)
        let slow = LayerPlacement(layers: 4, machines: [machine, machine], link: 2)
        #expect(slow.flow([.init(start: 0, count: 2), .init(start: 2, count: 2)]) == 2)
    }

    /// Two machines side by side add up.
    @Test func machinesSideBySideAddUp() {
        let machine = LayerPlacement.Machine(rates: [10, 6])
        let one = LayerPlacement(layers: 2, machines: [machine, machine])
        #expect(one.flow([.init(start: 0, count: 2), .init(start: 0, count: 2)]) == 12)
        // One layer each passes 10, both each pass 12: the search knows.
        #expect(one.best().flow == 12)
    }

    @Test func whatDoesNotFitPassesNothing() {
        let one = LayerPlacement(layers: 5, machines: [.init(rates: [3, 2]), .init(rates: [3, 2])])
        #expect(one.best().flow == 0 && one.bound() == 0)
        #expect(LayerPlacement(layers: 1, machines: []).best().flow == 0)
    }
}
