import Profiling
import Quantities
import Testing
import Vocabulary

/// Who wins under live load, with functions in place of machines.
@Suite struct LiveContestTests {
    private static func evaluation(_ batch: Int, _ rate: Double, within share: Double?) -> ScheduleEvaluation
    {
        ScheduleEvaluation(
            schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: batch),
            throughput: QueriesPerSecond(rate), power: Watts(10), provenance: .measured,
            uncertainty: share.map { Fraction($0) })
    }

    /// What a schedule really holds, by its batch, and how often each was tried.
    private final class Machine {
        let limits: [Int: Double]
        var tried: [Int: Int] = [:]
        var disturbedFrom = Int.max

        init(_ limits: [Int: Double]) { self.limits = limits }

        func check(_ candidate: LiveContest.Candidate, _ rate: QueriesPerSecond) -> LiveContest.Answer {
            let batch = candidate.schedule.columns.batch
            tried[batch, default: 0] += 1
            if tried.values.reduce(0, +) > disturbedFrom { return .open([.otherLoad]) }
            return rate.value <= limits[batch] ?? 0 ? .meets : .misses
        }
    }

    private func run(
        _ evaluations: [ScheduleEvaluation], on machine: Machine
    ) throws -> LiveContest.Outcome {
        try LiveContest().run(winner: evaluations[0], among: evaluations, check: machine.check)
    }

    @Test func aWinnerThatHoldsAndIsAloneIsCheckedOnce() throws {
        let machine = Machine([1: 1000, 2: 1000])
        let found = try run(
            [Self.evaluation(1, 500, within: 0.01), Self.evaluation(2, 400, within: 0.01)], on: machine)
        #expect(
            found.best?.rate == QueriesPerSecond(500) && found.best?.candidate.schedule.columns.batch == 1)
        #expect(machine.tried == [1: 1] && found.tried == 1 && found.doubts.isEmpty && !found.isOpen)
    }

    @Test func aRunnerUpWithinTheIntervalIsCheckedAndMayWin() throws {
        let evaluations = [
            Self.evaluation(1, 500, within: 0.1), Self.evaluation(2, 480, within: 0.12),
            Self.evaluation(4, 470, within: 0.02),
        ]
        // The second holds more than was simulated: its interval reaches to 538.
        let better = Machine([1: 600, 2: 600, 4: 600])
        let found = try run(evaluations, on: better)
        #expect(
            found.best?.candidate.schedule.columns.batch == 2 && found.best?.rate == QueriesPerSecond(525))
        #expect(better.tried == [1: 1, 2: 1] && found.tried == 2)
        // One try each tells that it does not.
        let worse = Machine([1: 600, 2: 510, 4: 600])
        let kept = try run(evaluations, on: worse)
        #expect(kept.best?.candidate.schedule.columns.batch == 1 && kept.best?.rate == QueriesPerSecond(500))
        #expect(worse.tried == [1: 1, 2: 1])
    }

    @Test func aWinnerThatHoldsLittleLosesToThoseSimulatedBelowIt() throws {
        // Simulated at 559, live 299; the others were simulated at 512 and 300.
        let evaluations = [
            Self.evaluation(1, 559, within: nil), Self.evaluation(2, 512, within: nil),
            Self.evaluation(4, 300, within: nil),
        ]
        let machine = Machine([1: 299, 2: 505, 4: 9999])
        let found = try run(evaluations, on: machine)
        #expect(found.best?.candidate.schedule.columns.batch == 2)
        let rate = try #require(found.best?.rate.value)
        #expect(rate <= 505 && rate > 505 / 1.06)
        #expect(machine.tried[4] == nil, "it could not win")
    }

    @Test func whereNothingHoldsNothingWins() throws {
        let machine = Machine([:])
        let found = try run([Self.evaluation(1, 500, within: 0.1)], on: machine)
        #expect(found.best == nil && !found.isOpen && found.tried == 1)
    }

    @Test func aDisturbedRunDecidesNothing() throws {
        let evaluations = [Self.evaluation(1, 500, within: 0.1), Self.evaluation(2, 490, within: 0.2)]
        let machine = Machine([1: 1000, 2: 1000])
        machine.disturbedFrom = 0
        let open = try run(evaluations, on: machine)
        #expect(open.best == nil && open.isOpen && open.doubts == [.otherLoad] && machine.tried == [1: 1])
        // After the winner was shown, the runner-up stays open.
        let later = Machine([1: 1000, 2: 1000])
        later.disturbedFrom = 1
        let half = try run(evaluations, on: later)
        #expect(half.best?.rate == QueriesPerSecond(500) && half.doubts == [.otherLoad] && !half.isOpen)
        // A rate that missed undisturbed says nothing of lower ones.
        let missed = Machine([1: 100])
        missed.disturbedFrom = 1
        #expect(try run([evaluations[0]], on: missed).isOpen)
    }

    @Test func theLastEvaluationOfAScheduleCountsAndFewAreTried() throws {
        var evaluations = [Self.evaluation(1, 500, within: 1)]
        for batch in 2...9 {
            evaluations.append(Self.evaluation(batch, 9999, within: 1))
            evaluations.append(Self.evaluation(batch, 400, within: 1))
        }
        let machine = Machine(Dictionary(uniqueKeysWithValues: (1...9).map { ($0, $0 == 1 ? 500 : 1) }))
        let found = try run(evaluations, on: machine)
        #expect(found.best?.rate == QueriesPerSecond(500) && found.tried == 1 + LiveContest().runnersUpMax)
        #expect(machine.tried.values.allSatisfy { $0 == 1 })
    }
}
