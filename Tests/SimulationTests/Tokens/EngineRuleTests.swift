import Quantities
import Randomness
import Simulation
import Testing

/// Drafts, steps planned ahead, and stages of a pipeline, worked out by hand.
@Suite struct EngineRuleTests {
    private func simulation(
        host: Double = 0, device: Double = 0, _ change: (inout EngineSetup) -> Void
    ) -> TokenSimulation {
        var setup = EngineSetup(blocks: 100)
        change(&setup)
        var law = LinearStepLaw()
        law.host = Int64(host * 1e9)
        law.weights = Int64(device * 1e9)
        return TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
    }

    private func request(_ id: Int64, at milliseconds: Double, _ prompt: Int, _ output: Int) -> TokenRequest {
        TokenRequest(
            id: id, arrival: Nanoseconds(milliseconds: milliseconds), prompt: prompt, output: output)
    }

    /// First and last tokens, in milliseconds, with rows and with single steps.
    private func times(_ simulation: TokenSimulation, _ requests: [TokenRequest]) -> [[Double]] {
        var (simulation, found) = (simulation, [[[Double]]]())
        for jumps in [true, false] {
            simulation.jumps = jumps
            var times = Array(repeating: [Double](), count: requests.count)
            _ = simulation.play(ListedRequests(requests)) {
                times[Int($0.request.id)] = [$0.firstToken.milliseconds, $0.lastToken.milliseconds]
            }
            found.append(times)
        }
        #expect(found[0] == found[1])
        return found[0]
    }

    // MARK: Speculative decoding

    @Test(arguments: [(1, 0.5, 1.5), (4, 0.8, 3.3616), (2, 1.0, 3.0), (3, 0.0, 1.0)])
    func aStepYieldsTheMeanOfAcceptedTokens(drafted: Int, acceptance: Double, mean: Double) {
        let found = Speculation(drafted: drafted, acceptance: acceptance).tokensPerStep
        #expect(abs(found - mean) < 1e-12)
        guard acceptance < 1 else { return }
        var power = 1.0
        for _ in 0...drafted { power *= acceptance }
        let formula = (1 - power) / (1 - acceptance)
        #expect(abs(found - formula) < 1e-12)
    }

    @Test func acceptedTokensComeTogether() {
        let one = simulation(host: 10) { $0.speculation = Speculation(drafted: 1, acceptance: 1) }
        // One token with the prompt, then two a step.
        #expect(times(one, [request(0, at: 0, 10, 5)]) == [[10, 30]])
        let outcome = one.play(ListedRequests([request(0, at: 0, 10, 5)]))
        #expect(outcome.gaps.count == 4 && outcome.gaps.mean == Nanoseconds(milliseconds: 5))
        // Of an answer of four tokens, the last step's second one is dropped.
        let shorter = one.play(ListedRequests([request(0, at: 0, 10, 4)]))
        #expect(shorter.engines[0].generatedTokens == 4 && shorter.gaps.count == 3)
    }

    @Test func halfOfTheDraftsGiveOneAndAHalfTokens() {
        // 1, 2, 1 tokens in three steps; a draft takes 2 ms of each.
        let one = simulation(host: 10) {
            $0.speculation = Speculation(drafted: 1, acceptance: 0.5, draftTime: 2_000_000_000)
        }
        #expect(times(one, [request(0, at: 0, 10, 5)]) == [[10, 46]])
        // A draft of a fifth of a step, twice a step.
        let other = simulation(host: 10) {
            $0.speculation = Speculation(drafted: 2, acceptance: 0, draftShare: 0.2)
        }
        #expect(times(other, [request(0, at: 0, 10, 3)]) == [[10, 38]])
    }

    @Test func draftedTokensTakeBudgetAndRoom() {
        var setup = EngineSetup(blocks: 10)
        setup.sequencesMax = 8
        setup.tokenBudget = 16
        setup.speculation = Speculation(drafted: 3, acceptance: 0.5)
        #expect(setup.fault?.contains("4 tokens each") == true)
        setup.tokenBudget = 32
        #expect(setup.fault == nil)
        setup.speculation?.drafted = 0
        #expect(setup.fault?.contains("drafted") == true)
        // 16 tokens fill the only block, and no room is left for a drafted one.
        let one = simulation(host: 10) {
            $0.blocks = 1
            $0.speculation = Speculation(drafted: 1, acceptance: 0)
        }
        #expect(one.play(ListedRequests([request(0, at: 0, 10, 6)])).completed == 1)
        #expect(one.play(ListedRequests([request(0, at: 0, 10, 7)])).rejected == 1)
    }

    // MARK: Steps planned ahead

    @Test func theHostWorksWhileTheDeviceDoes() {
        // From rest, 4 ms of the host and 10 ms of the device; then 10 ms a step.
        let one = simulation(host: 4, device: 10) { $0.plansAhead = true }
        #expect(times(one, [request(0, at: 0, 10, 3)]) == [[14, 34]])
        // A host that is the slower one hides the device.
        let slow = simulation(host: 10, device: 4) { $0.plansAhead = true }
        #expect(times(slow, [request(0, at: 0, 10, 3)]) == [[14, 34]])
        let apart = simulation(host: 4, device: 10) { _ in }
        #expect(times(apart, [request(0, at: 0, 10, 3)]) == [[14, 42]])
    }

    @Test func anArrivalMissesTheStepThatWasPlannedWithoutIt() {
        let requests = [request(0, at: 0, 10, 9), request(1, at: 15, 10, 1)]
        // Steps end at 14, 24, 34, 44: the one from 24 was planned at 14.
        let ahead = simulation(host: 4, device: 10) { $0.plansAhead = true }
        #expect(times(ahead, requests) == [[14, 94], [44, 44]])
        // Steps end at 14, 28, 42.
        let apart = simulation(host: 4, device: 10) { _ in }
        #expect(times(apart, requests)[1] == [42, 42])
    }

    @Test func aSeatIsFreeOneStepAfterItsRequestHasEnded() {
        let requests = [request(0, at: 0, 10, 2), request(1, at: 0, 10, 9), request(2, at: 1, 10, 1)]
        let seats = simulation(host: 4, device: 10) {
            $0.plansAhead = true
            $0.sequencesMax = 2
        }
        // The first request is read alone. Its last token comes at 24, when the step to 34 has been planned.
        let found = times(seats, requests)
        #expect(found[0] == [14, 24] && found[2] == [44, 44])
    }

    // MARK: Stages of a pipeline

    @Test func aBatchPassesThroughTheStages() {
        let one = simulation(host: 10) {
            $0.stages = 2
            $0.sendTime = 1_000_000_000
        }
        #expect(times(one, [request(0, at: 0, 10, 3)]) == [[11, 33]])
        // The second batch enters the first stage at 5 and the second at 11; the first one comes back at 11.
        let found = times(one, [request(0, at: 0, 10, 2), request(1, at: 1, 10, 2)])
        #expect(found == [[11, 22], [16, 27]])
    }

    @Test func moreBatchesThanStagesAreNotUnderWay() {
        let one = simulation(host: 10) { $0.stages = 2 }
        // The third request joins the batch that comes back first, at 10.
        let found = times(
            one, [request(0, at: 0, 10, 9), request(1, at: 1, 10, 9), request(2, at: 2, 10, 1)])
        #expect(found[0][0] == 10 && found[1][0] == 15 && found[2] == [20, 20])
    }

    @Test func aFullPipelineYieldsABatchEachStageTime() {
        let requests = (0..<4).map { request(Int64($0), at: 0, 10, 100) }
        func rate(_ stages: Int) -> Double {
            let one = simulation(host: 8) {
                $0.stages = stages
                $0.tokenBudget = 10
                $0.sequencesMax = 10
            }
            let outcome = one.play(ListedRequests(requests))
            return Double(outcome.engines[0].generatedTokens) / outcome.end.seconds
        }
        // A budget of one prompt puts each request into a batch of its own: 2 ms a stage, 8 ms a token.
        let piped = rate(4)
        #expect(abs(piped / 500 - 1) < 0.02)
    }
}
