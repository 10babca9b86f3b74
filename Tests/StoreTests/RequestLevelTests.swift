import Quantities
import Store
import Testing
import Vocabulary

@Suite struct RequestLevelTests {
    private let folder: TemporaryFolder
    private let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private func saveReplay() throws -> RecordID<ReplayOutcome> {
        try store.save(
            Samples.replay, efficiency: Samples.table, inputsDigest: ContentDigest(ofText: "inputs"), seed: 7,
            toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_300)
    }

    private func save(_ outcome: RequestLevelOutcome, of id: RecordID<ReplayOutcome>) throws {
        try store.save(outcome, of: id, toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_400)
    }

    @Test func aWindowComesBackWhole() throws {
        let id = try saveReplay()
        try save(Samples.requestLevel(late: 20), of: id)
        #expect(try store.requestLevels(of: id) == [Samples.requestLevel(late: 20)])
    }

    @Test func tokensComeBackWhole() throws {
        let latency = TokenLevelFigures.Latency(
            mean: Nanoseconds(5), p50: Nanoseconds(4), p90: Nanoseconds(8), p99: Nanoseconds(9))
        var tokens = TokenLevelFigures(
            targets: TokenTargets(firstToken: 0.010, outputToken: 0.06, endToEnd: nil), firstToken: latency,
            outputToken: nil, endToEnd: latency, promptTokens: 1000, outputTokens: 200, preemptions: 3,
            restarted: 2, played: Nanoseconds(seconds: 4), energy: Joules(800))
        #expect(tokens.watts == Watts(200) && tokens.joulesPerToken == 4)
        for limit in [nil, 30.0] {
            tokens.targets.endToEnd = limit
            let id = try saveReplay()
            let outcome = Samples.requestLevel(late: 20, tokens: tokens)
            try save(outcome, of: id)
            #expect(try store.requestLevels(of: id) == [outcome])
        }
    }

    /// Lengths that change are part of what a trace is.
    @Test func lengthsOfATraceComeBackWhole() throws {
        var trace = Samples.trace
        let plain = try ContentDigest(ofTrace: trace)
        let lengths = (0..<trace.intervalCount).map { 100 + Double($0) / 3 }
        for work in [nil, lengths.map { $0 / 90 }] {
            trace.tokenMix = [
                Samples.model.id: TokenMix(prompts: lengths, outputs: lengths.reversed(), work: work)
            ]
            #expect(try ContentDigest(ofTrace: trace) != plain)
            let outcome = ReplayOutcome(
                trace: trace, subject: Samples.replay.subject, timelines: Samples.replay.timelines)
            let digest = ContentDigest(ofText: "lengths \(work == nil)")
            _ = try store.save(
                outcome, efficiency: Samples.table, inputsDigest: digest, seed: 7, toolVersion: "1.2.3-test",
                atUnixSeconds: 1_790_000_300)
            #expect(try store.replay(ofInputs: digest)?.outcome.trace == trace)
        }
    }

    @Test func theSameWindowTakesTheEarlierOnesPlace() throws {
        let id = try saveReplay()
        try save(Samples.requestLevel(late: 20), of: id)
        try save(Samples.requestLevel(late: 30), of: id)
        try save(Samples.requestLevel(late: 1, dispatch: "random"), of: id)
        #expect(
            try store.requestLevels(of: id) == [
                Samples.requestLevel(late: 30), Samples.requestLevel(late: 1, dispatch: "random"),
            ])
    }

    @Test func aReplayTakesItsWindowsWithIt() throws {
        try save(Samples.requestLevel(late: 20), of: saveReplay())
        let later = try saveReplay()
        #expect(try store.requestLevels(of: later).isEmpty)
        #expect(try store.rows(of: "request_level_segment").rows.isEmpty)
    }

    @Test func theSummaryAgreesWithTheOutcome() throws {
        try save(Samples.requestLevel(late: 20), of: saveReplay())
        let rows = try store.rows(of: "request_level_summary")
        let row = Dictionary(uniqueKeysWithValues: zip(rows.columns, rows.rows[0]))
        #expect(row["arrived_queries"] == .integer(300) && row["failed_queries"] == .integer(25))
        #expect(row["fluid_violation_fraction"] == .real(2.0 / 3))
        #expect(row["tail_latency_milliseconds"] == .real(12.5))
    }
}

extension Samples {
    /// One policy and one model: a second below the capacity, then one above it.
    static func requestLevel(
        late: Int, dispatch: String = "power-of-two", tokens: TokenLevelFigures? = nil
    ) -> RequestLevelOutcome {
        let second = Nanoseconds(seconds: 1)
        return RequestLevelOutcome(
            trace: trace.name, start: Nanoseconds(seconds: 600), duration: second * 2, dispatch: dispatch,
            seed: .max,
            results: [
                RequestLevelResult(
                    policy: "hercules", model: model.id,
                    target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
                    segments: [
                        .init(
                            start: Nanoseconds(seconds: 600), duration: second, load: QueriesPerSecond(100),
                            capacity: QueriesPerSecond(150), queries: .init(arrived: 99)),
                        .init(
                            start: Nanoseconds(seconds: 601), duration: second, load: QueriesPerSecond(200),
                            capacity: QueriesPerSecond(150),
                            queries: .init(arrived: 201, late: late, dropped: 4, waiting: 1)),
                    ], tailLatency: Nanoseconds(milliseconds: 12.5), retried: 3,
                    tokens: tokens)
            ])
    }
}
