import Quantities
import Simulation
import Testing

/// Tiers below the device, worked out by hand. A step takes 10 ms and 1 ms for each token; a block has 16.
@Suite struct CacheTierTests {
    /// 1 ms a block.
    private static let link = CacheTier.Path.link(picosecondsPerBlock: 1_000_000_000, latency: .zero)

    private func simulation(
        engines: Int = 1, tiers: [CacheTier], _ change: (Int, inout EngineSetup) -> Void = { _, _ in }
    ) -> TokenSimulation {
        var law = LinearStepLaw()
        law.host = 10_000_000_000
        law.perToken = 1_000_000_000
        var simulation = TokenSimulation(
            engines: (0..<engines).map { index in
                var setup = EngineSetup(blocks: 8)
                setup.tiers = Array(tiers.indices)
                change(index, &setup)
                return .init(setup: setup, law: .linear(law))
            })
        simulation.tiers = tiers
        simulation.pools[0].router = .roundRobin
        return simulation
    }

    private func request(
        _ id: Int64, at milliseconds: Double, _ prompt: Int, output: Int = 1, session: UInt32? = nil
    ) -> TokenRequest {
        TokenRequest(
            id: id, arrival: Nanoseconds(milliseconds: milliseconds), prompt: prompt, output: output,
            prefix: session.map { .session(id: $0) } ?? .none)
    }

    /// First tokens in milliseconds, with rows and with single steps.
    private func play(
        _ simulation: TokenSimulation, _ requests: [TokenRequest]
    ) -> (first: [Double], outcome: TokenOutcome) {
        var simulation = simulation
        var found: [[Double]] = []
        for jumps in [false, true] {
            simulation.jumps = jumps
            simulation.verifies = true
            var first = Array(repeating: 0.0, count: requests.count)
            let outcome = simulation.play(ListedRequests(requests)) {
                first[Int($0.request.id)] = $0.firstToken.milliseconds
            }
            #expect(outcome.imbalances.isEmpty)
            found.append(first)
            if jumps {
                #expect(found[0] == found[1])
                return (first, outcome)
            }
        }
        preconditionFailure("the second round returns")
    }

    /// A conversation of 64 tokens at 0 ms, a prompt that needs memory at 100 ms, and the conversation's next
    /// turn at 300 ms, 16 tokens longer.
    private func turns(between tokens: Int) -> [TokenRequest] {
        [
            request(0, at: 0, 64, session: 1), request(1, at: 100, tokens),
            request(2, at: 300, 80, session: 1),
        ]
    }

    @Test func whatTheDeviceForgotIsLoadedFromTheHost() {
        // The prompt between needs all 8 blocks. Then 4 ms of loading, and 16 tokens are left to read.
        let (first, outcome) = play(
            simulation(tiers: [CacheTier(blocks: 100, path: Self.link)]), turns(between: 128))
        #expect(first == [74, 238, 330])
        #expect(outcome.engines[0].loadedTokens == [64] && outcome.engines[0].cachedTokens == 64)
        #expect(outcome.tiers[0].loads == 1 && outcome.tiers[0].loadedBlocks == 4)
        // Blocks of all three prompts, those that are there already not again.
        #expect(outcome.tiers[0].writtenBlocks == 4 + 8 + 1 && outcome.tiers[0].evictedBlocks == 0)
        #expect(outcome.loadWaits.mean == Nanoseconds(milliseconds: 4))
        // Without a tier, all of it is read again.
        #expect(play(simulation(tiers: []), turns(between: 128)).first == [74, 238, 390])
    }

    @Test func tiersGoOnWhereTheDeviceEnds() {
        // Six blocks take the four that were never used and the last two of the conversation.
        let (first, outcome) = play(
            simulation(tiers: [CacheTier(blocks: 100, path: Self.link)]), turns(between: 96))
        #expect(first == [74, 206, 328])
        #expect(outcome.engines[0].cachedTokens == 64 && outcome.engines[0].loadedTokens == [32])
    }

    @Test func tiersFollowOneAnother() {
        // The prompt between takes the room of the conversation's last two blocks in the host; the disk has
        // all. 2 ms from the host and, at the same time, 7 ms from the disk.
        let disk = CacheTier.Path.station(
            servers: 1, base: Nanoseconds(milliseconds: 5), picosecondsPerBlock: 1_000_000_000)
        let tiers = [CacheTier(blocks: 10, path: Self.link), CacheTier(blocks: 100, path: disk)]
        let (first, outcome) = play(simulation(tiers: tiers), turns(between: 128))
        #expect(first == [74, 238, 333])
        #expect(outcome.engines[0].loadedTokens == [32, 32])
        #expect(outcome.tiers.map(\.loadedBlocks) == [2, 2] && outcome.tiers[0].blocksMost == 10)
        #expect(outcome.loadWaits.mean == Nanoseconds(milliseconds: 7))
    }

    @Test func enginesFindWhatOthersHaveWritten() {
        let remote = CacheTier(
            blocks: 100,
            path: .link(picosecondsPerBlock: 1_000_000_000, latency: Nanoseconds(milliseconds: 2)))
        let requests = [request(0, at: 0, 64, session: 1), request(1, at: 300, 80, session: 1)]
        let shared = play(simulation(engines: 2, tiers: [remote]), requests)
        #expect(shared.first == [74, 332] && shared.outcome.engines.map(\.cachedTokens) == [0, 64])
        // Each with a tier of its own.
        let apart = simulation(engines: 2, tiers: [remote, remote]) { $1.tiers = [$0] }
        #expect(play(apart, requests).first == [74, 390])
    }

    @Test func whatIsReadSoonerIsNotLoaded() {
        // 120 ms of loading and 26 ms of reading, against 90 ms.
        let slow = CacheTier(
            blocks: 100, path: .link(picosecondsPerBlock: 30_000_000_000, latency: .zero))
        let sooner = simulation(tiers: [slow]) { $1.tierChoice = .sooner }
        let (first, outcome) = play(sooner, turns(between: 128))
        #expect(first == [74, 238, 390] && outcome.tiers[0].loads == 0)
        #expect(play(simulation(tiers: [slow]), turns(between: 128)).first == [74, 238, 446])
        // A faster tier before it is used alone: two blocks, 2 ms, and 48 tokens to read.
        let fast = CacheTier(blocks: 100, path: Self.link)
        let both = simulation(tiers: [fast, slow]) { $1.tierChoice = .sooner }
        #expect(play(both, turns(between: 128)).first == [74, 238, 330])
    }

    @Test func loadsShareTheBandwidth() {
        let requests = [
            request(0, at: 0, 64, session: 1), request(1, at: 100, 32, session: 2), request(2, at: 200, 128),
            request(3, at: 400, 80, session: 1), request(4, at: 400, 48, session: 2),
        ]
        let one = simulation(tiers: [CacheTier(blocks: 100, path: Self.link)])
        let (first, outcome) = play(one, requests)
        // Four blocks and two: half the bandwidth each for 4 ms, then the other two blocks in 2 ms. The
        // second request is read first, from 404 ms on, and the first one after it.
        #expect(outcome.tiers[0].loads == 2 && outcome.tiers[0].waits.mean == Nanoseconds(milliseconds: 5))
        #expect(first[4] == 430 && first[3] == 456)
    }

    @Test func aStationLoadsOneAfterAnother() {
        let disk = CacheTier.Path.station(
            servers: 1, base: Nanoseconds(milliseconds: 3), picosecondsPerBlock: 1_000_000_000)
        let requests = [
            request(0, at: 0, 64, session: 1), request(1, at: 100, 32, session: 2), request(2, at: 200, 128),
            request(3, at: 400, 80, session: 1), request(4, at: 400, 48, session: 2),
        ]
        let outcome = play(simulation(tiers: [CacheTier(blocks: 100, path: disk)]), requests).outcome
        // 7 ms, and 5 ms after those.
        #expect(outcome.tiers[0].loads == 2 && outcome.tiers[0].waits.mean == Nanoseconds(milliseconds: 9.5))
    }

    @Test func othersPassWhoeverWaitsForALoad() {
        let one = simulation(tiers: [CacheTier(blocks: 100, path: Self.link)]) { $1.blocks = 9 }
        var requests = turns(between: 144)
        requests.append(request(3, at: 301, 16))
        // Loaded at 304 ms, when the step of the request that came later runs.
        #expect(play(one, requests).first == [74, 254, 353, 327])
    }

    @Test func theLeastRecentlyUsedGoesFirst() {
        let one = simulation(tiers: [CacheTier(blocks: 4, path: Self.link)])
        let requests = [
            request(0, at: 0, 64, session: 1), request(1, at: 100, 64, session: 2), request(2, at: 200, 128),
            request(3, at: 400, 80, session: 1),
        ]
        let (first, outcome) = play(one, requests)
        #expect(first[3] == 490 && outcome.tiers[0].loads == 0)
        #expect(outcome.tiers[0].blocksMost == 4)
    }

    @Test func tiersThatCannotBePlayedAreRefused() {
        let tier = CacheTier(blocks: 10, path: Self.link)
        #expect(simulation(tiers: [tier]).fault == nil)
        #expect(simulation(tiers: [CacheTier(blocks: 0, path: Self.link)]).fault != nil)
        #expect(simulation(tiers: [tier]) { $1.tiers = [1] }.fault != nil)
        #expect(simulation(tiers: [tier]) { $1.keepsContent = false }.fault != nil)
        #expect(simulation(tiers: [tier]) { $1.tiers = [0, 0] }.fault != nil)
        let unlike = simulation(engines: 2, tiers: [tier]) { $1.blockTokens = 8 << $0 }
        #expect(unlike.fault?.contains("8 and 16 tokens") == true)
        var pools = simulation(tiers: [tier])
        pools.pools.append(pools.pools[0])
        #expect(pools.fault?.contains("two pools") == true)
    }
}
