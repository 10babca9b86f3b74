import Foundation
import Quantities
import Testing
import Vocabulary

@Suite struct VocabularyTests {
    @Test func histogramQuantilesAreThoseOfTheSortedValues() {
        let histogram = LatencyHistogram(bins: [
            .init(latency: Nanoseconds(10), count: 90), .init(latency: Nanoseconds(20), count: 5),
            .init(latency: Nanoseconds(500), count: 5),
        ])
        #expect(histogram.count == 100)
        #expect(histogram.latency(at: Quantile(0.5)) == Nanoseconds(10))
        #expect(histogram.latency(at: Quantile(0.95)) == Nanoseconds(20))
        #expect(histogram.latency(at: Quantile(0.96)) == Nanoseconds(500))
        #expect(histogram.mean == Nanoseconds(35))
        #expect(LatencyHistogram(bins: []).latency(at: Quantile(0.5)) == nil)
    }

    @Test func aShrunkModelSaysSoInItsName() {
        let model = Model(
            id: "rm", title: "RM", source: "test",
            graph: RecommendationGraph(
                denseInputWidth: 4, denseLayers: [],
                embeddingTables: [
                    EmbeddingTable(count: 2, rows: 5000, dimension: 8, lookups: 1),
                    EmbeddingTable(count: 1, rows: 100, dimension: 8, lookups: 1),
                ], sequence: nil, predictLayers: [1], taskLayers: []),
            latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(1)),
            querySizes: .deepRecSys)
        #expect(model.shrunk(toTableRows: 5000) == model)
        let small = model.shrunk(toTableRows: 2000)
        #expect(small.id == "rm-2k-rows")
        #expect(small.graph?.embeddingTables.map(\.rows) == [2000, 100])
    }

    @Test func powerCurvesRunFromIdleToPeakAndBendUpwards() {
        let curve = PowerCurve(
            hostIdle: Watts(100), hostPeak: Watts(300), acceleratorIdle: Watts(30),
            acceleratorPeak: Watts(250), halfLoadFactor: 0.7)
        #expect(curve.power(hostUtilisation: 0, acceleratorUtilisation: 0) == curve.idle)
        #expect(curve.power(hostUtilisation: 1, acceleratorUtilisation: 2) == curve.peak)
        #expect(curve.power(hostUtilisation: 0.5, acceleratorUtilisation: 0) > Watts(230))
    }

    @Test func allocationsKeepNoEmptyShares() {
        var allocation = Allocation()
        allocation["m", "s"] = 3
        allocation["m", "r"] = 1
        allocation["m", "s"] = 0
        #expect(allocation.shares == [.init(model: "m", serverType: "r", count: 1)])
        #expect(allocation.countsByServerType == ["r": 1])
    }

    @Test func allocationsAreEncodedInOneOrder() throws {
        var allocation = Allocation()
        for index in [5, 2, 9, 1, 7] { allocation["m", ServerTypeID("s\(index)")] = index }
        let encoded = try JSONEncoder().encode(allocation)
        let names = String(decoding: encoded, as: UTF8.self).components(separatedBy: "\"s").dropFirst()
        #expect(names.compactMap { $0.first?.wholeNumberValue } == [1, 2, 5, 7, 9])
        #expect(try JSONDecoder().decode(Allocation.self, from: encoded) == allocation)
    }

    @Test func everyKindOfModelComesBackFromItsJSON() throws {
        let input = ModelInput(
            name: "rows", elementType: .int64, shape: [.fixed(2), .batch],
            values: .tableRows(rows: 9, lookups: 2, distribution: .zipf(exponent: 1.1), rowBytes: 128))
        let table = EmbeddingTable(count: 1, rows: 5, dimension: 2, lookups: 3)
        let graph = RecommendationGraph(
            denseInputWidth: 0, denseLayers: [], embeddingTables: [table], sequence: nil, predictLayers: [1],
            taskLayers: [])
        let kinds: [ModelKind] = [
            .recommendation(graph), .onnx(OnnxFile(path: "a", fingerprint: "b", inputs: [input])),
            .endpoint(ServedModel(servedName: "c", payload: .tensors([input]))),
            .endpoint(
                ServedModel(
                    servedName: "c",
                    payload: .text(
                        prompt: .fixed(3), output: .logNormal(median: 9, sigma: 1, lower: 1, upper: 50)))),
        ]
        let keys = ["graph", "onnx", "endpoint", "endpoint"]
        for (kind, key) in zip(kinds, keys) {
            let model = Model(
                id: "m", title: "t", source: "s", kind: kind,
                latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(5)),
                querySizes: .fixed(1))
            let json = try JSONEncoder().encode(model)
            #expect(try JSONDecoder().decode(Model.self, from: json) == model)
            let object = try JSONSerialization.jsonObject(with: json) as? [String: Any]
            #expect(object?[key] != nil && object?.count == 6)
            // A table without a distribution is written as it always was, so that its digest stays the same.
            #expect(!String(decoding: json, as: UTF8.self).contains("indexDistribution"))
        }
        #expect(kinds.map(\.label).count == 4)
    }
}

@Suite struct TariffTests {
    @Test func anHourlySeriesIsMeanOverAStretchAndRepeats() {
        let series = HourlySeries([10, 20, 30])
        func mean(_ from: Double, _ hours: Double) -> Double {
            series.mean(
                from: Nanoseconds(seconds: 3600 * from), for: Nanoseconds(seconds: 3600 * hours),
                traceStart: 0)
        }
        #expect(mean(0, 1) == 10 && mean(1, 0.5) == 20 && mean(0.5, 1) == 15)
        #expect(mean(2, 2) == 20, "30, then 10 again")
        #expect(mean(0, 3) == 20)
        let dated = HourlySeries([10, 20, 30], startUnixSeconds: 3600)
        #expect(dated.mean(from: .zero, for: Nanoseconds(seconds: 3600), traceStart: 7200) == 20)
        #expect(dated.mean(from: .zero, for: Nanoseconds(seconds: 3600), traceStart: 0) == 30)
        #expect(HourlySeries([7]).mean(from: .zero, for: .zero, traceStart: 5) == 7)
    }

    @Test func energyIsCountedAtTheBoundaryOfTheTariff() {
        let record = IntervalRecord(
            load: Demand([:]), capacity: Demand([:]), allocation: Allocation(), provisionedPower: Watts(3000),
            drawnPower: Watts(2000), violatedModels: [], arrivedQueries: 0, unservedQueries: 0,
            planStatus: .feasible, planGap: nil)
        let timeline = Timeline(
            policy: "p", interval: Nanoseconds(seconds: 1800), records: [record, record], decisionSeconds: 0)
        var tariff = EnergyTariff()
        #expect(timeline.cost(tariff, traceStart: 0) == nil)
        tariff.price = HourlySeries([0.25])
        tariff.carbonGrams = HourlySeries([400])
        tariff.powerUsageEffectiveness = 1.5
        #expect(timeline.cost(tariff, traceStart: 0) == 0.75)
        #expect(timeline.carbonGrams(tariff, traceStart: 0) == 1200)
    }
}

@Suite struct PlanConstraintsTests {
    /// Goals are kept with plans, and scenarios with runs and digests: their keys outlive the names in code.
    @Test func storedKeysKeepTheirFirstNames() throws {
        var constraints = PlanConstraints()
        constraints.minServers = ["ncf": 2]
        constraints.maxTypes = 3
        constraints.powerCap = Watts(5)
        let json = try JSONEncoder().encode(constraints)
        let keys = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any]).keys.sorted()
        #expect(
            keys == ["leastServers", "mostTypes", "pinned", "powerCap", "priorities", "reserved"])
        #expect(try JSONDecoder().decode(PlanConstraints.self, from: json) == constraints)
    }
}
