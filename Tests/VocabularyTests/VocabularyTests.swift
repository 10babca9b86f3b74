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
}
