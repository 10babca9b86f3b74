import Quantities
import Simulation
import Testing

/// Routers that draw engines by what they are worth.
@Suite struct WeightedRouterTests {
    /// Requests by engine, of engines whose steps take 10 ms whatever they do.
    private func counts(_ router: TokenRouter, capacities: [Double], gapMilliseconds: Double) -> [Int] {
        var law = LinearStepLaw()
        law.host = 10_000_000_000
        let engines = capacities.map {
            TokenSimulation.Engine(setup: EngineSetup(blocks: 1000), law: .linear(law), capacity: $0)
        }
        var simulation = TokenSimulation(engines: engines)
        simulation.pools[0].router = router
        let requests = (0..<6000).map {
            TokenRequest(
                id: Int64($0), arrival: Nanoseconds(milliseconds: gapMilliseconds * Double($0)), prompt: 10,
                output: 4)
        }
        var counts = capacities.map { _ in 0 }
        _ = simulation.play(ListedRequests(requests)) { counts[Int($0.engine)] += 1 }
        return counts
    }

    @Test func drawsGoByTheCapacity() {
        let found = counts(.weightedRandom, capacities: [6, 3, 1], gapMilliseconds: 5)
        #expect(found.reduce(0, +) == 6000)
        #expect(abs(Double(found[0]) / 6000 - 0.6) < 0.02 && abs(Double(found[2]) / 6000 - 0.1) < 0.012)
    }

    /// While nobody is held, two draws are as one, but for pairs of unlike engines, which the larger wins.
    @Test func ofTwoTheOneWithFewerForItsCapacityIsTaken() {
        let idle = counts(.weightedPowerOfTwo, capacities: [3, 1], gapMilliseconds: 100)
        // Both draws are the small one in 1 of 16.
        #expect(abs(Double(idle[1]) / 6000 - 1.0 / 16) < 0.01)
        let busy = counts(.weightedPowerOfTwo, capacities: [3, 1], gapMilliseconds: 0.4)
        #expect(abs(Double(busy[1]) / 6000 - 0.25) < 0.05)
    }
}
