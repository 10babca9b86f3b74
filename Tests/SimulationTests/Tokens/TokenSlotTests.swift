import Quantities
import Simulation
import Testing

/// The slots of llama.cpp's server, worked out by hand. A step takes a millisecond whatever it holds.
@Suite struct TokenSlotTests {
    private func play(_ requests: [TokenRequest], slots: Int, budget: Int, blocks: Int = 1000) -> [Double] {
        var setup = EngineSetup(blocks: blocks)
        setup.policy = .llamaCpp
        setup.sequencesMax = slots
        setup.tokenBudget = budget
        var law = LinearStepLaw()
        law.host = 1_000_000_000
        var simulation = TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
        simulation.verifies = true
        var first = Array(repeating: 0.0, count: requests.count)
        let outcome = simulation.play(ListedRequests(requests)) {
            first[Int($0.request.id)] = $0.firstToken.milliseconds
        }
        #expect(outcome.completed == requests.count && outcome.preemptions == 0)
        return first
    }

    private func request(_ id: Int64, at time: Double, prompt: Int, output: Int) -> TokenRequest {
        TokenRequest(id: id, arrival: Nanoseconds(milliseconds: time), prompt: prompt, output: output)
    }

    /// A is in slot 0 and ends at 2 ms. B, in slot 1, reads its 10 tokens by 4 a step from 1 ms on, of which
    /// A's second token takes one at first. C takes slot 0 at 2 ms and is read before what is left of B:
    /// 4 tokens from 2 to 3 ms. B has 3, then 4, then 3 of its tokens read: at 2, 4 and 5 ms.
    @Test func promptsAreReadInTheOrderOfSlots() {
        let requests = [
            request(0, at: 0, prompt: 4, output: 2), request(1, at: 0.5, prompt: 10, output: 1),
            request(2, at: 1.5, prompt: 4, output: 1),
        ]
        #expect(play(requests, slots: 2, budget: 4) == [1, 5, 3])
    }

    /// Two slots: the first request is read alone from 0 to 1 ms, the second beside its second token, and the
    /// third and fourth once a slot is free, at 2 and at 3 ms.
    @Test func aRequestWaitsForASlotAndNotForMemory() {
        let requests = (0..<4).map { request(Int64($0), at: 0, prompt: 2, output: 2) }
        #expect(play(requests, slots: 2, budget: 8) == [1, 2, 3, 4])
    }

    @Test func whatAlikePromptsBeginWithIsReadAnew() {
        var setup = EngineSetup(blocks: 100)
        setup.policy = .llamaCpp
        setup.sequencesMax = 2
        setup.tokenBudget = 64
        var law = LinearStepLaw()
        law.host = 1_000_000
        let requests = (0..<4).map {
            TokenRequest(
                id: Int64($0), arrival: Nanoseconds(milliseconds: Double($0)), prompt: 32, output: 2,
                prefix: .group(id: 1, tokens: 32))
        }
        let outcome = TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
            .play(ListedRequests(requests))
        #expect(outcome.hitShare == 0)
    }

    @Test func slotsHaveNoRoleOfTheirOwn() {
        var setup = EngineSetup(blocks: 100)
        setup.policy = .llamaCpp
        setup.role = .decode
        #expect(setup.fault?.contains("slots") == true)
    }
}
