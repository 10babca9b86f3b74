import Catalog
import Quantities
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// What routers make of engines of unlike speed, beside what can be won at best.
@Suite struct RouterContestTests {
    /// Two engines whose steps take `ratio` times as long on the second as on the first.
    private func contest(
        ratio: Double, requests: Int = 1600, output: TokenCounts? = nil
    ) throws -> RouterContest {
        let catalog = try Catalog(directory: Repository.workloads)
        let device = try catalog.device(.accelerator, "h100-sxm5-80gb")
        func engine(_ stretch: Double) -> ServingEngine {
            let times = TokenLaw.Times(
                fixed: 0.00882 * stretch, sequence: 6.3e-5 * stretch, context: 1.15e-8 * stretch,
                prompt: 2.98e-5 * stretch)
            let law = TokenLaw(
                device: device.name, tensorParallel: 1, backend: "a test", times: times,
                residuals: TokenLaw.Residuals(rows: 12, error: 0, leftOut: 0, leftOutP90: 0),
                source: "a test")
            return ServingEngine(
                device: device, rules: EngineRules(sequencesMax: 64, tokenBudget: 8192), timing: .law(law),
                blocks: 20_000, keepsPrefixes: false)
        }
        let long = TokenCounts.logNormal(median: 190, sigma: 0.7, lower: 4, upper: 4000)
        let part = TokenWorkload.Class(
            name: "all", prompt: .logNormal(median: 190, sigma: 0.7, lower: 4, upper: 4000),
            output: output ?? long)
        let cluster = ServingCluster(
            name: "two",
            pools: [
                ServingPool(
                    name: "engines", model: try catalog.languageModel(named: "llama-3.1-8b"),
                    engines: [engine(1), engine(ratio)])
            ])
        return RouterContest(
            cluster,
            TokenWorkload(content: .drawn([part], ratePerSecond: 1, burstiness: 1), count: requests),
            seed: 3)
    }

    private func comparison(
        _ contest: RouterContest, _ wanted: [RoutingRule]
    ) throws -> RouterComparison {
        let entries = contest.entries.filter { wanted.contains($0.router) }
        let present = try entries.map { try contest.figures($0, isPresent: true) }
        return RouterComparison(speeds: try contest.speeds(), present: present, arriving: [], rate: nil)
    }

    /// Equal counts wait for the slower engine: with a ratio of speeds r, (r - 1) / 2 is there to be won.
    @Test(arguments: [1.672, 3.45])
    func whatCanBeWonFollowsFromTheSpeeds(ratio: Double) throws {
        let found = try comparison(contest(ratio: ratio, output: .fixed(200)), [.roundRobin])
        #expect(found.speeds.count == 2)
        #expect(abs(found.speeds[0] / found.speeds[1] / ratio - 1) < 0.01)
        #expect(abs(found.idealGain - (ratio - 1) / 2) < 0.02 * ratio)
        // Turns serve as many as the slower engine allows, up to the tail of a run that ends.
        let turns = try #require(found.present.first).throughput
        #expect(abs(turns / (2 * found.speeds[1]) - 1) < 0.1)
    }

    /// All requests present, so that queues say nothing of speeds until they have been served.
    @Test func knownLengthsAndSpeedsWinMostOfIt() throws {
        let found = try comparison(
            contest(ratio: 3.45, requests: 8000),
            [.roundRobin, .smoothWeighted, .capacityAware, .leastWork])
        func gain(_ router: RoutingRule, _ predicted: PredictedLengths?) throws -> Double {
            let figures = try #require(
                found.present.first { $0.router == router && $0.predicted == predicted })
            return try #require(found.gain(figures))
        }
        let ideal = found.idealGain
        #expect(try gain(.capacityAware, .known) >= 0.8 * ideal)
        #expect(try gain(.capacityAware, .error(sigma: 0.5)) >= 0.5 * ideal)
        #expect(try gain(.roundRobin, nil) == 0)
        #expect(try gain(.smoothWeighted, nil) > 0.3 * ideal)
    }

    /// Where engines are alike there is nothing to win, and nothing is lost.
    @Test func alikeEnginesAreServedAlike() throws {
        let found = try comparison(
            contest(ratio: 1), [.roundRobin, .leastRequests, .capacityAware, .shortestDelay])
        for figures in found.present where figures.predicted == nil || figures.predicted == .known {
            let gain = try #require(found.gain(figures))
            #expect(abs(gain) < 0.03, "\(figures.router): \(gain)")
        }
    }
}
