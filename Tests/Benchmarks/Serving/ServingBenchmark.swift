import Catalog
import Foundation
import Quantities
import Randomness
import Reporting
import ServerModels
import Simulation
import Vocabulary

/// The simulation of language models against measured runs, against itself, and for its speed.
enum ServingBenchmark: Benchmark {
    static let name = "serving"
    static let purpose =
        "language models: measured runs, a real server, rows against single steps, speed "
        + "[--short] [llama|peers|checks]"

    static let data = "../shared/data"

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let isShort = arguments.contains("--short")
        // One part alone, for a machine that is quiet for a while.
        if arguments.contains("llama") { return try LlamaServer.run(&board) }
        if arguments.contains("checks") { return try ServingChecks.run(isShort: isShort, &board) }
        if arguments.contains("peers") { return try ServingPeers.run(isShort: isShort, &board) }
        try MeasuredRuns.run(&board)
        try SiliconRows.run(&board)
        try ModelTransfer.run(&board)
        try PowerMix.run(&board)
        try NearSaturation.run(&board)
        if isShort {
            board.note("llama.cpp's server is measured by the whole benchmark only.")
        } else {
            try LlamaServer.run(&board)
        }
        try ServingChecks.run(isShort: isShort, &board)
        try ServingPeers.run(isShort: isShort, &board)
        try ServingSpeed.run(isShort: isShort, &board)
    }
}

/// Published runs of vLLM, request by request (LLMServingSim 2.0).
private enum MeasuredRuns {
    private struct Card {
        let folder: String
        let device: String
        /// Lines of the cluster's file.
        let rules: String
        let hostMilliseconds: Double
    }

    private static let cards = [
        Card(
            folder: "RTX4090", device: "geforce-rtx-4090",
            rules: "sequences_max: 256, token_budget: 2048, blocks: 2588", hostMilliseconds: 0),
        // Its log names no number of blocks; none is short, so that what memory gives will do.
        Card(
            folder: "RTXPRO6000", device: "rtx-pro-6000-server-96gb",
            rules: "sequences_max: 128, token_budget: 2048", hostMilliseconds: 1),
    ]

    static func run(_ board: inout BenchmarkBoard) throws {
        guard FileManager.default.fileExists(atPath: "\(ServingBenchmark.data)/llmservingsim") else {
            board.note("No measured runs at \(ServingBenchmark.data)/llmservingsim: not compared.")
            return
        }
        var rows: [[Table.Cell]] = []
        for card in cards {
            let folder = "\(ServingBenchmark.data)/llmservingsim/\(card.folder)/Llama-3.1-8B"
            let requests = try RequestLogReader.requests(at: "\(folder)/requests.jsonl")
            func calibration(_ timing: String) throws -> StepCalibration {
                StepCalibration(try simulation(card, timing), requests: requests)
            }
            let root = FileManager.default.currentDirectoryPath
            let kernels = "kernel_times: \(root)/\(folder)"
            let bare = try calibration(kernels).comparison()
            rows.append(row(card.folder, "kernel times", bare))
            if card.hostMilliseconds > 0 {
                let hosted = try calibration("\(kernels), host_ms: \(card.hostMilliseconds)").comparison()
                rows.append(row(card.folder, "kernel times, 1 ms host", hosted))
                bars(
                    hosted, "\(card.folder), kernel times and a host term", atMost: (0.05, 0.05, 0.05), &board
                )
            } else {
                bars(bare, "\(card.folder), kernel times", atMost: (0.03, 0.05, 0.02), &board)
            }
            let sheet = "constants: {mfu: 1, mbu: 1, source: data sheet}"
            rows.append(row(card.folder, "data sheet", try calibration(sheet).comparison()))
            rows.append(row(card.folder, "MFU 0.5, MBU 0.8", try calibration("role: mixed").comparison()))
            let fit = try calibration("role: mixed").fit(source: card.folder)
            let (constants, whole) = (fit.constants, fit.comparison)
            rows.append(row(card.folder, "fitted to all: \(text(constants))", whole))
            bars(whole, "\(card.folder), fitted MFU, MBU and host", atMost: (0.02, .infinity, 0.02), &board)
            let half = requests.count / 2
            let early = try StepCalibration(
                try simulation(card, "role: mixed"), requests: requests, compared: 0..<half
            ).fit(source: card.folder).constants
            let numbers =
                "mfu: \(early.arithmetic), mbu: \(early.bandwidth), host_ms: \(early.hostSeconds * 1000)"
            let predicted = StepCalibration(
                try simulation(card, "constants: {\(numbers), source: fit}"), requests: requests,
                compared: half..<requests.count
            ).comparison()
            rows.append(row(card.folder, "second half, fitted to the first: \(text(early))", predicted))
            board.figure("\(card.folder)FittedMFU", .number(constants.arithmetic))
            board.figure("\(card.folder)FittedMBU", .number(constants.bandwidth))
            board.figure("\(card.folder)FittedHostMilliseconds", .number(constants.hostSeconds * 1000))
        }
        board.show(
            Table(
                caption: "Llama-3.1-8B on vLLM 0.19, 300 requests each: simulated over measured, less 1",
                columns: [
                    .init("card", "card", .text), .init("steps", "step times", .text),
                    .init("ttft", "TTFT", .fraction), .init("tpot", "TPOT", .fraction),
                    .init("e2e", "E2E", .fraction), .init("ttftP99", "TTFT p99", .fraction),
                    .init("tpotP99", "TPOT p99", .fraction), .init("e2eP99", "E2E p99", .fraction),
                    .init("off", "off a request", .fraction), .init("preemptions", "preemptions", .count),
                ], keyColumnCount: 2, rows: rows))
        board.note("195 preemptions were counted in the run on the RTX 4090, none on the other.")
    }

    private static func text(_ constants: StepConstants) -> String {
        String(
            format: "%.2f/%.2f/%.2f ms", constants.arithmetic, constants.bandwidth,
            constants.hostSeconds * 1000)
    }

    private static func simulation(_ card: Card, _ timing: String) throws -> ServingSimulation {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("hercules-serving-\(ProcessInfo.processInfo.processIdentifier).yaml")
        defer { try? FileManager.default.removeItem(at: path) }
        let engine = "{device: \(card.device), \(card.rules), \(timing)}"
        try "id: run\nmodel: llama-3.1-8b\nengines:\n  - \(engine)\n"
            .write(to: path, atomically: true, encoding: .utf8)
        return try ServingSimulation(try Catalog(directory: "Workloads").servingCluster(at: path.path))
    }

    private static func row(_ card: String, _ steps: String, _ found: RunComparison) -> [Table.Cell] {
        func cell(_ number: Double?) -> Table.Cell { number.map { .number($0) } ?? .missing }
        return [
            .text(card), .text(steps), cell(found.firstToken.mean.error), cell(found.outputToken?.mean.error),
            cell(found.endToEnd.mean.error), cell(found.firstToken.p99.error),
            cell(found.outputToken?.p99.error),
            cell(found.endToEnd.p99.error), cell(found.endToEnd.absoluteError), .integer(found.preemptions),
        ]
    }

    /// - Parameter atMost: of the means, of the 99th percentiles, of each request.
    private static func bars(
        _ found: RunComparison, _ what: String, atMost: (Double, Double, Double),
        _ board: inout BenchmarkBoard
    ) {
        let latencies = [found.firstToken, found.outputToken, found.endToEnd].compactMap { $0 }
        let mean = latencies.map { abs($0.mean.error) }.max() ?? .infinity
        board.bar("\(what): largest error of a mean", mean, atMost: atMost.0)
        if atMost.1.isFinite {
            let tail = latencies.map { abs($0.p99.error) }.max() ?? .infinity
            board.bar("\(what): largest error of a p99", tail, atMost: atMost.1)
        }
        board.bar("\(what): off a request, end to end", found.endToEnd.absoluteError, atMost: atMost.2)
    }
}
