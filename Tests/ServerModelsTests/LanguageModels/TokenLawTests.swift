import Catalog
import Foundation
import Quantities
import ServerModels
import Simulation
import TestSupport
import Testing
import Vocabulary

/// Times of steps that are fitted to times of output tokens, and what servers are worth by them.
@Suite struct TokenLawTests {
    private static let lengths = [(1024.0, 1024.0), (8192, 1024), (1024, 8192)]

    private func rows(_ times: TokenLaw.Times) -> [TokenTime] {
        Self.lengths.flatMap { prompt, output in
            [1.0, 4, 16, 64].map { requests in
                TokenTime(
                    requests: requests, prompt: prompt, output: output, firstToken: 0.1,
                    outputToken: times.outputToken(requests: requests, prompt: prompt, output: output))
            }
        }
    }

    @Test func aLawIsFoundAgain() throws {
        let times = TokenLaw.Times(fixed: 0.016, sequence: 4e-5, context: 6e-8, prompt: 7e-5)
        let found = try #require(TokenLawFit.fit(rows(times)))
        #expect(abs(found.times.fixed / times.fixed - 1) < 1e-7)
        #expect(abs(found.times.sequence / times.sequence - 1) < 1e-6)
        #expect(abs(found.times.context / times.context - 1) < 1e-6)
        #expect(abs(found.times.prompt / times.prompt - 1) < 1e-6)
        #expect(found.residuals.rows == 12)
        #expect(found.residuals.leftOut < 1e-7)
    }

    @Test func noTimeIsNegative() throws {
        // Longer caches cost less here than none: the best that is not negative says nothing of them.
        var rows = rows(TokenLaw.Times(fixed: 0.016, sequence: 4e-4, context: 0, prompt: 7e-5))
        for index in rows.indices { rows[index].outputToken -= 1e-9 * rows[index].output }
        let found = try #require(TokenLawFit.fit(rows))
        #expect(found.times.context == 0)
        #expect(found.times.fixed > 0 && found.times.sequence > 0 && found.times.prompt >= 0)
    }

    @Test func rowsInWhichRequestsWaitAreLeftOut() throws {
        let times = TokenLaw.Times(fixed: 0.016, sequence: 4e-5, context: 6e-8, prompt: 7e-5)
        var rows = rows(times)
        rows[11].firstToken = 59
        rows[11].outputToken *= 3
        let found = try #require(TokenLawFit.fit(rows))
        #expect(found.residuals.rows == 11 && found.residuals.error < 1e-7)
        #expect(TokenLawFit.fit(Array(rows.prefix(5))) == nil)
    }

    // MARK: The shipped laws

    private func shape(
        _ requests: (prompt: Int, output: Int), outputTokenMax: Double? = nil, laws: [TokenLaw]? = nil
    ) throws -> TokenService {
        let catalog = try Catalog(directory: Repository.workloads)
        return TokenService(
            shape: try catalog.languageModel(named: "llama-3.1-70b-fp8"),
            classes: [
                TokenWorkload.Class(
                    name: "all", prompt: .fixed(requests.prompt), output: .fixed(requests.output))
            ], outputTokenMax: outputTokenMax,
            laws: try laws ?? catalog.tokenLaws(named: "llama-3.1-70b-fp8-vllm"))
    }

    private func server(
        _ service: TokenService, on type: String, firstTokenSeconds: Double, quantile: Double = 0.9
    ) throws -> LanguageServerModel {
        let catalog = try Catalog(directory: Repository.workloads)
        let model = Model(
            id: "m", title: "m", source: "a test", kind: .language(service),
            latencyTarget: LatencyTarget(
                quantile: Quantile(quantile), limit: Nanoseconds(seconds: firstTokenSeconds)),
            querySizes: .fixed(1))
        return try LanguageServerModel(
            model, on: try catalog.serverType(ServerTypeID(type)),
            settings: ServerModelSettings(batches: [1], queries: .exactly(250), seed: 1))
    }

    private func schedule(_ tensorParallel: Int) -> Schedule {
        .engine(EngineRules(tensorParallel: tensorParallel, sequencesMax: 64, tokenBudget: 2048))
    }

    /// Requests per second of a whole server by degree of tensor parallelism.
    private func rates(_ server: LanguageServerModel, _ degrees: [Int]) throws -> [Double] {
        let limits = ServiceLimits(target: server.model.latencyTarget)
        return try degrees.map { try server.evaluate(schedule($0), within: limits).throughput.value }
    }

    /// With short prompts and no limit that binds, the fewest accelerators that hold the model serve most
    /// with each of them, as the measured rows have it.
    @Test(arguments: [("dgx-h100", [2, 4, 8]), ("dgx-h200", [1, 2, 4, 8])])
    func theSmallestDegreeThatFitsServesMost(type: String, degrees: [Int]) throws {
        let server = try server(shape((1024, 1024)), on: type, firstTokenSeconds: 60)
        let found = try rates(server, degrees)
        #expect(zip(found, found.dropFirst()).allSatisfy(>), "\(found)")
        let fits = Set(
            server.space(within: ServiceLimits(target: server.model.latencyTarget)).schedules
                .compactMap { $0.engineRules?.tensorParallel })
        #expect(fits == Set(degrees))
    }

    /// With long prompts the memory of few accelerators holds few requests: under a limit on the first token
    /// more of them serve more, as the measured rows have it (59 s and 40 s to the first token with fewer).
    @Test(arguments: [("dgx-h100", 2, 4), ("dgx-h200", 1, 2)])
    func aLimitOnTheFirstTokenAsksForMoreAccelerators(type: String, few: Int, more: Int) throws {
        let strict = try server(shape((8192, 1024)), on: type, firstTokenSeconds: 3)
        let found = try rates(strict, [few, more])
        #expect(found[1] > found[0], "\(found)")
    }

    /// Degrees whose output tokens take at most 10 ms with one request.
    @Test(arguments: [("dgx-h100", [8]), ("dgx-h200", [4, 8])])
    func aLimitOnOutputTokensLeavesLargeDegrees(type: String, degrees: [Int]) throws {
        let server = try server(
            shape((1024, 1024), outputTokenMax: 0.010), on: type, firstTokenSeconds: 60)
        let limits = ServiceLimits(target: server.model.latencyTarget)
        let left = server.space(within: limits).schedules.compactMap { $0.engineRules?.tensorParallel }
        #expect(Set(left) == Set(degrees))
    }

    @Test func whatKeepsAModelOutIsNamed() throws {
        let tight = try server(
            shape((1024, 1024), outputTokenMax: 0.004), on: "dgx-h100", firstTokenSeconds: 60)
        let limits = ServiceLimits(target: tight.model.latencyTarget)
        #expect(tight.space(within: limits).schedules.isEmpty)
        let lines = tight.infeasibilities(within: limits)
        #expect(lines.map(\.constraint) == ["device memory", "time per output token"])
        #expect(lines[0].detail.hasPrefix("llama-3.1-70b-fp8 with a request of 2048 tokens lacks "))
        // The nearest that can be had, and with which degree.
        #expect(lines[1].detail.contains("engine TP=8 sequences=16"), "\(lines[1].detail)")
        #expect(lines[1].detail.hasSuffix("the limit is 4 ms"))
    }

    @Test func aLawThatIsOffOnRowsLeftOutIsRefused() throws {
        var service = try shape((1024, 1024))
        for index in service.laws.indices where service.laws[index].tensorParallel == 2 {
            service.laws[index].residuals.leftOut = 0.47
        }
        let server = try server(service, on: "dgx-h100", firstTokenSeconds: 60)
        let limits = ServiceLimits(target: server.model.latencyTarget)
        #expect(
            !server.space(within: limits).schedules.contains { $0.engineRules?.tensorParallel == 2 })
        let line = try #require(
            server.infeasibilities(within: limits).first { $0.constraint == "fit of step times" })
        #expect(line.detail.contains("is off by 47 % on rows left out, at most 15 % is trusted"))
    }

    /// 70 GB of weights of 8 bits on two accelerators of 3.35 TB/s take 10.7 ms: a law of 5 ms is not theirs.
    @Test func aLawBelowTheDataSheetIsRefusedWithTheFigures() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let type = try catalog.serverType("dgx-h100")
        let accelerator = try #require(type.accelerator)
        let sheet = try #require(accelerator.sheet)
        var service = try shape((1024, 1024))
        let rules = EngineRules(tensorParallel: 2, sequencesMax: 64, tokenBudget: 2048)
        let floor = try StepFloor(
            model: service.shape, device: sheet.device(of: accelerator), rules: rules)
        for law in service.laws where law.device == sheet.device && law.tensorParallel == 2 {
            #expect(floor.breach(by: law) == nil)
        }
        let place = try #require(
            service.laws.firstIndex { $0.device == sheet.device && $0.tensorParallel == 2 })
        service.laws[place].times.fixed = 0.005
        let breach = try #require(floor.breach(by: service.laws[place]))
        #expect(abs(breach.least - 0.0107) < 0.0006, "\(breach.least)")
        let server = try server(service, on: "dgx-h100", firstTokenSeconds: 60)
        let limits = ServiceLimits(target: server.model.latencyTarget)
        #expect(!server.space(within: limits).schedules.contains { $0.engineRules?.tensorParallel == 2 })
        let line = try #require(
            server.infeasibilities(within: limits).first { $0.constraint == "fit of step times" })
        #expect(line.detail.contains("expected at least") && line.detail.contains("by the data sheet"))
        // Prompts faster than the arithmetic, and a cache faster than the memory.
        service.laws[place].times = .init(fixed: 0.02, sequence: 0, context: 0, prompt: 1e-9)
        #expect(floor.breach(by: service.laws[place])?.step.contains("tokens of prompts") == true)
        service.laws[place].times = .init(fixed: 0.0105, sequence: 0, context: 0, prompt: 1e-3)
        service.laws[place].residuals.leftOut = 0.05
        #expect(floor.breach(by: service.laws[place])?.step.contains("in the cache") == true)
    }

    @Test func looserLimitsNeverServeLess() throws {
        let service = try shape((1024, 256))
        let found = try [0.2, 0.5, 1, 4].map { seconds in
            try rates(server(service, on: "dgx-h100", firstTokenSeconds: seconds), [4])[0]
        }
        #expect(zip(found, found.dropFirst()).allSatisfy { $1 >= $0 * 0.99 }, "\(found)")
    }

    @Test func aServerHoldsAsManyEnginesAsItHasAcceleratorsFor() throws {
        let server = try server(shape((1024, 256)), on: "dgx-h100", firstTokenSeconds: 2)
        #expect(server.footprint(of: schedule(2)) == .accelerators(2))
        let limits = ServiceLimits(target: server.model.latencyTarget)
        let evaluation = try server.evaluate(schedule(2), within: limits)
        #expect(evaluation.provenance == .modelled && evaluation.uncertainty != nil)
        let idle = try server.power(of: schedule(2), at: .zero)
        let half = try server.power(of: schedule(2), at: Fraction(0.5))
        let full = try server.power(of: schedule(2), at: Fraction(1))
        #expect(idle == server.serverType.power.idle)
        #expect(idle < half && half < full && full <= server.serverType.power.peak)
    }

    // MARK: Measured rows

    /// A closed loop of 64 requests under the fitted laws, beside the throughput that was measured: tokens
    /// per second and accelerator at 1,024 tokens of prompt and answer.
    @Test(arguments: [
        ("dgx-h200", 1, 1679.0), ("dgx-h200", 2, 1386), ("dgx-h200", 4, 981), ("dgx-h100", 2, 1098),
        ("dgx-h100", 4, 810), ("dgx-h100", 8, 512),
    ])
    func closedLoopsServeAsMeasured(type: String, degree: Int, measured: Double) throws {
        let service = try shape((1024, 1024))
        let catalog = try Catalog(directory: Repository.workloads)
        let accelerator = try #require(try catalog.serverType(ServerTypeID(type)).accelerator)
        let sheet = try #require(accelerator.sheet)
        let law = try #require(service.law(on: sheet.device, tensorParallel: degree))
        let engine = ServingEngine(
            device: sheet.device(of: accelerator),
            rules: EngineRules(tensorParallel: degree, sequencesMax: 64, tokenBudget: 8192),
            timing: .law(law), keepsPrefixes: false)
        let cluster = ServingCluster(
            name: "c", pools: [ServingPool(name: "engines", model: service.shape, engines: [engine])])
        let outcome = try ServingSimulation(cluster).outcome(
            TokenWorkload(
                content: .drawn(service.classes, ratePerSecond: 1, burstiness: 1), count: 640,
                arrivals: .closed(clients: 64)), seed: 1)
        let found = Double(outcome.outputTokens) / outcome.seconds / Double(degree)
        #expect(abs(found / measured - 1) < 0.08, "\(found) for \(measured)")
    }
}
