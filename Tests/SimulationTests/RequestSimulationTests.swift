import Quantities
import Randomness
import Simulation
import Testing

private let second = Nanoseconds(1_000_000_000)

/// A fleet of equal servers that all serve from the start.
private func fleet(
    _ profile: ServerProfile, servers: Int, rule: DispatchRule, seed: UInt64, countedFrom: Nanoseconds = .zero
) -> RequestSimulation {
    RequestSimulation(
        profiles: [profile], servers: (0..<servers).map { _ in SimulatedServer(profile: 0, weight: 1) },
        changes: RequestSimulation.starts(of: servers), rule: rule, latencyLimit: second,
        countedFrom: countedFrom, seed: seed)
}

/// The request-level simulation against the closed formulas of queueing theory. Mean service times are 1 ms.
@Suite struct RequestQueueingTests {
    private static let mean = Nanoseconds(1_000_000)

    private func meanMilliseconds(
        _ profile: ServerProfile, servers: Int, rule: DispatchRule, utilisation: Double, threads: Int = 1,
        count: Double = 400_000
    ) throws -> Double {
        let rate = utilisation * 1000 * Double(servers * threads)
        let span = Nanoseconds(seconds: count / rate)
        let outcome = fleet(
            profile, servers: servers, rule: rule, seed: 21, countedFrom: Nanoseconds(span.count / 20)
        ).run(.poisson(.constant(QueriesPerSecond(rate), for: span)))
        #expect(outcome.counted.waiting == 0)
        return try #require(outcome.latencies.mean).milliseconds
    }

    @Test(arguments: [(1, 0.3), (1, 0.8), (4, 0.75), (16, 0.9)])
    func exponentialServiceMatchesErlangC(threads: Int, utilisation: Double) throws {
        let found = try meanMilliseconds(
            .exponential(mean: Self.mean, threads: threads), servers: 1, rule: .random,
            utilisation: utilisation, threads: threads)
        let offered = utilisation * Double(threads)
        var blocking = 1.0
        for count in 1...threads { blocking = offered * blocking / (Double(count) + offered * blocking) }
        let waiting = blocking / (1 - utilisation * (1 - blocking))
        let expected = 1 + waiting / (Double(threads) * (1 - utilisation))
        #expect(abs(found / expected - 1) < 0.04)
    }

    @Test func generalServiceMatchesPollaczekKhinchine() throws {
        // Nine of ten services take 0.5 ms, one takes 5.5 ms: mean 1, second moment 3.25.
        let profile = ServerProfile(
            pieceItemsMax: 1,
            stages: [
                .init(
                    threads: 1, fusionLimit: nil,
                    service: .drawn { _, draw in Nanoseconds(draw < 0.9 ? 500_000 : 5_500_000) })
            ])
        let found = try meanMilliseconds(profile, servers: 1, rule: .random, utilisation: 0.6)
        #expect(abs(found / (1 + 0.6 * 3.25 / (2 * 0.4)) - 1) < 0.04)
    }

    @Test func powerOfTwoMatchesItsLimitForManyServers() throws {
        // Mitzenmacher 2001: the time in system tends to the sum over i >= 1 of rho^(2^i - 2).
        let utilisation = 0.9
        let found = try meanMilliseconds(
            .exponential(mean: Self.mean), servers: 500, rule: .powerOfTwo, utilisation: utilisation,
            count: 1_500_000)
        var expected = 0.0
        var exponent = 2.0
        for _ in 0..<12 {
            var power = 1.0
            for _ in 0..<Int(exponent - 2) { power *= utilisation }
            expected += power
            exponent *= 2
        }
        #expect(abs(found / expected - 1) < 0.03, "found \(found), expected \(expected)")
    }

    @Test func betterRulesWaitLess() throws {
        let order: [DispatchRule] = [.shortestQueue, .powerOfTwo, .roundRobin, .random]
        let found = try order.map {
            try meanMilliseconds(
                .exponential(mean: Self.mean), servers: 40, rule: $0, utilisation: 0.9, count: 800_000)
        }
        #expect(found == found.sorted(), "\(found)")
        // At random every server is an M/M/1 queue of its own.
        #expect(abs(found[3] / 10 - 1) < 0.06)
    }

    @Test func weightsFillUnlikeServersAlike() throws {
        // Servers of 1 and 4 times the speed, weighted so: each an M/M/1 queue at 0.8.
        let slow = ServerProfile.exponential(mean: Nanoseconds(4_000_000))
        let fast = ServerProfile.exponential(mean: Nanoseconds(1_000_000))
        let simulation = RequestSimulation(
            profiles: [slow, fast],
            servers: (0..<10).map { SimulatedServer(profile: $0 % 2, weight: $0 % 2 == 0 ? 1 : 4) },
            changes: RequestSimulation.starts(of: 10), rule: .random, latencyLimit: second,
            countedFrom: Nanoseconds(seconds: 5), seed: 4)
        let outcome = simulation.run(
            .poisson(.constant(QueriesPerSecond(0.8 * 6250), for: Nanoseconds(seconds: 100))))
        // A fifth of the queries waits 20 ms in the mean, the rest 5 ms.
        let mean = try #require(outcome.latencies.mean).milliseconds
        #expect(abs(mean / (0.2 * 20 + 0.8 * 5) - 1) < 0.05)
        for busy in outcome.busy { #expect(abs(busy[0].seconds / 100 - 0.8) < 0.04) }
    }
}

/// The simulation against the recursion that the search uses, query by query.
@Suite struct RequestEquivalenceTests {
    @Test func oneStageServesAsTheBatchQueueDoes() {
        for seed in UInt64(0)..<200 {
            var stream = RandomStream(seed: seed, name: "case")
            let threads = stream.integer(in: 1..<5)
            let pieceMax = stream.integer(in: 1..<12)
            let limit = stream.integer(in: 0..<2) == 0 ? nil : stream.integer(in: pieceMax..<30)
            var time: Int64 = 0
            var arrivals: [RecordedArrival] = []
            var pieces: [QueuedPiece] = []
            for query in 0..<stream.integer(in: 1..<80) {
                time += Int64(stream.integer(in: 0..<60))
                let items = stream.integer(in: 1..<40)
                arrivals.append(RecordedArrival(time: Nanoseconds(time), items: items))
                var left = items
                while left > 0 {
                    pieces.append(
                        QueuedPiece(query: query, items: min(left, pieceMax), arrival: Nanoseconds(time)))
                    left -= pieceMax
                }
            }
            let times = (0...64).map { Nanoseconds(Int64(7 + 3 * $0)) }
            _ = BatchQueue(servers: threads, fusionLimit: limit).serve(&pieces) { items, _ in times[items] }
            var ends = Array(repeating: Nanoseconds.zero, count: arrivals.count)
            for piece in pieces { ends[Int(piece.query)] = max(ends[Int(piece.query)], piece.arrival) }
            let expected = arrivals.indices.map { (ends[$0] - arrivals[$0].time).count }

            let profile = ServerProfile(
                pieceItemsMax: pieceMax,
                stages: [.init(threads: threads, fusionLimit: limit, service: .fixed(times))])
            let outcome = fleet(profile, servers: 1, rule: .powerOfTwo, seed: seed).run(.recorded(arrivals))
            #expect(outcome.latencies.count == arrivals.count, "seed \(seed)")
            #expect(outcome.latencies.maximum.count == expected.max(), "seed \(seed)")
            let mean = Double(expected.reduce(0, +)) / Double(expected.count)
            #expect(
                abs(Double(outcome.latencies.mean?.count ?? 0) - mean) <= 0.5 + 1e-9, "seed \(seed)")
        }
    }

    @Test func aPipelinePassesEveryPieceThroughEveryStage() {
        // Two pieces on two threads of the first stage, joined on the second: 10 + 20.
        let profile = ServerProfile(
            pieceItemsMax: 5,
            stages: [
                .init(threads: 2, fusionLimit: nil, service: .drawn { _, _ in Nanoseconds(10) }),
                .init(
                    threads: 1, fusionLimit: 10, service: .drawn { items, _ in Nanoseconds(Int64(2 * items)) }
                ),
            ])
        let outcome = fleet(profile, servers: 1, rule: .random, seed: 1).run(
            .recorded([RecordedArrival(time: .zero, items: 10)]))
        #expect(outcome.latencies.maximum == Nanoseconds(30))
        #expect(outcome.busy == [[Nanoseconds(20), Nanoseconds(20)]])
    }

    @Test func aPipelineAgreesWithStagesInTandem() throws {
        // Two M/M/1 stages at 0.5 and 0.8 (Jackson): 2 ms and 8 ms in the mean.
        let profile = ServerProfile(
            pieceItemsMax: 1,
            stages: [1_000_000, 1_600_000].map { mean in
                .init(
                    threads: 1, fusionLimit: nil,
                    service: .drawn { _, draw in
                        Nanoseconds(
                            seconds: Double(mean) / 1e9 * RandomStream.exponential(ofUniform: draw))
                    })
            })
        let outcome = fleet(
            profile, servers: 1, rule: .random, seed: 3, countedFrom: Nanoseconds(seconds: 20)
        ).run(.poisson(.constant(QueriesPerSecond(500), for: Nanoseconds(seconds: 800))))
        let mean = try #require(outcome.latencies.mean).milliseconds
        #expect(abs(mean / 10 - 1) < 0.05)
    }
}

/// Nothing appears and nothing vanishes, whatever starts, drains and fails.
@Suite struct RequestConservationTests {
    private func scenario(_ seed: UInt64) -> (RequestSimulation, ArrivalProcess) {
        var stream = RandomStream(seed: seed, name: "scenario")
        let servers = stream.integer(in: 1..<8)
        var changes: [FleetChange] = []
        for server in 0..<servers {
            if stream.integer(in: 0..<3) > 0 {
                changes.append(FleetChange(time: .zero, server: server, kind: .start))
            }
            for _ in 0..<stream.integer(in: 0..<5) {
                let kinds: [FleetChange.Kind] = [.start, .drain, .fail]
                changes.append(
                    FleetChange(
                        time: Nanoseconds(Int64(stream.integer(in: 0..<2_000_000))), server: server,
                        kind: kinds[stream.integer(in: 0..<3)]))
            }
        }
        let profiles = [
            ServerProfile(
                pieceItemsMax: 4,
                stages: [
                    .init(
                        threads: 2, fusionLimit: nil,
                        service: .drawn { _, draw in Nanoseconds(Int64(2000 * draw)) }),
                    .init(
                        threads: 1, fusionLimit: 6,
                        service: .drawn { items, _ in Nanoseconds(Int64(300 * items)) }),
                ]), .exponential(mean: Nanoseconds(3000), threads: 3),
        ]
        let simulation = RequestSimulation(
            profiles: profiles,
            servers: (0..<servers).map {
                SimulatedServer(
                    profile: $0 % 2, weight: Double(1 + $0), queriesMax: seed % 3 == 0 ? 5 : nil)
            },
            changes: changes, rule: DispatchRule.allCases[Int(seed % 4)],
            failureRule: seed % 5 < 2 ? .drop : .retry, latencyLimit: Nanoseconds(20_000),
            countedFrom: Nanoseconds(seed % 2 == 0 ? 0 : 300_000), servesToTheEnd: seed % 7 < 4, seed: seed)
        let rates = ArrivalRates(
            start: .zero,
            segments: [(600_000, 1e6), (900_000, 0), (2_000_000, 2e5)].map {
                .init(end: Nanoseconds($0.0), rate: QueriesPerSecond($0.1))
            })
        return (simulation, .poisson(rates))
    }

    @Test func queriesAreConservedUnderFailures() {
        var totals = (dropped: 0, waiting: 0, retried: 0, drained: 0)
        for seed in UInt64(0)..<600 {
            let (simulation, arrivals) = scenario(seed)
            let outcome = simulation.run(arrivals) { $0.integer(in: 1..<12) }
            let (all, counted) = (outcome.all, outcome.counted)
            #expect(all.waiting >= 0 && counted.waiting >= 0, "seed \(seed)")
            #expect(counted.completed == outcome.latencies.count, "seed \(seed)")
            #expect(counted.arrived <= all.arrived && counted.late <= counted.completed, "seed \(seed)")
            #expect(outcome.segments.allSatisfy { $0.waiting >= 0 }, "seed \(seed)")
            #expect(outcome.segments[1].arrived == 0, "no rate, no arrivals")
            if seed % 2 == 0 { #expect(all == counted, "seed \(seed)") }
            if simulation.failureRule == .retry, seed % 3 != 0 { #expect(all.dropped == 0, "seed \(seed)") }
            totals.dropped += all.dropped
            totals.waiting += all.waiting
            totals.retried += outcome.retried
            totals.drained += outcome.drained
        }
        // Every fate is met somewhere.
        #expect(totals.dropped > 0 && totals.waiting > 0 && totals.retried > 0 && totals.drained > 0)
    }

    @Test func theSameSeedGivesTheSameOutcome() {
        for seed in UInt64(0)..<40 {
            let (simulation, arrivals) = scenario(seed)
            let first = simulation.run(arrivals) { $0.integer(in: 1..<12) }
            let second = simulation.run(arrivals) { $0.integer(in: 1..<12) }
            #expect(first.segments == second.segments && first.busy == second.busy && first.end == second.end)
            #expect(first.latencies.mean == second.latencies.mean && first.retried == second.retried)
        }
    }

    @Test func drainingLosesNothingAndFailingLosesWhatIsHeld() {
        func play(_ kind: FleetChange.Kind, _ rule: RequestSimulation.FailureRule) -> RequestOutcome {
            RequestSimulation(
                profiles: [.constant(Nanoseconds(1000))],
                servers: (0..<2).map { _ in SimulatedServer(profile: 0, weight: 1) },
                changes: RequestSimulation.starts(of: 2) + [
                    FleetChange(time: Nanoseconds(500), server: 0, kind: kind)
                ],
                rule: .shortestQueue, failureRule: rule, latencyLimit: Nanoseconds(3000), seed: 1
            ).run(.recorded((0..<6).map { _ in RecordedArrival(time: .zero, items: 1) }))
        }
        // Three queries on each server, one after the other.
        let drained = play(.drain, .retry)
        #expect(
            drained.all.completed == 6 && drained.all.late == 0 && drained.longestDrain == Nanoseconds(2500))
        let lost = play(.fail, .drop)
        #expect(lost.all.completed == 3 && lost.all.dropped == 3)
        let retried = play(.fail, .retry)
        #expect(retried.all.completed == 6 && retried.all.late == 3 && retried.retried == 3)
        #expect(retried.latencies.maximum == Nanoseconds(6000))
    }

    @Test func queriesWaitForTheFirstServer() {
        let outcome = RequestSimulation(
            profiles: [.constant(Nanoseconds(10))], servers: [SimulatedServer(profile: 0, weight: 1)],
            changes: [FleetChange(time: Nanoseconds(100), server: 0, kind: .start)], rule: .powerOfTwo,
            latencyLimit: Nanoseconds(50), seed: 1
        ).run(.recorded([RecordedArrival(time: .zero, items: 1)]))
        #expect(outcome.all.completed == 1 && outcome.all.late == 1)
        #expect(outcome.latencies.maximum == Nanoseconds(110))
    }

    @Test func memoryFollowsTheQueriesHeldNotTheirNumber() {
        func heldMax(_ count: Double) -> Int {
            let rate = 1600.0
            return fleet(
                .exponential(mean: Nanoseconds(1_000_000)), servers: 2, rule: .powerOfTwo, seed: 2
            ).run(
                .poisson(.constant(QueriesPerSecond(rate), for: Nanoseconds(seconds: count / rate)))
            ).heldMax
        }
        #expect(heldMax(1e6) < 4 * heldMax(1e4))
    }

    @Test func arrivalsFollowTheRates() {
        let rates = ArrivalRates(
            start: Nanoseconds(seconds: 5),
            segments: [(6, 2000.0), (16, 0), (18, 40_000), (30, 1)].map {
                .init(end: Nanoseconds(seconds: $0.0), rate: QueriesPerSecond($0.1))
            })
        #expect(abs(rates.expectedCount - 82_012) < 1e-6)
        let outcome = fleet(.constant(Nanoseconds(10)), servers: 1, rule: .random, seed: 8).run(
            .poisson(rates))
        for (segment, expected) in zip(outcome.segments, [2000.0, 0, 80_000, 12]) {
            #expect(abs(Double(segment.arrived) - expected) <= 4 * expected.squareRoot())
        }
    }
}
