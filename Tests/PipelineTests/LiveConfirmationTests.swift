import Pipeline
import Quantities
import Store
import Testing
import Vocabulary

/// What live load makes of an efficiency entry, with written answers in place of load.
@Suite struct LiveConfirmationTests {
    private let fixtures: Fixtures

    init() throws { fixtures = try Fixtures() }

    private static let other = Schedule(partition: .whole, threads: 1, workers: 1, batch: 32)

    private var evaluations: [ScheduleEvaluation] {
        [(Fixtures.schedule, 500.0, 0.1), (Self.other, 480, 0.12)].map { schedule, rate, share in
            ScheduleEvaluation(
                schedule: schedule, throughput: QueriesPerSecond(rate), power: Watts(rate / 10),
                provenance: .measured, uncertainty: Fraction(share))
        }
    }

    private var entry: EfficiencyEntry {
        EfficiencyEntry(
            model: fixtures.model.id, serverType: fixtures.host.id, target: fixtures.model.latencyTarget,
            powerBudget: nil, schedule: Fixtures.schedule, throughput: QueriesPerSecond(500),
            power: Watts(50), powerProvenance: .estimated, provenance: .measured, method: "gradient",
            evaluations: 2, spaceSize: 9)
    }

    private typealias Answer = Verdict.Answer

    /// Confirms with runs that answer in turn.
    private func confirm(
        _ answers: [(Answer, [Verdict.Doubt])]
    ) throws -> (LiveConfirmation.Confirmed, offered: [Double], durations: [Double]) {
        let session = try fixtures.session()
        var (offered, durations): ([Double], [Double]) = ([], [])
        let confirmation = LiveConfirmation(session) { schedule, rate, duration in
            let (answer, doubts) = answers[min(offered.count, answers.count - 1)]
            offered.append(rate.value)
            durations.append(duration.seconds)
            var run = fixtures.measurement(
                on: fixtures.host, schedule: schedule, purpose: .confirmation, rate: rate.value)
            run.power = Watts(77)
            run.powerProvenance = .metered
            let tail = Verdict.Tail(
                target: fixtures.model.latencyTarget, confidence: Fraction(0.95), lower: nil, upper: nil,
                answer: answer)
            return (run, Verdict(doubts: doubts, tail: tail))
        }
        let confirmed = try confirmation.decide(
            entry, among: evaluations, of: fixtures.model, on: fixtures.host)
        return (confirmed, offered, durations)
    }

    @Test func theWinnerHoldsAndItsRunnerUpDoesNot() throws {
        let (confirmed, offered, _) = try confirm([(.meets, []), (.misses, [])])
        #expect(offered == [500, 525] && confirmed.isDecided)
        #expect(confirmed.entry.throughput == QueriesPerSecond(500))
        #expect(confirmed.entry.power == Watts(77) && confirmed.entry.powerProvenance == .metered)
        #expect(
            confirmed.entry.check
                == LiveCheck(
                    simulated: QueriesPerSecond(500), uncertainty: Fraction(0.1),
                    live: QueriesPerSecond(500), doubts: [], schedules: 2))
    }

    @Test func aRunnerUpThatHoldsMoreTakesItsPlace() throws {
        let (confirmed, _, _) = try confirm([(.meets, [])])
        #expect(confirmed.entry.schedule == Self.other)
        #expect(confirmed.entry.throughput == QueriesPerSecond(525))
        #expect(confirmed.entry.check?.simulated == QueriesPerSecond(480))
    }

    /// Other programs at half of the machine made a winner of 559 queries/s look like one of 299.
    @Test func disturbedRunsLeaveTheEntryAsSimulated() throws {
        for answer in Verdict.Answer.allCases {
            let (confirmed, offered, _) = try confirm([(answer, [.otherLoad])])
            #expect(offered == [500] && !confirmed.isDecided)
            #expect(confirmed.entry.throughput == QueriesPerSecond(500))
            #expect(confirmed.entry.power == Watts(50) && confirmed.entry.powerProvenance == .estimated)
            #expect(confirmed.entry.check?.live == nil && confirmed.entry.check?.doubts == [.otherLoad])
        }
        let (half, _, _) = try confirm([(.meets, []), (.meets, [.stolenTime])])
        #expect(half.isDecided && half.entry.throughput == QueriesPerSecond(500))
        #expect(half.entry.check?.doubts == [.stolenTime])
    }

    /// A run that cannot tell the tail from the limit is made longer, and is then no proof.
    @Test func undecidedRunsAreMadeLongerAndProveNothing() throws {
        let (longer, offered, durations) = try confirm([(.undecided, []), (.meets, []), (.misses, [])])
        #expect(Array(offered.prefix(2)) == [500, 500] && longer.entry.throughput == QueriesPerSecond(500))
        #expect(durations[1] == durations[0] * 4)
        let (never, _, _) = try confirm([(.undecided, [])])
        #expect(never.isDecided && never.entry.throughput == .zero)
        #expect(never.entry.check?.live == .zero)
    }

    @Test func whatIsFoundComesBackFromTheDatabase() throws {
        let (confirmed, _, _) = try confirm([(.meets, []), (.meets, [.stolenTime, .otherLoad])])
        let key = SearchKey(
            model: fixtures.model, serverType: fixtures.host, powerBudget: nil, method: "gradient",
            inputsDigest: ContentDigest(ofText: "inputs"))
        let outcome = SearchOutcome(
            entry: confirmed.entry, model: fixtures.model.id, serverType: fixtures.host.id,
            evaluations: evaluations, path: [Fixtures.schedule])
        try Recorder(store: fixtures.store, run: nil).save(outcome, as: key)
        #expect(try fixtures.store.searchOutcome(for: key)?.outcome == outcome)
        let row = try #require(try fixtures.store.rows(of: "efficiency_summary").rows.first)
        let columns = try fixtures.store.rows(of: "efficiency_summary").columns
        let cells = Dictionary(uniqueKeysWithValues: zip(columns, row))
        #expect(cells["live_queries_per_second"] == .real(500))
        #expect(cells["live_doubts"] == .text("stolenTime otherLoad"))
        #expect(cells["uncertainty_fraction"] == .real(0.1))
    }
}
