import Quantities
import Simulation
import Testing

/// Engines that boot, fail and drain, worked out by hand. A step takes 10 ms, whatever it does.
@Suite struct EngineLifeTests {
    private func simulation(
        roles: [EngineRole] = [.mixed], _ change: (Int, inout EngineLife) -> Void
    ) -> TokenSimulation {
        var law = LinearStepLaw()
        law.host = 10_000_000_000
        let engines = roles.enumerated().map { index, role in
            var setup = EngineSetup(blocks: 100)
            setup.role = role
            var engine = TokenSimulation.Engine(setup: setup, law: .linear(law))
            change(index, &engine.life)
            return engine
        }
        var simulation = TokenSimulation(engines: engines)
        simulation.pools[0].router = .roundRobin
        return simulation
    }

    private func request(_ id: Int64, at milliseconds: Double, output: Int) -> TokenRequest {
        TokenRequest(id: id, arrival: Self.ms(milliseconds), prompt: 10, output: output)
    }

    private static func ms(_ milliseconds: Double) -> Nanoseconds { Nanoseconds(milliseconds: milliseconds) }

    /// By request, first and last token in milliseconds; with rows and with single steps.
    private func play(
        _ simulation: TokenSimulation, _ requests: [TokenRequest]
    ) -> (times: [Int64: [Double]], records: [TokenRecord], outcome: TokenOutcome) {
        var simulation = simulation
        simulation.verifies = true
        func once(_ jumps: Bool) -> ([Int64: [Double]], [TokenRecord], TokenOutcome) {
            simulation.jumps = jumps
            var records: [TokenRecord] = []
            let outcome = simulation.play(ListedRequests(requests)) { records.append($0) }
            #expect(outcome.imbalances.isEmpty)
            let times = records.map {
                ($0.request.id, [$0.firstToken.milliseconds, $0.lastToken.milliseconds])
            }
            return (Dictionary(uniqueKeysWithValues: times), records, outcome)
        }
        let (rows, steps) = (once(true), once(false))
        #expect(rows.0 == steps.0)
        return rows
    }

    @Test func requestsWaitAtTheRouterUntilAnEngineIsUp() {
        let (times, _, outcome) = play(
            simulation { $1.bootTime = Self.ms(50) }, [request(0, at: 0, output: 2)])
        #expect(times == [0: [60, 70]])
        #expect(outcome.routerWaits.count == 1 && outcome.routerWaits.mean == Self.ms(50))
        let life = outcome.engines[0].life
        #expect(life.booting == Self.ms(50) && life.up == Self.ms(20) && life.down == .zero)
        #expect(life.availability == 20.0 / 70)
    }

    @Test func whatWasGeneratedStaysAndIsReadAgain() {
        let one = simulation {
            $1.bootTime = Self.ms(20)
            $1.failsAt = [Self.ms(55)]
            $1.repairTime = Self.ms(100)
        }
        // Tokens at 30, 40 and 50 ms. It boots at 155 ms and is up at 175 ms: 10 + 3 tokens are read.
        let (times, records, outcome) = play(one, [request(0, at: 0, output: 5)])
        #expect(times == [0: [30, 195]] && records[0].restarts == 1 && records[0].preemptions == 0)
        #expect(outcome.returned == 1 && outcome.restarted == 1 && outcome.lost == 0)
        #expect(outcome.tokensLost == 12 && outcome.engines[0].recomputedTokens == 12)
        #expect(outcome.engines[0].generatedTokens == 5)
        let life = outcome.engines[0].life
        #expect(life.failures == 1 && life.up == Self.ms(55) && life.down == Self.ms(100))
        // The step that was cut short counts as busy: 3 + 2 whole ones and half a one.
        #expect(outcome.engines[0].busy == Self.ms(55))
    }

    @Test func aStepThatEndsAsItsEngineFailsIsLost() {
        let one = simulation {
            $1.failsAt = [Self.ms(30)]
            $1.repairTime = .zero
        }
        // Tokens at 10 and 20 ms, then those at 40, 50 and 60.
        #expect(play(one, [request(0, at: 0, output: 5)]).times == [0: [10, 60]])
    }

    @Test func requestsAreLostByRule() {
        var one = simulation {
            $1.failsAt = [Self.ms(35)]
            $1.repairTime = Self.ms(10)
        }
        one.pools[0].failureRule = .lose
        let (times, _, outcome) = play(one, [request(0, at: 0, output: 5), request(1, at: 60, output: 1)])
        #expect(times == [1: [70, 70]])
        #expect(outcome.lost == 1 && outcome.returned == 1 && outcome.restarted == 0)
        #expect(outcome.tokensOfLost == 3 && outcome.completed == 1)
    }

    @Test func anotherEngineTakesOver() {
        let two = simulation(roles: [.mixed, .mixed]) { if $0 == 0 { $1.failsAt = [Self.ms(35)] } }
        let (times, records, outcome) = play(
            two, [request(0, at: 0, output: 5), request(1, at: 0, output: 6)])
        // At 40 ms the other engine's next step reads what is there; tokens 4 and 5 at 50 and 60 ms.
        #expect(times == [0: [10, 60], 1: [10, 60]])
        #expect(records.allSatisfy { $0.engine == 1 })
        #expect(outcome.engines.map(\.generatedTokens) == [3, 8])
    }

    @Test func anEngineThatDrainsEndsWhatItHas() {
        let two = simulation(roles: [.mixed, .mixed]) { if $0 == 0 { $1.drainsAt = Self.ms(15) } }
        let requests = (0..<4).map { request($0, at: Double($0) * 20, output: 5) }
        let (times, records, outcome) = play(two, requests)
        #expect(times[0] == [10, 50])
        #expect(records.map(\.engine).count { $0 == 0 } == 1)
        #expect(outcome.engines[0].life.up == Self.ms(50) && outcome.engines[0].life.down == Self.ms(60))
    }

    @Test func whatNobodyCanServeAnyMoreIsLost() {
        let one = simulation { $1.drainsAt = Self.ms(50) }
        let requests = [request(0, at: 0, output: 1), request(1, at: 100, output: 1)]
        let outcome = play(one, requests).outcome
        #expect(outcome.completed == 1 && outcome.lost == 1 && outcome.rejected == 0)
        // One that waits at the router when the last engine is switched off.
        let never = simulation {
            $1.bootTime = Self.ms(100)
            $1.drainsAt = Self.ms(50)
        }
        let waiting = play(never, [request(0, at: 0, output: 1)]).outcome
        #expect(waiting.lost == 1 && waiting.completed == 0)
    }

    @Test func anAnswerGoesBackToBeReadWhereItsWriterFails() {
        let pair = simulation(roles: [.prefill, .decode]) {
            guard $0 == 1 else { return }
            $1.failsAt = [Self.ms(35)]
            $1.repairTime = .zero
        }
        // Read by 10 ms, tokens at 20 and 30. Read again by 45 ms, which gives the fourth; the last at 55.
        let (times, records, outcome) = play(pair, [request(0, at: 0, output: 5)])
        #expect(times == [0: [10, 55]] && records[0].restarts == 1)
        #expect(outcome.engines.map(\.generatedTokens) == [2, 3])
    }

    @Test func failuresAreDrawnAlikeWhateverIsAsked() {
        let two = simulation(roles: [.mixed, .mixed]) {
            $1.meanTimeToFailure = 0.3
            $1.repairTime = Self.ms(20)
        }
        let last = request(99, at: 20_000, output: 1)
        let few = play(two, [request(0, at: 0, output: 1), last]).outcome
        let many = play(two, (0..<80).map { request($0, at: 0.5 * Double($0), output: 40) } + [last]).outcome
        #expect(few.engines.map(\.life) == many.engines.map(\.life))
        #expect(few.engines[0].life.failures > 40 && many.restarted > 0)
        #expect(few.engines[0].life != few.engines[1].life)
    }

    @Test func livesThatCannotBePlayedAreRefused() {
        #expect(simulation { $1.failsAt = [Self.ms(2), Self.ms(1)] }.fault != nil)
        #expect(simulation { $1.meanTimeToFailure = 0 }.fault != nil)
        #expect(simulation { $1.bootTime = Nanoseconds(-1) }.fault != nil)
        #expect(simulation { $1.repairTime = .zero }.fault == nil)
    }
}
