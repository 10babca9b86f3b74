import Catalog
import Foundation
import Quantities
import ServerModels
import Simulation
import TestSupport
import Testing
import Vocabulary

/// When requests come, and how long they are.
@Suite struct TokenWorkloadSourceTests {
    private static let part = TokenWorkload.Class(name: "a", prompt: .fixed(4), output: .fixed(2))

    private func times(_ workload: TokenWorkload, rate: Double? = nil) -> [Double] {
        var source = TokenWorkloadSource(workload, rate: rate, contextMax: 4096, seed: 3)
        var times: [Double] = []
        while let request = source.next() { times.append(request.arrival.seconds) }
        return times
    }

    private static let listed = TokenWorkload.Content.listed(
        [0, 1, 3].map { ListedRequest(arrival: $0, prompt: 5, output: 2) }, source: "a file")

    @Test func timesOfFilesKeepTheirPatternAtAnotherRate() {
        #expect(times(TokenWorkload(content: Self.listed, count: 3)) == [0, 1, 3])
        // Two gaps in 3 s are 2/3 a second; at twice that they take half as long.
        #expect(times(TokenWorkload(content: Self.listed, count: 3), rate: 4.0 / 3) == [0, 0.5, 1.5])
        let drawn = TokenWorkload.Content.drawn([Self.part], ratePerSecond: 1, burstiness: 1)
        let timed = TokenWorkload(
            content: drawn, count: 3, arrivals: .listed([0, 1, 3, 9], source: "a file"))
        #expect(times(timed) == [0, 1, 3] && times(timed, rate: 4.0 / 3) == [0, 0.5, 1.5])
    }

    @Test func lengthsOfAFileComeAtADrawnRate() {
        let many = (0..<2000).map { _ in ListedRequest(arrival: 0, prompt: 5, output: 2) }
        let workload = TokenWorkload(
            content: .listed(many, source: "a file"), count: 2000,
            arrivals: .drawn(ratePerSecond: 5, burstiness: 1))
        let found = times(workload)
        let rate = 2000 / (found.last ?? 1)
        #expect(found.count == 2000 && abs(rate / 5 - 1) < 0.06)
    }

    /// A law of 1 ms a step whatever it holds.
    private func engine(blocks: Int = 1000) -> TokenSimulation.Engine {
        var law = LinearStepLaw()
        law.host = 1_000_000_000
        return .init(setup: EngineSetup(blocks: blocks), law: .linear(law))
    }

    /// By hand, with steps of 1 ms: the first request is read alone, the others of the three clients with
    /// its second token. What a client sends when an answer ends misses the step that begins then: the
    /// fourth is read from 3 to 4 ms, the seventh from 6 to 7 ms.
    @Test func aClosedLoopHasAsManyInFlightAsClients() {
        let workload = TokenWorkload(
            content: .drawn([Self.part], ratePerSecond: 1, burstiness: 1), count: 7,
            arrivals: .closed(clients: 3))
        var ends: [Double] = []
        let played = TokenSimulation(engines: [engine()]).play(
            TokenWorkloadSource(workload, contextMax: 4096, seed: 1)
        ) { ends.append($0.lastToken.seconds) }
        #expect(played.completed == 7 && played.engines[0].sequencesMost == 3)
        #expect(ends == [0.002, 0.003, 0.003, 0.005, 0.006, 0.006, 0.008])
    }

    @Test func whatAClientAddsDelaysItsNextRequest() {
        let workload = TokenWorkload(
            content: .drawn([Self.part], ratePerSecond: 1, burstiness: 1), count: 2,
            arrivals: .closed(clients: 1))
        let client = ClientOverhead(
            beforeSeconds: 0.010, afterSeconds: 0.001, perTokenSeconds: 0.002, origin: .assumed)
        var ends: [Double] = []
        _ = TokenSimulation(engines: [engine()]).play(
            TokenWorkloadSource(workload, contextMax: 4096, seed: 1, client: client)
        ) { ends.append($0.lastToken.seconds) }
        // 2 ms, then 10 + 1 + 2 x 2 ms of the client, then 2 ms.
        #expect(ends.count == 2 && abs(ends[1] - 0.019) < 1e-9)
    }

    @Test func clientsSendAtTheirRatesInTheirWindows() {
        let lengths = TokenHistogram(weights: [10: 1, 30: 3])
        let windows = [
            TokenClient.Window(
                start: 0, end: 2000, ratePerSecond: 0.5, gaps: .gamma(shape: 0.5), prompt: lengths,
                output: lengths),
            TokenClient.Window(
                start: 3000, end: 5000, ratePerSecond: 4, gaps: .weibull(shape: 0.8), prompt: lengths,
                output: lengths),
        ]
        let workload = TokenWorkload(
            content: .clients([TokenClient(name: "c", windows: windows)], source: "a folder"),
            count: 1_000_000)
        let found = times(workload)
        let (early, late) = (found.count { $0 < 2000 }, found.count { $0 >= 3000 })
        #expect(early + late == found.count && found == found.sorted())
        #expect(abs(Double(early) / 1000 - 1) < 0.15 && abs(Double(late) / 8000 - 1) < 0.05)
        var source = TokenWorkloadSource(workload, contextMax: 4096, seed: 3)
        var prompts: [Int] = []
        while let request = source.next() { prompts.append(Int(request.prompt)) }
        let share = Double(prompts.count { $0 == 30 }) / Double(prompts.count)
        #expect(Set(prompts) == [10, 30] && abs(share - 0.75) < 0.02)
    }

    // MARK: The client's view

    private func cluster(_ client: ClientOverhead?) throws -> ServingCluster {
        let catalog = try Catalog(directory: Repository.workloads)
        var cluster = try catalog.servingCluster(at: "\(Repository.workloads)/llm/chat.yaml")
        cluster.client = client
        cluster.workload?.count = 300
        cluster.workload?.warmUpSeconds = 0
        return cluster
    }

    @Test func whatClientsAddIsATermOfItsOwn() throws {
        let client = ClientOverhead(
            beforeSeconds: 0.015, afterSeconds: 0.001, perTokenSeconds: 0.0005, origin: .stated("x"))
        func outcome(_ client: ClientOverhead?) throws -> ServingOutcome {
            let cluster = try cluster(client)
            let workload = try #require(cluster.workload)
            return try ServingSimulation(cluster).outcome(workload, seed: 4)
        }
        let (bare, seen) = (try outcome(nil), try outcome(client))
        #expect(bare.anchor == .engine && seen.anchor == .client)
        #expect(bare.all.client == nil && seen.all.client?.count == 300)
        func mean(_ latency: ServingOutcome.Latency?) throws -> Double { try #require(latency).mean }
        #expect(abs(try mean(seen.all.firstToken) - mean(bare.all.firstToken) - 0.0155) < 1e-6)
        #expect(abs(try mean(seen.gaps) - mean(bare.gaps) - 0.0005) < 1e-9)
        let added = try mean(seen.all.client)
        #expect(abs(try mean(seen.all.endToEnd) - mean(bare.all.endToEnd) - added) < 1e-6)
        #expect(try mean(seen.all.queue) == mean(bare.all.queue), "the queue is the engine's")
        #expect(seen.engines == bare.engines, "no step is longer for it")
        // Its mean is 15 + 1 ms and half a millisecond for each of an answer's tokens.
        let tokens = (added - 0.016) / 0.0005
        #expect(abs(tokens * 300 - Double(bare.outputTokens)) < 300)
    }

    /// A run that the simulation itself made, seen by clients 20 ms before the queue.
    @Test func theTimeBeforeTheQueueIsFittedToAClientsLog() throws {
        var cluster = try cluster(nil)
        cluster.pools[0].engines[0].count = 1
        // What a log does not tell: prefixes that prompts have in common.
        let part = TokenWorkload.Class(
            name: "a", prompt: .uniform(lower: 50, upper: 400), output: .uniform(lower: 5, upper: 60))
        cluster.workload?.content = .drawn([part], ratePerSecond: 3, burstiness: 1)
        let simulation = try ServingSimulation(cluster)
        let workload = try #require(cluster.workload)
        var requests: [ListedRequest] = []
        _ = simulation.simulation.play(
            TokenWorkloadSource(workload, contextMax: 8192, seed: 2)
        ) { record in
            requests.append(
                ListedRequest(
                    arrival: record.request.arrival.seconds, prompt: Int(record.request.prompt),
                    output: Int(record.request.output),
                    firstToken: record.timeToFirstToken.seconds + 0.02,
                    lastToken: record.endToEnd.seconds + 0.02))
        }
        requests.sort { $0.arrival < $1.arrival }
        let blind = StepCalibration(simulation, requests: requests, anchor: .client).comparison()
        #expect(blind.firstToken.mean.error < -0.1)
        let client = ClientOverhead(beforeSeconds: 0.02, origin: .stated("x"))
        cluster.client = client
        let known = StepCalibration(
            try ServingSimulation(cluster), requests: requests, anchor: .client
        ).comparison()
        #expect(abs(known.firstToken.mean.error) < 0.02)
        let engine = StepCalibration(try ServingSimulation(cluster), requests: requests).comparison()
        #expect(engine.firstToken.mean.error == blind.firstToken.mean.error, "the anchor decides")
        let fit = try StepCalibration(
            simulation, requests: Array(requests.prefix(60)), anchor: .client
        ).fit(source: "itself")
        #expect(abs(try #require(fit.client).beforeSeconds - 0.02) < 0.008)
    }
}
