import Catalog
import Foundation
import Profiling
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// A real server that nobody tabulated: llama.cpp's with a small model of random weights on this machine.
/// Constants fitted to half of its runs predict the other half.
enum LlamaServer {
    private static let python = ".deps/endpoints/llm/bin/python"
    private static let (width, layers) = (256, 4)
    private static let (port, slots) = (18_097, 4)
    private static let (repeats, requests) = (4, 40)

    static func run(_ board: inout BenchmarkBoard) throws {
        guard FileManager.default.isExecutableFile(atPath: python) else {
            board.note(
                "llama.cpp's server is not installed, so it is not measured: Scripts/check-endpoints "
                    + "installs it.")
            return
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "llama-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let simulation = try cluster(in: folder)
        let server = try serve(in: folder)
        defer {
            server.terminate()
            server.waitUntilExit()
        }
        let run = try started()
        let before = load()
        let warm = try run.outcome(planned(rate: nil, seed: 0), pace: .closed(clients: slots))
        let capacity =
            Double(warm.requests.count) / (warm.requests.map { $0.arrival + ($0.lastToken ?? 0) }.max() ?? 1)
        var runs: [(share: Double, logs: [[ListedRequest]])] = []
        for share in [0.3, 0.6, 0.8] {
            var logs: [[ListedRequest]] = []
            for attempt in 1...repeats {
                board.progress("serving: llama.cpp at \(share) of its capacity, run \(attempt)")
                let plan = planned(rate: share * capacity, seed: UInt64(attempt))
                logs.append(try run.outcome(plan, pace: .timed(connections: 64)).requests)
            }
            runs.append((share, logs))
        }
        // Odd runs are fitted, all loads together; even ones are predicted.
        let fitted = joined(
            runs.flatMap { $0.logs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) })
        let fit = try StepCalibration(simulation, requests: fitted, anchor: .client).fit(source: "llama.cpp")
        var cluster = simulation.cluster
        cluster.pools[0].engines[0].timing = .constants(fit.constants)
        cluster.client = fit.client
        let predicting = try ServingSimulation(cluster)
        show(runs, predicting, fit, capacity: capacity, &board)
        board.note(
            "\(warm.server) on one thread, capacity \(capacity.rounded(significantDigits: 3)) requests/s, "
                + "with \(slots) clients. The machine's load was \(before) before and \(load()) after, on "
                + "\(ProcessInfo.processInfo.activeProcessorCount) processors: others are in the times."
        )
    }

    private static func show(
        _ runs: [(share: Double, logs: [[ListedRequest]])], _ predicting: ServingSimulation,
        _ fit: StepCalibration.Fit, capacity: Double, _ board: inout BenchmarkBoard
    ) {
        var rows: [[Table.Cell]] = []
        for (share, logs) in runs {
            let found = logs.enumerated().filter { $0.offset % 2 == 1 }.map {
                StepCalibration(predicting, requests: $0.element, anchor: .client).comparison()
            }
            func median(_ value: (RunComparison) -> Double) -> Double {
                let sorted = found.map(value).sorted()
                return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            }
            let spread = logs.map { log in log.reduce(0) { $0 + ($1.lastToken ?? 0) } / Double(log.count) }
            rows.append([
                .number(share), .integer(found.count), .number(median { $0.firstToken.mean.measured * 1000 }),
                .number(median { $0.firstToken.mean.error }),
                .number(median { $0.outputToken?.mean.error ?? .nan }),
                .number(median { $0.endToEnd.mean.error }), .number(median(\.endToEnd.absoluteError)),
                .number((spread.max() ?? 0) / (spread.min() ?? 1) - 1),
            ])
            board.figure(
                "llamaEndToEndErrorAt\(Int(share * 100))Percent", .number(median { $0.endToEnd.mean.error }))
        }
        board.show(
            Table(
                caption:
                    "llama.cpp's server, runs that the fit has not seen: simulated over measured, less 1, "
                    + "medians over runs",
                columns: [
                    .init("load", "load over capacity", .plain), .init("runs", "runs", .count),
                    .init("ttft", "measured TTFT", .milliseconds), .init("ttftError", "TTFT", .fraction),
                    .init("tpotError", "TPOT", .fraction), .init("e2eError", "E2E", .fraction),
                    .init("off", "off a request", .fraction),
                    .init("spread", "slowest run over fastest", .fraction),
                ], rows: rows))
        board.note(
            String(
                format:
                    "Fitted: MFU %.3f, MBU %.3f of chosen peaks, host %.2f ms, %.0f us a sequence, %.2f ms "
                    + "before the queue; off by %.0f %% a request on the runs that were fitted.",
                fit.constants.arithmetic, fit.constants.bandwidth, fit.constants.hostSeconds * 1000,
                fit.constants.sequenceSeconds * 1e6, (fit.client?.beforeSeconds ?? 0) * 1000,
                fit.comparison.endToEnd.absoluteError * 100))
    }

    // MARK: The server

    private static func serve(in folder: URL) throws -> Process {
        let model = folder.appendingPathComponent("model.gguf").path
        let size = ["--width", "\(width)", "--layers", "\(layers)"]
        let writing = try start(["Scripts/tiny-llm", model] + size)
        writing.waitUntilExit()
        return try start(["Scripts/tiny-llm", "--serve", model, "--port", "\(port)"])
    }

    private static func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Asks until the server answers.
    private static func started() throws -> CompletionRun {
        let settings = EngineSettings(name: "openai", url: "http://127.0.0.1:\(port)")
        for _ in 0..<120 {
            if let run = try? CompletionRun(settings: settings, served: "tiny", seed: 5),
                (try? run.outcome(
                    [ListedRequest(arrival: 0, prompt: 8, output: 16)], pace: .closed(clients: 1)))
                    != nil
            {
                return run
            }
            Thread.sleep(forTimeInterval: 0.5)
        }
        return try CompletionRun(settings: settings, served: "tiny", seed: 5)
    }

    private static func load() -> String {
        var averages = [0.0, 0, 0]
        getloadavg(&averages, 3)
        return String(format: "%.1f", averages[0])
    }

    // MARK: What is sent, and what is simulated

    private static func planned(rate: Double?, seed: UInt64) -> [ListedRequest] {
        let part = TokenWorkload.Class(
            name: "chat", prompt: .uniform(lower: 10, upper: 90), output: .uniform(lower: 16, upper: 64))
        let workload = TokenWorkload(
            content: .drawn([part], ratePerSecond: rate ?? 1, burstiness: 1), count: requests)
        return TokenWorkloadSource.listed(workload, contextMax: 1024, seed: seed)
    }

    /// One run after another, so far apart that none meets the one before.
    private static func joined(_ logs: [[ListedRequest]]) -> [ListedRequest] {
        logs.enumerated().flatMap { index, log in
            log.map { request in
                var request = request
                request.arrival += Double(index) * 10_000
                return request
            }
        }
    }

    private static func cluster(in folder: URL) throws -> ServingSimulation {
        let devices = folder.appendingPathComponent("servers/devices/accelerators")
        try FileManager.default.createDirectory(at: devices, withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) throws {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        // Peaks are chosen: what is fitted are shares of them.
        try write(
            "id: host\ntitle: This host\nfigures:\n  - source: chosen for a fit\n    peak_bf16_tflops: 0.1\n"
                + "    bandwidth_gb_per_s: 20\n    memory_gib: 4\n",
            "servers/devices/accelerators/host.yaml")
        try write(
            "{\"architectures\": [\"LlamaForCausalLM\"], \"hidden_size\": \(width), \"vocab_size\": 368, "
                + "\"intermediate_size\": \(2 * width), \"num_hidden_layers\": \(layers), "
                + "\"num_attention_heads\": 4, "
                + "\"num_key_value_heads\": 4, \"max_position_embeddings\": 1024}",
            "tiny.json")
        try write(
            "id: llama\nmodel: tiny.json\nengines:\n  - {device: host, policy: llamacpp, "
                + "sequences_max: \(slots), "
                + "token_budget: 2048, blocks: 256}\n", "llama.yaml")
        return try ServingSimulation(
            try Catalog(directory: folder.path).servingCluster(
                at: folder.appendingPathComponent("llama.yaml").path))
    }
}
