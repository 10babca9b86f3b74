import Foundation
import Quantities
import Reporting
import Simulation

/// Other simulators of serving in the same run, where they are installed.
enum ServingPeers {
    private struct Answer: Decodable {
        let peer: String
        let requests: Int?
        let seconds: Double?
        let ttft: Double?
        let tpot: Double?
        let e2e: Double?
        let failed: String?

        /// Requests a second; nil where it did not run.
        var rate: Double? {
            guard let requests, let seconds, seconds > 0 else { return nil }
            return Double(requests) / seconds
        }
    }

    static func run(isShort: Bool, _ board: inout BenchmarkBoard) throws {
        try dynamo(isShort ? 1_000 : 10_000, &board)
        vidur(&board)
        board.note(
            "Published, not measured here: AISimulate 36,000 requests/s (its own report, 1,000 requests of "
                + "1,024 and 128 tokens, warm, on an M3 Pro); LLMServingSim 8 to 31 requests/s (its PR 67); "
                + "Vidur 8.6 s and BLIS 2.5 to 5.7 s a run in the median (a comparison of simulators). "
                + "AISimulate's own package on PyPI holds no engine; Dynamo's does.")
    }

    // MARK: Dynamo's replay, whose engine is AISimulate's

    /// What it is asked: rules of the engine, and times of its steps in milliseconds.
    private struct Question: Encodable {
        let blocks: Int
        let blockTokens: Int
        let sequences: Int
        let budget: Int
        let host: Double
        let token: Double
        let sample: Double
        let weights: Double
        let pair: Double
        let context: Double
    }

    /// Shares of our capacity; its own is less, as its steps take the times of prompts and of answers both.
    private static let shares = [0.3, 0.6, 0.85]

    private static func dynamo(_ count: Int, _ board: inout BenchmarkBoard) throws {
        let python = ".deps/peers/dynamo/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            return board.note(
                "Dynamo's replay is not installed, so it does not run beside: Scripts/peers/dynamo-replay "
                    + "--install does.")
        }
        let (setup, law) = (EngineSetup(blocks: ServingSpeed.blocks), ServingSpeed.law)
        func milliseconds(_ time: Int64) -> Double { Double(time) * 1e-9 }
        let question = Question(
            blocks: setup.blocks, blockTokens: setup.blockTokens, sequences: setup.sequencesMax,
            budget: setup.tokenBudget, host: milliseconds(law.host), token: milliseconds(law.perToken),
            sample: milliseconds(law.perSample), weights: milliseconds(law.weights),
            pair: milliseconds(law.perPair), context: milliseconds(law.perContext))
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let text = String(decoding: try encoder.encode(question), as: UTF8.self)
        let trace = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: trace) }
        let full = ServingSpeed.capacity(sharesPrefix: false)
        var rows: [[Table.Cell]] = []
        var worst = Double.infinity
        for share in shares {
            board.progress("serving: Dynamo's replay at \(share) of capacity")
            try write(count, rate: share * full, to: trace)
            let answer = try asked(python, ["Scripts/peers/dynamo-replay", trace.path, text])
            guard let rate = answer.rate else {
                return board.note(
                    "\(answer.peer) is installed and did not run: \(answer.failed ?? "it said nothing").")
            }
            var simulation = ServingSpeed.simulation()
            simulation.pools[0].engines[0].setup.keepsContent = false
            let began = ProcessTime.now
            let outcome = simulation.play(
                ServingSpeed.Chat(left: count, rate: share * full, sharesPrefix: false))
            let own = Double(count) / (ProcessTime.now - began)
            worst = min(worst, own / rate)
            func cell(_ seconds: Double?) -> Table.Cell { seconds.map { .number($0 * 1000) } ?? .missing }
            let all = outcome.all
            rows.append([
                .number(share), .number(own.rounded(significantDigits: 3)),
                .number(rate.rounded(significantDigits: 3)),
                .number((own / rate).rounded(significantDigits: 3)), cell(all.firstToken.mean?.seconds),
                cell(answer.ttft), cell(all.outputToken.mean?.seconds), cell(answer.tpot),
            ])
        }
        board.show(
            Table(
                caption: "Beside Dynamo 1.6.1 (the engine of AISimulate), the same \(count) requests on one "
                    + "engine, by the clock of this machine",
                columns: [
                    .init("load", "load over capacity", .plain), .init("own", "ours (requests/s)", .plain),
                    .init("peer", "Dynamo (requests/s)", .plain), .init("ratio", "ours over Dynamo", .plain),
                    .init("ttft", "TTFT", .milliseconds), .init("peerTTFT", "Dynamo's", .milliseconds),
                    .init("tpot", "TPOT", .milliseconds), .init("peerTPOT", "Dynamo's", .milliseconds),
                ], rows: rows))
        board.note(
            "Its steps take the times of prompts and of answers both where one step does both, so it is "
                + "loaded more at the same rate.")
        board.figure("requestsPerSecondOverDynamo", .number(worst))
        board.bar("requests/s over Dynamo's replay, the least over loads", worst, atLeast: 10)
    }

    private static func write(_ count: Int, rate: Double, to file: URL) throws {
        struct Line: Encodable {
            let timestamp: Double
            let inputLength: Int
            let outputLength: Int
            let hashIds: [Int]
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        var source = ServingSpeed.Chat(left: count, rate: rate, sharesPrefix: false)
        var (data, names) = (Data(), 0)
        while let request = source.next() {
            // No block is that of another request.
            let blocks = (Int(request.prompt) + 511) / 512
            let line = Line(
                timestamp: request.arrival.milliseconds, inputLength: Int(request.prompt),
                outputLength: Int(request.output), hashIds: Array(names..<names + blocks))
            data += try encoder.encode(line) + [0x0A]
            names += blocks
        }
        try data.write(to: file)
    }

    // MARK: Vidur

    private static func vidur(_ board: inout BenchmarkBoard) {
        let python = ".deps/peers/vidur/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            return board.note(
                "Vidur is not installed: it loads profiles of kernels from a hub when it starts, which "
                    + "Scripts/peers/vidur-serve --install and a network would allow.")
        }
        do {
            let answer = try asked(python, ["Scripts/peers/vidur-serve"])
            guard let rate = answer.rate else {
                return board.note(
                    "\(answer.peer) is installed and did not run: \(answer.failed ?? "it said nothing").")
            }
            board.note("\(answer.peer): \(Int(rate)) requests/s.")
            board.figure("vidurRequestsPerSecond", .number(rate))
        } catch {
            board.note("Vidur is installed and did not run: \(error).")
        }
    }

    private static func asked(_ python: String, _ arguments: [String]) throws -> Answer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // Libraries may write lines of their own before it.
        let lines = data.split(separator: 0x0A)
        return try JSONDecoder().decode(Answer.self, from: Data(lines.last ?? Data()))
    }
}
