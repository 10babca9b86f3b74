import Catalog
import Quantities
import Randomness
import ServerModels
import Simulation
import TestSupport
import Testing
import Vocabulary

/// Servers of a language model that come and go under a load that changes.
@Suite struct LanguageFleetTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private static func seconds(_ seconds: Double) -> Nanoseconds { Nanoseconds(seconds: seconds) }

    private func model(_ classes: [TokenWorkload.Class], steps: TokenLaw.Times? = nil) throws -> Model {
        var service = TokenService(
            shape: try catalog.languageModel(named: "llama-3.1-70b-fp8"), classes: classes,
            outputTokenMax: 0.05, laws: try catalog.tokenLaws(named: "llama-3.1-70b-fp8-vllm"))
        if let steps {
            for index in service.laws.indices { service.laws[index].times = steps }
        }
        return Model(
            id: "m", title: "m", source: "a test", kind: .language(service),
            latencyTarget: LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(seconds: 1)),
            querySizes: .fixed(1))
    }

    private func profile(
        _ model: Model, tensorParallel: Int, on type: ServerTypeID = "dgx-h100", startSeconds: Double = 0
    ) throws -> LanguageFleet.Profile {
        LanguageFleet.Profile(
            try LanguageServerModel(
                model, on: try catalog.serverType(type),
                settings: ServerModelSettings(batches: [1], queries: .exactly(250), seed: 1)),
            schedule: .engine(
                EngineRules(tensorParallel: tensorParallel, sequencesMax: 64, tokenBudget: 8192)),
            startTime: Self.seconds(startSeconds), startingPower: Watts(3000))
    }

    private static let mixed = [
        TokenWorkload.Class(
            name: "short", share: 0.7, prompt: .logNormal(median: 300, sigma: 0.6, lower: 2, upper: 1000),
            output: .logNormal(median: 60, sigma: 0.6, lower: 2, upper: 300)),
        TokenWorkload.Class(
            name: "long", share: 0.3, prompt: .logNormal(median: 2000, sigma: 0.4, lower: 100, upper: 6000),
            output: .logNormal(median: 120, sigma: 0.5, lower: 2, upper: 400)),
    ]

    private static let always = Nanoseconds(.min)

    // MARK: Against a cluster

    /// A fleet that does not change is the cluster of the same engines: to the last digit.
    @Test(arguments: DispatchRule.allCases)
    func aFleetThatStaysIsTheCluster(rule: DispatchRule) throws {
        let model = try model(Self.mixed)
        let start = Self.seconds(7200)
        let rates = ArrivalRates(
            start: start,
            segments: [
                .init(end: start + Self.seconds(5), rate: QueriesPerSecond(24)),
                .init(end: start + Self.seconds(25), rate: QueriesPerSecond(24)),
            ])
        let servers = [0, 0].map { SimulatedServer(profile: $0, weight: 12) }
        let fleet = try LanguageFleet(
            model, profiles: [profile(model, tensorParallel: 4)], servers: servers,
            changes: RequestSimulation.starts(of: 2), drain: Self.seconds(60), rule: rule,
            countedFrom: start + Self.seconds(5), seed: 11
        ).play(rates)

        let service = try #require(model.service)
        var source = TokenWorkloadSource(
            service.classes, rates: rates, contextMax: service.shape.contextMax, seed: 11)
        let opening = source.next()
        let first = try #require(opening).arrival
        var count = 1
        while source.next() != nil { count += 1 }
        let type = try catalog.serverType("dgx-h100")
        let accelerator = try #require(type.accelerator)
        let sheet = try #require(accelerator.sheet)
        var engine = ServingEngine(
            device: sheet.device(of: accelerator), count: 4,
            rules: EngineRules(tensorParallel: 4, sequencesMax: 64, tokenBudget: 8192),
            timing: .law(try #require(service.law(on: sheet.device, tensorParallel: 4))), keepsPrefixes: false
        )
        engine.interconnect = sheet.link
        let router: RoutingRule =
            switch rule {
            case .random: .weightedRandom
            case .roundRobin: .smoothWeighted
            case .powerOfTwo: .weightedPowerOfTwo
            case .shortestQueue: .shortestDelay
            }
        var cluster = ServingCluster(
            name: "same",
            pools: [
                ServingPool(name: "engines", model: service.shape, engines: [engine], router: router)
            ], targets: service.targets(model.latencyTarget))
        let workload = TokenWorkload(
            content: .drawn(service.classes, ratePerSecond: 24, burstiness: 1), count: count,
            warmUpSeconds: (Self.seconds(5) - first).seconds)
        cluster.workload = workload
        let expected = try ServingSimulation(cluster).outcome(workload, seed: 11)

        #expect(count > 400 && fleet.requests.all.arrived == count && expected.arrived == count)
        let counted = fleet.requests.segments[1]
        #expect(counted.arrived == expected.all.requests)
        #expect(counted.completed - counted.late == expected.all.good)
        try same(fleet.tokens.firstToken, expected.all.firstToken)
        try same(fleet.tokens.outputToken, expected.all.outputToken)
        try same(fleet.tokens.endToEnd, expected.all.endToEnd)
        #expect(fleet.tokens.outputTokens == expected.outputTokens)
        #expect(fleet.tokens.preemptions == expected.preemptions)
        #expect(fleet.tokens.played.seconds == expected.seconds)
    }

    private func same(_ found: TokenLevelFigures.Latency?, _ expected: ServingOutcome.Latency?) throws {
        let (found, expected) = (try #require(found), try #require(expected))
        #expect(found.mean.seconds == expected.mean && found.p50.seconds == expected.p50)
        #expect(found.p90.seconds == expected.p90 && found.p99.seconds == expected.p99)
    }

    // MARK: By hand

    /// One request whose 300 tokens take 10 ms each. It arrives on the first of two servers, which stops at
    /// 3 s, when the second has booted.
    private func single(
        stopsBy kind: FleetChange.Kind, drain: Double
    ) throws -> (arrival: Double, outcome: LanguageFleet.Outcome) {
        let model = try model(
            [TokenWorkload.Class(name: "all", prompt: .fixed(100), output: .fixed(300))],
            steps: .init(fixed: 0.010, sequence: 0, context: 0, prompt: 0))
        let service = try #require(model.service)
        let rates = ArrivalRates(
            start: .zero, segments: [.init(end: Self.seconds(2.5), rate: QueriesPerSecond(0.5))])
        func arrivals(_ seed: UInt64) -> [Double] {
            var source = TokenWorkloadSource(
                service.classes, rates: rates, contextMax: service.shape.contextMax, seed: seed)
            var found: [Double] = []
            while let request = source.next() { found.append(request.arrival.seconds) }
            return found
        }
        let seed = try #require((1..<200).first { arrivals($0).count == 1 && arrivals($0)[0] > 1.2 })
        let outcome = try LanguageFleet(
            model, profiles: [profile(model, tensorParallel: 8, startSeconds: 1)],
            servers: [0, 0].map { SimulatedServer(profile: $0, weight: 1) },
            changes: [
                FleetChange(time: Self.always, server: 0, kind: .start),
                FleetChange(time: Self.seconds(3), server: 1, kind: .start),
                FleetChange(time: Self.seconds(3), server: 0, kind: kind),
            ], drain: Self.seconds(drain), rule: .roundRobin, countedFrom: .zero, seed: seed
        ).play(rates)
        return (arrivals(seed)[0], outcome)
    }

    @Test func aDrainEndsTheAnswersThatWereBegun() throws {
        for drain in [0, 60.0] {
            let (_, outcome) = try single(stopsBy: .drain, drain: drain)
            let whole = try #require(outcome.tokens.endToEnd?.mean.seconds)
            #expect(abs(whole - 3) < 1e-6 && outcome.tokens.restarted == 0)
            #expect(outcome.tokens.outputTokens == 300 && outcome.tokens.promptTokens == 100)
        }
    }

    /// One that outlasts the drain, or whose server fails, is read anew on the server that is up: the tokens
    /// that are there stay, and the step that was cut short is lost.
    @Test(arguments: [(FleetChange.Kind.drain, 4.0), (.fail, 3.0)])
    func whatOutlastsItsServerIsReadAnew(kind: FleetChange.Kind, end: Double) throws {
        let (arrival, outcome) = try single(stopsBy: kind, drain: 1)
        let generated = ((end - arrival) / 0.010).rounded(.down)
        let whole = try #require(outcome.tokens.endToEnd?.mean.seconds)
        #expect(abs(whole - (end - arrival + 0.010 * (300 - generated))) < 1e-6)
        #expect(outcome.tokens.restarted == 1 && outcome.requests.retried == 1)
        #expect(outcome.requests.all.completed == 1 && outcome.requests.all.dropped == 0)
        #expect(outcome.tokens.outputTokens == 300)
    }

    @Test func energyIsThatOfServersThatAreOnAndOfThoseThatStart() throws {
        let (arrival, outcome) = try single(stopsBy: .drain, drain: 60)
        let power = try catalog.serverType("dgx-h100").power
        // The first is on from the arrival to the last token; the second boots for a second, up from 3 s.
        let idle = power.idle.value * 3 + 3000 + power.idle.value * (arrival + 3 - 3)
        let most = idle + (power.peak - power.idle).value * 3
        let found = outcome.tokens.energy.value
        #expect(found > idle && found < most, "\(found) between \(idle) and \(most)")
        #expect(outcome.tokens.played == Self.seconds(3))
    }

    @Test func nobodyAnswersWithoutServers() throws {
        let model = try model(Self.mixed)
        let rates = ArrivalRates.constant(QueriesPerSecond(20), for: Self.seconds(5))
        let outcome = try LanguageFleet(
            model, profiles: [], servers: [], changes: [], drain: .zero, rule: .powerOfTwo,
            countedFrom: .zero, seed: 3
        ).play(rates)
        #expect(outcome.requests.all.arrived > 50 && outcome.requests.all.completed == 0)
        #expect(outcome.requests.all.dropped == outcome.requests.all.arrived)
        #expect(outcome.tokens.outputTokens == 0 && outcome.tokens.endToEnd == nil)
        #expect(outcome.tokens.joulesPerToken == nil && outcome.tokens.watts == nil)
    }

    // MARK: Lengths that change

    /// Prompts and answers of the second segment are twice as long; requests come at the same times.
    @Test func lengthsChangeWithTheirSegment() throws {
        let model = try model(
            [TokenWorkload.Class(name: "all", prompt: .fixed(100), output: .fixed(30))])
        let service = try #require(model.service)
        let rates = ArrivalRates(
            start: .zero,
            segments: [2.0, 4].map { .init(end: Self.seconds($0), rate: QueriesPerSecond(20)) })
        func requests(_ factors: [LengthFactors]) -> [TokenRequest] {
            var source = TokenWorkloadSource(
                service.classes, rates: rates, factors: factors, contextMax: service.shape.contextMax,
                seed: 5)
            var found: [TokenRequest] = []
            while let request = source.next() { found.append(request) }
            return found
        }
        let plain = requests([])
        let drifting = requests([.init(prompt: 1, output: 1), .init(prompt: 2, output: 3)])
        #expect(plain.map(\.arrival) == drifting.map(\.arrival))
        for request in drifting {
            let isFirst = request.arrival < Self.seconds(2)
            #expect(request.prompt == (isFirst ? 100 : 200) && request.output == (isFirst ? 30 : 90))
        }
        #expect(drifting.contains { $0.prompt == 100 } && drifting.contains { $0.prompt == 200 })
    }

    /// Work is 1 at the model's own lengths, and grows with either of them.
    @Test func longerRequestsAreMoreWork() throws {
        let model = try model(Self.mixed)
        let profile = try profile(model, tensorParallel: 4)
        let own = try #require(model.service).meanTokens
        func work(_ prompt: Double, _ output: Double) throws -> Double {
            try #require(profile.server.work(prompt: prompt, output: output, profile.schedule))
        }
        #expect(try work(own.prompt, own.output) == 1)
        #expect(try work(2 * own.prompt, own.output) > 1.1 && work(own.prompt, 2 * own.output) > 1.3)
        #expect(try work(own.prompt / 2, own.output / 2) < 0.7)
        // An engine that cannot hold a request says nothing of it.
        #expect(profile.server.work(prompt: 1e9, output: 1e9, profile.schedule) == nil)
        let limits = ServiceLimits(target: model.latencyTarget)
        #expect(profile.server.likelySchedule(within: limits)?.engineRules != nil)
    }

    // MARK: Conservation

    /// Fleets that start, drain and fail at random: every request is answered or lost, and every token of
    /// those that are answered is generated once.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func requestsAndTokensAreConserved(seed: UInt64) throws {
        var stream = RandomStream(seed: seed, name: "fleet")
        let model = try model(Self.mixed)
        let profiles = try [
            profile(model, tensorParallel: 8, startSeconds: 2),
            profile(model, tensorParallel: 8, on: "dgx-h200", startSeconds: 1),
        ]
        let servers = (0..<4).map { SimulatedServer(profile: $0 % 2, weight: 1 + Double($0)) }
        var changes = [FleetChange(time: Self.always, server: 0, kind: .start)]
        for server in 1..<4 {
            var time = 0.0
            var isUp = false
            for _ in 0..<stream.integer(in: 1..<6) {
                time += 3 * stream.uniform()
                let ends: FleetChange.Kind = stream.uniform() < 0.5 ? .drain : .fail
                changes.append(
                    FleetChange(time: Self.seconds(time), server: server, kind: isUp ? ends : .start))
                isUp.toggle()
            }
        }
        let rates = ArrivalRates(
            start: .zero,
            segments: [4.0, 30, 8].enumerated().map { index, rate in
                .init(end: Self.seconds(Double(index + 1) * 3), rate: QueriesPerSecond(rate))
            })
        func play() throws -> LanguageFleet.Outcome {
            try LanguageFleet(
                model, profiles: profiles, servers: servers, changes: changes,
                drain: Self.seconds(0.5), rule: .shortestQueue,
                countedFrom: Self.seconds(3), seed: seed
            ).play(rates)
        }
        let outcome = try play()
        let service = try #require(model.service)
        var source = TokenWorkloadSource(
            service.classes, rates: rates, contextMax: service.shape.contextMax, seed: seed)
        var (requests, prompts, answers) = (0, 0, 0)
        while let request = source.next() {
            requests += 1
            prompts += Int(request.prompt)
            answers += Int(request.output)
        }
        let all = outcome.requests.all
        // The first server is there all the time.
        #expect(all.arrived == requests && all.completed == requests && all.dropped == 0)
        #expect(outcome.requests.segments.count == 3)
        #expect(outcome.tokens.outputTokens == answers && outcome.tokens.promptTokens >= prompts)
        let again = try play()
        #expect(again.tokens == outcome.tokens && again.requests.segments == outcome.requests.segments)
    }
}
