import Quantities
import Store
import Testing
import Vocabulary

@Suite struct ComparisonTests {
    static func comparison(live: Double, profiled: Double) -> ThroughputComparison {
        ThroughputComparison(
            model: Samples.model.id, serverType: Samples.serverType.id, host: Samples.host,
            engine: "openvino",
            engineVersion: "2026.4.1", schedule: Samples.schedule, target: Samples.model.latencyTarget,
            liveMet: QueriesPerSecond(live), liveMissed: live > 0 ? QueriesPerSecond(live * 1.02) : nil,
            live: QueriesPerSecond(live), profiled: QueriesPerSecond(profiled),
            plain: QueriesPerSecond(profiled * 1.25), stored: live > 0 ? QueriesPerSecond(live * 1.5) : nil,
            rates: 7, doubtfulRates: 2, provenance: .measured,
            seed: .max - 1, comparedAtUnixSeconds: 1_790_000_000, toolVersion: "1.2.3-test")
    }

    @Test func comparisonsComeBackWholeAndTheViewSaysTheDifference() throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path())
        let saved = [
            Self.comparison(live: 200, profiled: 220), Self.comparison(live: 0, profiled: 3),
        ]
        for comparison in saved {
            try store.save(comparison, model: Samples.model, serverType: Samples.serverType)
        }
        #expect(try store.comparisons() == saved)
        #expect(try store.integrityProblems() == [])
        let summary = try store.rows(of: "throughput_comparison_summary")
        let column = try #require(summary.columns.firstIndex(of: "difference_fraction"))
        #expect(summary.rows[0][column] == .real(0.1))
        #expect(summary.rows[1][column] == .null)
        let stored = try #require(summary.columns.firstIndex(of: "stored_difference_fraction"))
        #expect(summary.rows[0][stored] == .real(0.5))
        #expect(summary.rows[1][stored] == .null)
        #expect(saved[1].difference == nil)
    }

    /// Also where the host and the model that it belongs to are known already.
    @Test func comparisonsAreMergedOnce() throws {
        let folder = try TemporaryFolder()
        let (ours, theirs) = (
            Self.comparison(live: 200, profiled: 220), Self.comparison(live: 9, profiled: 8)
        )
        let store = try Store(path: folder.path())
        try store.save(ours, model: Samples.model, serverType: Samples.serverType)
        let other = try Store(path: folder.path("other.sqlite"))
        try other.save(theirs, model: Samples.model, serverType: Samples.serverType)
        for _ in 0..<2 {
            _ = try store.merge(folder.path("other.sqlite"), toolVersion: "1", atUnixSeconds: 1)
            #expect(try store.comparisons() == [ours, theirs])
        }
        #expect(try store.integrityProblems() == [])
    }

    @Test func aComparisonOfAnotherModelIsRefused() throws {
        let folder = try TemporaryFolder()
        let store = try Store(path: folder.path())
        #expect(throws: StoreError.self) {
            try store.save(
                Self.comparison(live: 1, profiled: 1), model: Samples.otherModel,
                serverType: Samples.serverType)
        }
    }

    @Test func theMedianIsOfSizes() {
        let sizes = [-0.3, 0.1, 0.05].map { Fraction($0) as Fraction? }
        #expect(ThroughputComparison.medianSize(sizes) == Fraction(0.1))
        #expect(ThroughputComparison.medianSize(sizes + [nil, Fraction(0.2)]) == Fraction((0.1 + 0.2) / 2))
        #expect(ThroughputComparison.medianSize([nil]) == nil)
    }
}
