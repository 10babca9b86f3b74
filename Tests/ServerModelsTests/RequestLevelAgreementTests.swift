import Quantities
import ServerModels
import Simulation
import Testing
import Vocabulary

/// Where the fluid view of a fleet (load against latency-bounded throughput) and the request-level view
/// agree, and where they do not.
///
/// The capacity of a server is the rate of a Poisson stream of its own at which its tail just meets the
/// target. A fleet that is dispatched at random is so many servers of that kind: the views agree up to the
/// capacity. Dispatching to the emptier of two servers smooths each server's stream: the target holds beyond
/// the capacity, until the servers are busy all the time, and the fluid view is the stricter one in between.
@Suite struct RequestLevelAgreementTests {
    private static let servers = 20
    private static let target = LatencyTarget(
        quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 30))

    private let server = singleStage(
        LinearService(overhead: Nanoseconds(200_000), perItem: Nanoseconds(20_000)), threads: 4, batch: 128)
    private let capacity: Double
    private let saturation: Double

    init() {
        let stream = QueryStream(sizes: .deepRecSys, count: 40_000, seed: 6)
        capacity =
            LatencyBoundedThroughput(target: Self.target, powerBudget: nil, stream: stream, seed: 6)
            .evaluate(server).throughput.value
        saturation = QueueSimulation(server: server, stream: stream, seed: 6).saturationRate.value
    }

    private func play(_ rule: DispatchRule, load: Double) throws -> RequestCounts {
        let rate = load * capacity * Double(Self.servers)
        let sampler = QuerySizeSampler(.deepRecSys)
        // As a replay does: servers turn away what they would answer after four limits.
        let queriesMax = Int((capacity * 4 * Self.target.limit.seconds).rounded(.up))
        return RequestSimulation(
            profiles: [server.profile],
            servers: (0..<Self.servers).map { _ in
                SimulatedServer(profile: 0, weight: capacity, queriesMax: queriesMax)
            },
            changes: RequestSimulation.starts(of: Self.servers), rule: rule, latencyLimit: Self.target.limit,
            countedFrom: Nanoseconds(seconds: 2), seed: 1
        ).run(.poisson(.constant(QueriesPerSecond(rate), for: Nanoseconds(seconds: 12)))) {
            sampler.sample(using: &$0)
        }.counted
    }

    @Test(arguments: [DispatchRule.random, .powerOfTwo, .shortestQueue])
    func wellBelowTheCapacityBothSeeNoViolation(rule: DispatchRule) throws {
        for load in [0.3, 0.6, 0.9] {
            let failed = try #require(play(rule, load: load).violationFraction).value
            #expect(failed <= 0.05, "\(rule) at \(load): \(failed)")
        }
    }

    @Test(arguments: [DispatchRule.random, .powerOfTwo])
    func wellAboveTheCapacityBothSeeAViolation(rule: DispatchRule) throws {
        // From saturation on nearly every query is late: the queue in front of it stands.
        for load in [1.15 * saturation / capacity, 2 * saturation / capacity] {
            let counts = try play(rule, load: load)
            #expect(try #require(counts.violationFraction).value > 0.9, "\(rule) at \(load)")
            // What is turned away is what a fluid of the saturation rate could not serve.
            let unserved = 1 - saturation / (load * capacity)
            #expect(abs(Double(counts.dropped) / Double(counts.arrived) - unserved) < 0.02)
        }
    }

    @Test func atTheCapacityTheyAgreeAtRandomAndPowerOfTwoDoesBetter() throws {
        let random = try #require(play(.random, load: 1).violationFraction).value
        #expect(abs(random - 0.05) < 0.015, "the target's own share is late: \(random)")
        let powerOfTwo = try #require(play(.powerOfTwo, load: 1).violationFraction).value
        #expect(powerOfTwo < 0.6 * random)
        #expect(capacity < saturation)
        // Between the capacity and saturation the fluid view sees a violation that power of two does not
        // have.
        let between = 1 + 0.3 * (saturation / capacity - 1)
        #expect(try #require(play(.powerOfTwo, load: between).violationFraction).value <= 0.05)
        #expect(try #require(play(.random, load: between).violationFraction).value > 0.05)
    }

    @Test func aShortStreamMisjudgesServersThatMeetTheirTargetOnlyNearlyFull() throws {
        // Six copies that join up to 2,048 items: a launch takes 15 of the 25 ms, so only a queue that builds
        // up breaks the target, and that shows late. The rate found over 4,000 queries depends on which ones
        // they are.
        let device = singleStage(
            LinearService(overhead: Nanoseconds(3_000_000), perItem: Nanoseconds(6000)), threads: 6,
            batch: 2048,
            fusionLimit: 2048)
        let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 25))
        func rates(_ queries: Int, _ seeds: Range<UInt64>) -> [Double] {
            seeds.map { seed in
                let stream = QueryStream(sizes: .deepRecSys, count: queries, seed: seed)
                return LatencyBoundedThroughput(target: target, powerBudget: nil, stream: stream, seed: seed)
                    .evaluate(device).throughput.value
            }
        }
        func spread(_ rates: [Double]) -> Double { (rates.max() ?? 0) / (rates.min() ?? 1) - 1 }
        let short = rates(4000, 0..<8)
        let long = rates(40_000, 0..<4)
        #expect(spread(short) > 0.04 && spread(long) < spread(short), "\(short) \(long)")
        let sampler = QuerySizeSampler(.deepRecSys)
        func failed(at rate: Double) throws -> Double {
            let outcome = RequestSimulation(
                profiles: [device.profile], servers: [SimulatedServer(profile: 0, weight: 1)],
                changes: RequestSimulation.starts(of: 1), rule: .random, latencyLimit: target.limit,
                countedFrom: Nanoseconds(seconds: 5), seed: 3
            ).run(.poisson(.constant(QueriesPerSecond(rate), for: Nanoseconds(seconds: 65)))) {
                sampler.sample(using: &$0)
            }
            return try #require(outcome.counted.violationFraction).value
        }
        #expect(try failed(at: short.max() ?? 0) > 0.15, "the luckiest rate does not hold")
        #expect(try failed(at: 0.9 * (long.min() ?? 0)) < 0.05)
    }

    @Test func contentionAmongThreadsActsAsInTheSearch() throws {
        // Twice as slow with all threads busy as alone, and a little slower after idling.
        let contention = Contention(
            byBusyThreads: [1, 4.0 / 3, 5.0 / 3, 2], afterIdle: 1.2, wakeUp: Nanoseconds(100_000))
        let stage = server.stages[0]
        let contended = ScheduledServer(
            schedule: server.schedule,
            profile: ServerProfile(
                pieceItemsMax: server.profile.pieceItemsMax,
                stages: [.init(threads: stage.threads, service: stage.service, contention: contention)]),
            cores: server.cores, power: server.power, provenance: .modelled)
        let stream = QueryStream(sizes: .deepRecSys, count: 60_000, seed: 6)
        let simulation = QueueSimulation(server: contended, stream: stream, seed: 6)
        let sampler = QuerySizeSampler(.deepRecSys)
        for load in [0.3, 0.7] {
            let rate = QueriesPerSecond(simulation.saturationRate.value * load)
            let latencies = simulation.run(at: rate).latencies.map(\.milliseconds).sorted()
            let outcome = RequestSimulation(
                profiles: [contended.profile], servers: [SimulatedServer(profile: 0, weight: 1)],
                changes: RequestSimulation.starts(of: 1), rule: .random, latencyLimit: Self.target.limit,
                seed: 9
            ).run(.poisson(.constant(rate, for: Nanoseconds(seconds: 60_000 / rate.value)))) {
                sampler.sample(using: &$0)
            }
            let mean = latencies.reduce(0, +) / Double(latencies.count)
            let tail = latencies[latencies.count * 95 / 100]
            #expect(abs(try #require(outcome.latencies.mean).milliseconds / mean - 1) < 0.03, "\(load)")
            let found = try #require(outcome.latencies.quantile(Quantile(0.95))).milliseconds
            #expect(abs(found / tail - 1) < 0.05, "\(load)")
        }
    }
}
