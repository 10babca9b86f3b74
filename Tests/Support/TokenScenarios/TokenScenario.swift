import Quantities
import Randomness
import Simulation

/// Clusters and workloads drawn at random, small enough for memory to run short.
package struct TokenScenario {
    package var simulation: TokenSimulation
    package var requests: [TokenRequest]

    /// - Parameters:
    ///   - hasTiers: whether its engines keep blocks below the device.
    ///   - hasFailures: whether its engines boot, fail and drain.
    package init(seed: UInt64, hasTiers: Bool = false, hasFailures: Bool = false) {
        var stream = RandomStream(seed: seed, name: "token scenario")
        var setup = EngineSetup(blocks: stream.integer(in: 12..<80))
        setup.policy = BatchingPolicy.allCases[stream.integer(in: 0..<BatchingPolicy.allCases.count)]
        setup.blockTokens = [1, 4, 16][stream.integer(in: 0..<3)]
        if setup.blockTokens == 1 { setup.blocks *= 8 }
        setup.sequencesMax = stream.integer(in: 1..<12)
        setup.tokenBudget = setup.sequencesMax + stream.integer(in: 0..<64)
        setup.cutsPrompts = stream.uniform() < 0.8
        setup.pieceTokensMax = stream.uniform() < 0.3 ? stream.integer(in: 4..<40) : nil
        setup.keepsContent = stream.uniform() < 0.7
        setup.reservesWholePrompt = stream.uniform() < 0.7
        setup.byPriority = setup.policy == .vllm && stream.uniform() < 0.3
        Self.extend(&setup, seed: seed)
        var engines: [TokenSimulation.Engine] = []
        let isSplit = setup.policy == .vllm && stream.uniform() < 0.2
        for index in 0..<stream.integer(in: isSplit ? 2..<5 : 1..<4) {
            var own = setup
            if isSplit { own.role = index == 0 ? .prefill : .decode }
            engines.append(
                TokenSimulation.Engine(
                    setup: own, law: .linear(Self.law(&stream)), capacity: 1 + Double(index)))
        }
        simulation = TokenSimulation(engines: engines)
        simulation.pools[0].router = TokenRouter.allCases[stream.integer(in: 0..<TokenRouter.allCases.count)]
        simulation.pools[0].link =
            isSplit ? .init(picosecondsPerToken: 700_000, latency: Nanoseconds(3_000)) : nil
        simulation.signalAge = Nanoseconds(stream.uniform() < 0.3 ? 5_000_000 : 0)
        simulation.names = (0..<64).map { UInt64($0 * $0 + 1) }
        simulation.seed = seed
        requests = Self.requests(&stream)
        if hasTiers { addTiers(seed: seed) }
        if hasFailures { addLives(seed: seed) }
    }

    /// Engines that boot for a while, fail by a list or at random, come back or not, and drain.
    private mutating func addLives(seed: UInt64) {
        var stream = RandomStream(seed: seed, name: "lives")
        func time(_ seconds: Double) -> Nanoseconds { Nanoseconds(seconds: stream.uniform() * seconds) }
        simulation.pools[0].failureRule = stream.uniform() < 0.75 ? .restart : .lose
        for index in simulation.pools[0].engines.indices {
            var life = EngineLife()
            if stream.uniform() < 0.4 { life.bootTime = time(0.1) }
            if stream.uniform() < 0.2 { life.bootsAt = time(0.5) }
            if stream.uniform() < 0.5 {
                life.failsAt = Set((0..<stream.integer(in: 1..<5)).map { _ in time(2) }).sorted()
            }
            if stream.uniform() < 0.4 { life.meanTimeToFailure = 1 + 4 * stream.uniform() }
            if stream.uniform() < 0.8 { life.repairTime = time(0.2) }
            if stream.uniform() < 0.15 { life.drainsAt = time(2) }
            simulation.pools[0].engines[index].life = life
        }
        for tier in simulation.tiers.indices { simulation.tiers[tier].isLostOnFailure = tier % 2 == 1 }
    }

    /// A tier that all engines share, one that each has alone, or both, small enough to forget.
    private mutating func addTiers(seed: UInt64) {
        var stream = RandomStream(seed: seed, name: "tiers")
        func tier() -> CacheTier {
            let time = Int64(stream.integer(in: 1..<400_000_000))
            let late = Nanoseconds(Int64(stream.integer(in: 0..<3_000_000)))
            let path: CacheTier.Path =
                stream.uniform() < 0.6
                ? .link(picosecondsPerBlock: time, latency: late)
                : .station(servers: stream.integer(in: 1..<4), base: late, picosecondsPerBlock: time)
            return CacheTier(blocks: stream.integer(in: 1..<200), path: path)
        }
        let (isPrivate, isShared) = (stream.uniform() < 0.7, stream.uniform() < 0.6)
        let choice = TierChoice.allCases[stream.integer(in: 0..<2)]
        if isShared { simulation.tiers.append(tier()) }
        for index in simulation.pools[0].engines.indices {
            var setup = simulation.pools[0].engines[index].setup
            setup.keepsContent = true
            if setup.policy == .llamaCpp { setup.policy = .vllm }
            if setup.role != .decode {
                if isPrivate || !isShared {
                    setup.tiers.append(simulation.tiers.count)
                    simulation.tiers.append(tier())
                }
                if isShared { setup.tiers.append(0) }
                setup.tierChoice = choice
            }
            simulation.pools[0].engines[index].setup = setup
        }
    }

    /// Drafts, steps planned ahead and stages of a pipeline, by a stream of their own.
    private static func extend(_ setup: inout EngineSetup, seed: UInt64) {
        var stream = RandomStream(seed: seed, name: "rules of an engine")
        if stream.uniform() < 0.35 {
            let drafted = stream.integer(in: 1..<6)
            setup.speculation = Speculation(
                drafted: drafted, acceptance: stream.uniform(),
                draftTime: Int64(stream.integer(in: 0..<90_000_000)),
                draftShare: stream.uniform() < 0.5 ? 0 : stream.uniform() * 0.2)
            setup.tokenBudget += setup.sequencesMax * drafted
        }
        switch stream.integer(in: 0..<4) {
        case 0: setup.plansAhead = true
        case 1 where setup.policy == .vllm || setup.policy == .noEvict:
            setup.stages = stream.integer(in: 2..<5)
            setup.sendTime = Int64(stream.integer(in: 0..<30_000_000))
            setup.sendTimePerToken = Int64(stream.integer(in: 0..<900_000))
        default: break
        }
    }

    private static func law(_ stream: inout RandomStream) -> LinearStepLaw {
        var law = LinearStepLaw()
        law.host = Int64(stream.integer(in: 0..<1_000_000_000))
        law.perSequence = Int64(stream.integer(in: 0..<3_000_000))
        law.perToken = Int64(stream.integer(in: 1_000_000..<90_000_000))
        law.weights = Int64(stream.integer(in: 0..<2_000_000_000))
        law.perPair = Int64(stream.integer(in: 0..<5_000))
        law.perContext = Int64(stream.integer(in: 1..<900_007))
        return law
    }

    private static func requests(_ stream: inout RandomStream) -> [TokenRequest] {
        var time = 0.0
        let gap = stream.uniform() * 0.02
        return (0..<stream.integer(in: 5..<60)).map { index in
            time += stream.exponential() * gap
            let prompt = stream.integer(in: 1..<120)
            let prefix: TokenRequest.Prefix =
                switch stream.integer(in: 0..<5) {
                case 0: .group(id: UInt32(stream.integer(in: 0..<3)), tokens: 40)
                case 1:
                    .session(
                        id: UInt32(stream.integer(in: 0..<4)), group: 1,
                        groupTokens: Int32(stream.integer(in: 0..<40)))
                case 2:
                    .blocks(first: Int32(stream.integer(in: 0..<4)), count: Int32(prompt / 32), tokens: 32)
                default: .none
                }
            return TokenRequest(
                id: Int64(index), arrival: Nanoseconds(seconds: time), prompt: prompt,
                output: stream.integer(in: 1..<90), kind: index % 3, prefix: prefix,
                priority: stream.integer(in: 0..<3))
        }
    }

    package func play(jumps: Bool, verifies: Bool = false) -> (records: [TokenRecord], outcome: TokenOutcome)
    {
        var simulation = simulation
        simulation.jumps = jumps
        simulation.verifies = verifies
        var records: [TokenRecord] = []
        let outcome = simulation.play(ListedRequests(requests)) { records.append($0) }
        return (records, outcome)
    }
}
