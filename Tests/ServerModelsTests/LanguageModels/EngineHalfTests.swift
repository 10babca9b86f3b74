import Catalog
import Quantities
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// Engines that do one part of a request, and whole plans of engines played at once.
@Suite struct EngineHalfTests {
    private let catalog: Catalog
    private static let link = BytesPerSecond(50e9)

    init() throws { catalog = try Catalog(directory: Repository.workloads) }

    private func model(outputTokenMax: Double? = 0.04, endToEndMax: Double? = nil) throws -> Model {
        let classes = [
            TokenWorkload.Class(
                name: "documents", prompt: .logNormal(median: 2000, sigma: 0.5, lower: 100, upper: 8000),
                output: .logNormal(median: 200, sigma: 0.5, lower: 10, upper: 800))
        ]
        let service = TokenService(
            shape: try catalog.languageModel(named: "llama-3.1-70b-fp8"), classes: classes,
            outputTokenMax: outputTokenMax, endToEndMax: endToEndMax,
            laws: try catalog.tokenLaws(named: "llama-3.1-70b-fp8-vllm"))
        return Model(
            id: "m", title: "m", source: "a test", kind: .language(service),
            latencyTarget: LatencyTarget(quantile: Quantile(0.9), limit: Nanoseconds(seconds: 2)),
            querySizes: .fixed(1))
    }

    private let settings = ServerModelSettings(batches: [1], queries: .exactly(400), seed: 1)

    private func server(_ model: Model) throws -> LanguageServerModel {
        try LanguageServerModel(model, on: try catalog.serverType("dgx-h100"), settings: settings)
    }

    /// A part alone does more requests than an engine that has the other part to do as well, and draws power
    /// for it.
    @Test func eachPartAloneServesMoreThanBoth() throws {
        let model = try model()
        let server = try server(model)
        let halves = try server.halves(over: Self.link)
        let limits = ServiceLimits(target: model.latencyTarget)
        for role in [EngineRules.Role.prefill, .decode] {
            let half = try #require(halves.first { $0.rules.role == role && $0.rules.tensorParallel == 4 })
            #expect(half.watts > .zero && half.rate > .zero)
            let whole = try [2048, 8192].flatMap { budget in
                try [64, 128, 256].map { sequences in
                    let rules = EngineRules(tensorParallel: 4, sequencesMax: sequences, tokenBudget: budget)
                    return try server.evaluate(.engine(rules), within: limits).throughput.value / 2
                }
            }.max()
            #expect(half.rate.value > 1.1 * (whole ?? 0))
        }
        // As many of each part as their rates ask for: never better than both parts at once for nothing.
        #expect(Set(halves.map(\.rules.role)) == [.prefill, .decode])
    }

    /// Without a limit on output tokens nothing says how fast answers have to come; of a limit on the whole
    /// no part alone says whether it is kept.
    @Test func partsNeedLimitsOfTheirOwn() throws {
        #expect(try server(model(outputTokenMax: nil)).halves(over: Self.link).isEmpty)
        #expect(try server(model(endToEndMax: 20)).halves(over: Self.link).isEmpty)
    }

    /// Engines loaded as they were rated keep the targets together; loaded with half as much again they do
    /// not.
    @Test func aPlanIsPlayedAsAWhole() throws {
        let model = try model()
        let halves = try server(model).halves(over: Self.link)
        func half(_ role: EngineRules.Role) throws -> EngineHalf {
            try #require(halves.first { $0.rules.role == role && $0.rules.tensorParallel == 4 })
        }
        let (reader, generator) = (try half(.prefill), try half(.decode))
        let rate = 2 * min(reader.rate, generator.rate).value
        let type = try catalog.serverType("dgx-h100")
        func check(_ factor: Double) throws -> SharedBoxPlan.Check {
            let shares = [reader, generator].map { half in
                let replicas = Int((rate / half.rate.value).rounded(.up))
                return SharedBoxPlan.Share(
                    model: "m", serverType: type.id, schedule: .engine(half.rules), parts: 4,
                    replicas: replicas, capacity: QueriesPerSecond(half.rate.value * Double(replicas)),
                    load: QueriesPerSecond(rate * factor))
            }
            let trial = SharedBoxTrial(model, types: [type.id: type], settings: settings, link: Self.link)
            return try #require(try trial.run(shares))
        }
        let planned = try check(1)
        #expect(planned.holds && planned.asked == Fraction(0.9) && planned.requests > 300)
        let over = try check(1.6)
        #expect(!over.holds && over.attained < planned.attained)
        let trial = SharedBoxTrial(model, types: [type.id: type], settings: settings, link: nil)
        #expect(try trial.run([]) == nil)
    }
}
