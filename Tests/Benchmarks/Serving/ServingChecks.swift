import Dispatch
import Foundation
import Quantities
import Randomness
import Reporting
import Simulation
import TokenScenarios

/// What has to hold of the simulation whatever it plays: the share that a trace states, sums over drawn
/// clusters, limits where formulas are known, and the same bytes on any number of threads.
enum ServingChecks {
    static func run(isShort: Bool, _ board: inout BenchmarkBoard) throws {
        try mooncake(&board)
        conservation(isShort ? 100 : 1_000, &board)
        formulas(400_000, &board)
        threads(isShort ? 8 : 64, &board)
    }

    // MARK: Content that requests share

    private static func mooncake(_ board: inout BenchmarkBoard) throws {
        let path = "\(ServingBenchmark.data)/mooncake/synthetic_trace.jsonl"
        guard FileManager.default.fileExists(atPath: path) else {
            return board.note("No trace at \(path): its share of prefix hits is not compared.")
        }
        struct Line: Decodable {
            let timestamp: Double
            let inputLength: Int
            let outputLength: Int
            let hashIds: [UInt64]
        }
        var (names, requests): ([UInt64], [TokenRequest]) = ([], [])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        for text in try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline) {
            let line = try decoder.decode(Line.self, from: Data(text.utf8))
            requests.append(
                TokenRequest(
                    id: Int64(requests.count), arrival: Nanoseconds(milliseconds: line.timestamp),
                    prompt: line.inputLength, output: max(1, line.outputLength),
                    prefix: .blocks(
                        first: Int32(names.count), count: Int32(line.hashIds.count), tokens: 512)))
            names += line.hashIds
        }
        var setup = EngineSetup(blocks: 40_000_000)
        setup.tokenBudget = 200_000
        var law = LinearStepLaw()
        law.host = 1_000_000
        var simulation = TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
        simulation.names = names
        var found = 0
        let outcome = simulation.play(ListedRequests(requests)) { record in
            found += (Int(record.cachedTokens) + 511) / 512
        }
        let share = Double(found) / Double(names.count)
        board.note(
            String(
                format: "Mooncake's synthetic trace, unlimited cache: %.2f %% of names of 512 tokens found, "
                    + "%.1f %% of tokens, as last names are short.",
                share * 100, (outcome.hitShare ?? 0) * 100))
        board.bar(
            "Mooncake, share of names found less the published 0.640", abs(share - 0.640), atMost: 0.001)
    }

    // MARK: Sums

    private static func conservation(_ seeds: Int, _ board: inout BenchmarkBoard) {
        var (blocks, tokens, requests, tiers, events, returned) = (0, 0, 0, 0, 0, 0)
        for seed in 0..<UInt64(seeds) {
            let scenario = TokenScenario(seed: seed, hasTiers: seed % 3 == 0, hasFailures: true)
            let (records, outcome) = scenario.play(jumps: seed % 2 == 0, verifies: true)
            blocks += outcome.imbalances.count
            let generated = outcome.engines.reduce(0) { $0 + $1.generatedTokens }
            let answered = records.reduce(0) { $0 + Int($1.request.output) }
            if generated != answered + outcome.tokensOfLost { tokens += 1 }
            let ended = outcome.completed + outcome.rejected + outcome.lost
            if outcome.arrived != scenario.requests.count || outcome.arrived != ended { requests += 1 }
            for tier in outcome.tiers where tier.blocksMost > tier.blocks { tiers += 1 }
            events += outcome.eventsPlayed
            returned += outcome.returned
        }
        board.note(
            "\(seeds) drawn clusters with failures, a third of them with tiers below the device: "
                + "\(events) events, \(returned) requests that failing engines had.")
        let wrong = blocks + tokens + requests + tiers
        board.bar("blocks, tokens, requests and bytes of tiers that do not add up", Double(wrong), atMost: 0)
    }

    // MARK: Formulas

    private static func formulas(_ count: Int, _ board: inout BenchmarkBoard) {
        var rows: [[Table.Cell]] = []
        var (worst, littleWorst) = (0.0, 0.0)
        // One server with exponential service at 0.9 would take millions of requests to settle.
        let queues = [(1, 0.7, true), (1, 0.9, true), (1, 0.7, false), (4, 0.75, false), (16, 0.9, false)]
        for (servers, utilisation, isConstant) in queues {
            let found = queue(servers, utilisation, isConstant: isConstant, count: count)
            let expected = expected(servers, utilisation, isConstant: isConstant)
            rows.append([
                .text(isConstant ? "M/D/1" : "M/M/\(servers)"), .number(utilisation), .number(found.mean),
                .number(expected), .number(found.mean / expected - 1), .number(found.little),
            ])
            worst = max(worst, abs(found.mean / expected - 1))
            littleWorst = max(littleWorst, abs(found.little))
        }
        board.show(
            Table(
                caption: "Engines as queues, \(count) requests: time in the system over that of service",
                columns: [
                    .init("queue", "queue", .text), .init("utilisation", "utilisation", .plain),
                    .init("found", "simulated", .plain), .init("formula", "formula", .plain),
                    .init("error", "off", .fraction), .init("little", "Little's law off", .fraction),
                ], keyColumnCount: 2, rows: rows))
        board.bar("queues, largest error of the mean against its formula", worst, atMost: 0.05)
        board.bar("Little's law, largest error", littleWorst, atMost: 0.02)
    }

    private static let stepSeconds = 1e-3

    /// - Returns: the mean time in the system over that of service, and by how much the mean number in the
    ///   system, looked at now and then, differs from rate times time.
    private static func queue(
        _ servers: Int, _ utilisation: Double, isConstant: Bool, count: Int
    ) -> (mean: Double, little: Double) {
        var setup = EngineSetup(blocks: 4_000_000)
        setup.sequencesMax = servers
        setup.tokenBudget = max(64, servers)
        setup.keepsContent = false
        var law = LinearStepLaw()
        law.host = Int64(stepSeconds * 1e12)
        var simulation = TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
        simulation.samplesMax = 100_000
        let steps = isConstant ? 1.0 : 200
        let service = steps * stepSeconds
        let rate = utilisation * Double(servers) / service
        let outcome = simulation.play(PoissonRequests(count: count, rate: rate, steps: steps))
        let mean = outcome.all.endToEnd.mean?.seconds ?? .nan
        let held = outcome.samples.reduce(0) { $0 + $1.running + $1.waiting }
        let number = Double(held) / Double(max(1, outcome.samples.count))
        let throughput = Double(outcome.completed) / (outcome.end - outcome.start).seconds
        return (mean / service, number / (throughput * mean) - 1)
    }

    /// Pollaczek and Khinchine, and Erlang C from the recursion of Erlang B.
    private static func expected(_ servers: Int, _ utilisation: Double, isConstant: Bool) -> Double {
        if isConstant { return 1 + utilisation / (2 * (1 - utilisation)) }
        let offered = utilisation * Double(servers)
        var blocking = 1.0
        for count in 1...servers { blocking = offered * blocking / (Double(count) + offered * blocking) }
        let waiting = blocking / (1 - utilisation * (1 - blocking))
        return 1 + waiting / (Double(servers) * (1 - utilisation))
    }

    // MARK: Threads

    private static func threads(_ seeds: Int, _ board: inout BenchmarkBoard) {
        @Sendable func play(_ seed: Int) -> [Int64] {
            TokenScenario(seed: UInt64(seed), hasTiers: true, hasFailures: true).play(jumps: true)
                .records.flatMap { [$0.request.id, $0.firstToken.count, $0.lastToken.count] }
        }
        let alone = (0..<seeds).map(play)
        let (results, lock) = (Results(seeds), NSLock())
        DispatchQueue.concurrentPerform(iterations: seeds) { seed in
            let found = play(seed)
            lock.withLock { results.found[seed] = found }
        }
        let different = zip(alone, results.found).count { $0 != $1 }
        board.bar("seeds that differ between one thread and all", Double(different), atMost: 0)
    }

    private final class Results: @unchecked Sendable {
        var found: [[Int64]]

        init(_ count: Int) { found = Array(repeating: [], count: count) }
    }
}
