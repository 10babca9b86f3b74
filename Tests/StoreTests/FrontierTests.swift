import Quantities
import Store
import Testing
import Vocabulary

@Suite struct FrontierTests {
    private let folder: TemporaryFolder
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private func saveReplay(in store: Store) throws -> RecordID<ReplayOutcome> {
        try store.save(
            Samples.replay, efficiency: Samples.table, inputsDigest: ContentDigest(ofText: "inputs"), seed: 7,
            toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_300)
    }

    private func save(_ points: [ServicePoint], of id: RecordID<ReplayOutcome>, in store: Store) throws {
        try store.save(points, of: id, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_400)
    }

    @Test func aFrontierComesBackWholeAndALaterOneTakesItsPlace() throws {
        let id = try saveReplay(in: store)
        #expect(try store.frontierPoints(of: id).isEmpty)
        try save(
            [Samples.servicePoint(0, cost: nil), Samples.servicePoint(1, cost: -0.5, isOwn: true)], of: id,
            in: store)
        #expect(
            try store.frontierPoints(of: id) == [
                Samples.servicePoint(0, cost: nil), Samples.servicePoint(1, cost: -0.5, isOwn: true),
            ])
        try save([Samples.servicePoint(2, cost: 1)], of: id, in: store)
        #expect(try store.frontierPoints(of: id) == [Samples.servicePoint(2, cost: 1)])
    }

    @Test func aReplayTakesItsFrontierWithIt() throws {
        try save([Samples.servicePoint(1, cost: 1)], of: saveReplay(in: store), in: store)
        #expect(try store.frontierPoints(of: saveReplay(in: store)).isEmpty)
        #expect(try store.rows(of: "frontier_block").rows.isEmpty)
    }

    @Test func theSummaryAgreesWithTheSums() throws {
        try save([Samples.servicePoint(1, cost: 2)], of: saveReplay(in: store), in: store)
        let rows = try store.rows(of: "frontier_summary")
        let row = Dictionary(uniqueKeysWithValues: zip(rows.columns, rows.rows[0]))
        let total = Samples.servicePoint(1, cost: 2).total
        #expect(row["mean_drawn_watts"] == .real(total.meanDrawnPower.value))
        #expect(row["violation_fraction"] == .real(total.violationFraction))
        #expect(row["cost_in_currency"] == .real(6) && row["changes"] == .integer(60))
    }

    @Test func aMergeKeepsOneFrontier() throws {
        let other = try Store(path: folder.path("other.sqlite"))
        for store in [store, other] {
            try save(
                [Samples.servicePoint(0, cost: nil), Samples.servicePoint(1, cost: 1)],
                of: saveReplay(in: store), in: store)
        }
        _ = try store.merge(
            folder.path("other.sqlite"), keepsRedefinitions: false, toolVersion: "1", atUnixSeconds: 1)
        #expect(try store.rows(of: "frontier_point").rows.count == 2)
        #expect(try store.rows(of: "frontier_block").rows.count == 6)
    }
}

extension Samples {
    /// Greedy at one setting over three days.
    static func servicePoint(_ value: Double, cost: Double?, isOwn: Bool = false) -> ServicePoint {
        let blocks = (1...3).map { day -> ServiceSums in
            var sums = ServiceSums()
            sums.seconds = 86_400
            sums.drawnJoules = 1e6 * Double(day)
            sums.provisionedJoules = 3e6
            sums.cost = cost
            sums.pairs = 96
            sums.violatedPairs = day
            sums.arrivedQueries = 5000
            sums.unservedQueries = Double(day) / 2
            sums.changes = 10 * day
            return sums
        }
        return ServicePoint(
            policy: "greedy", setting: PolicySetting(knob: .headroomFactor, value: value), isOwn: isOwn,
            blocks: blocks)
    }
}
