import Catalog
import Quantities
import ServerModels
import TestSupport
import Testing
import Vocabulary

/// Engines that answer one class of requests, and plans that tell classes apart played as a whole.
@Suite struct ClassEngineTests {
    private static let rules = EngineRules(tensorParallel: 4, sequencesMax: 128, tokenBudget: 2048)
    private static let asked = 0.9

    private let model: Model
    private let type: ServerType
    private let server: LanguageServerModel
    private let settings = ServerModelSettings(batches: [1], queries: .exactly(400), seed: 1)

    init() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        let classes = [
            TokenWorkload.Class(
                name: "short", share: 0.8, prompt: .fixed(200),
                output: .logNormal(median: 100, sigma: 0.5, lower: 10, upper: 400)),
            TokenWorkload.Class(
                name: "long", share: 0.2, prompt: .fixed(6000),
                output: .logNormal(median: 200, sigma: 0.5, lower: 10, upper: 800)),
        ]
        let service = TokenService(
            shape: try catalog.languageModel(named: "llama-3.1-70b-fp8"), classes: classes,
            outputTokenMax: 0.05, laws: try catalog.tokenLaws(named: "llama-3.1-70b-fp8-vllm"))
        model = Model(
            id: "m", title: "m", source: "a test", kind: .language(service),
            latencyTarget: LatencyTarget(quantile: Quantile(Self.asked), limit: Nanoseconds(seconds: 3)),
            querySizes: .fixed(1))
        type = try catalog.serverType("dgx-h100")
        server = try LanguageServerModel(model, on: type, settings: settings)
    }

    private func share(
        _ loads: [String: Double], replicas: Int = 1
    ) -> SharedBoxPlan.Share {
        let all = QueriesPerSecond(loads.values.reduce(0, +))
        return SharedBoxPlan.Share(
            model: model.id, serverType: type.id, schedule: .engine(Self.rules), parts: 4,
            replicas: replicas, capacity: all, load: all,
            classes: loads.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, load: QueriesPerSecond($0.value))
            })
    }

    @Test func shortRequestsAreServedFasterThanLongOnes() throws {
        let found = try server.classEngines(beside: [Self.rules])
        let alone = try #require(found.ofMixed[Self.rules])
        let (short, long) = (try #require(alone["short"]), try #require(alone["long"]))
        #expect(short.value > 3 * long.value && long > .zero)
        // Of four accelerators the best engine of a class is no worse than the one that serves every class.
        for (name, rate) in alone {
            let best = try #require(
                found.dedicated.first { $0.requestClass == name && $0.rules.devices == 4 })
            #expect(best.rate >= rate && best.watts > .zero)
        }
        #expect(Set(found.dedicated.map(\.requestClass)) == ["short", "long"])
        let each = Dictionary(grouping: found.dedicated) { "\($0.requestClass) \($0.rules.devices)" }
        #expect(each.values.allSatisfy { $0.count == 1 })
    }

    /// At the rates that were found alone the targets are kept; half as much again breaks them.
    @Test func eachClassIsPlayedOnItsOwnEngines() throws {
        let alone = try #require(try server.classEngines(beside: [Self.rules]).ofMixed[Self.rules])
        let (short, long) = (try #require(alone["short"]).value, try #require(alone["long"]).value)
        let trial = SharedBoxTrial(model, types: [type.id: type], settings: settings, link: nil)
        let planned = try #require(try trial.run([share(["short": short]), share(["long": long])]))
        // As many of each as come of it, of the fewer ones what shows the quantile. The first tenth of a run
        // is not counted.
        #expect(planned.holds && planned.asked == Fraction(Self.asked))
        #expect(Double(planned.requests) > 0.85 * 400 * (short / long))
        let over = try #require(try trial.run([share(["short": short]), share(["long": 1.6 * long])]))
        #expect(over.attained < planned.attained)
        // Both on one engine ask for more than it has.
        let both = try #require(try trial.run([share(["short": short, "long": long])]))
        #expect(!both.holds)
    }
}
