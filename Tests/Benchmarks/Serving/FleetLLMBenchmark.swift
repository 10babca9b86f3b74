import Catalog
import Foundation
import Pipeline
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// Language models from measured rows to a fleet: laws of steps, degrees of tensor parallelism, routers, and
/// what the shipped fleet saves.
enum FleetLLMBenchmark: Benchmark {
    static let name = "fleet-llm"
    static let purpose =
        "laws of steps, tensor parallelism, routers, programs and savings of a fleet for language models"

    /// What `--only NAME` chooses.
    private static var parts: [(name: String, run: (inout BenchmarkBoard) throws -> Void)] {
        [
            ("laws", laws), ("degrees", degrees), ("routers", routers), ("rules", EngineSearch.run),
            ("programs", FootprintPrograms.run), ("helix", HelixPrograms.run),
            ("classes", SharedBoxPlans.run),
            ("savings", { try SavingsBenchmark.weigh("chat-fleet", &$0) }), ("traces", FleetTraces.run),
        ]
    }

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let place = arguments.firstIndex(of: "--only").map { $0 + 1 }
        let only = place.flatMap { arguments.indices.contains($0) ? arguments[$0] : "" }
        if let only, !parts.contains(where: { $0.name == only }) {
            board.note(
                "--only: found '\(only)', expected one of \(parts.map(\.name).joined(separator: ", "))")
        }
        for part in parts where only == nil || only == part.name { try part.run(&board) }
    }

    private static let data = "\(ServingBenchmark.data)/aiconfigurator"

    // MARK: Laws

    private static func laws(_ board: inout BenchmarkBoard) throws {
        guard FileManager.default.fileExists(atPath: "\(data)/silicon_sample.csv") else {
            board.note("No measured rows at \(data): no laws fitted.")
            return
        }
        let fits = try ["silicon_llama_70b.csv", "silicon_sample.csv"].flatMap { file in
            try TokenLawStage(
                file: "\(data)/\(file)", kind: "aiconfigurator", selection: .init(), catalogue: "Workloads"
            ).fits.compactMap { fit in
                fit.row.law.map { law in
                    (
                        row: fit.row, isDense: fit.row.model.contains("Llama"), law: law,
                        errors: fit.leftOutErrors
                    )
                }
            }
        }
        func errors(_ isDense: Bool) -> [Double] {
            fits.filter { $0.isDense == isDense && $0.law.residuals.isTrusted }
                .flatMap(\.errors).sorted()
        }
        func line(_ what: String, _ isDense: Bool) -> [Table.Cell] {
            let own = fits.filter { $0.isDense == isDense }
            let errors = errors(isDense)
            return [
                .text(what), .integer(own.count),
                .integer(own.count { !$0.law.residuals.isTrusted }), .integer(errors.count),
                .number(mean(errors)), .number(quantile(0.9, errors)),
            ]
        }
        board.show(
            Table(
                caption: "Time of an output token, each measured row predicted from the others of its group",
                columns: [
                    .init("models", "models", .text), .init("groups", "groups", .count),
                    .init("refused", "refused", .count), .init("rows", "rows", .count),
                    .init("mean", "mean error", .fraction), .init("p90", "p90", .fraction),
                ], rows: [line("dense", true), line("with experts", false)]))
        let refused = fits.filter { !$0.law.residuals.isTrusted }.map { one in
            [
                one.row.model, one.row.backend, one.row.precision, one.row.device,
                "TP\(one.law.tensorParallel)",
            ]
            .filter { !$0.isEmpty }.joined(separator: " ")
        }
        board.note(
            refused.isEmpty
                ? "No group is off by more than 15 % on rows left out."
                : "Refused, off by more than 15 % on rows left out: \(refused.joined(separator: "; ")).")
        board.bar("dense models: mean error on rows left out", mean(errors(true)), atMost: 0.05)
        board.bar("dense models: p90 of it", quantile(0.9, errors(true)), atMost: 0.10)
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }

    private static func quantile(_ share: Double, _ sorted: [Double]) -> Double {
        sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    // MARK: Degrees

    /// One box, what is asked of it and the degrees to tell apart.
    private struct Question {
        let title: String
        let box: ServerTypeID
        let prompt: Int
        let firstTokenSeconds: Double
        let degrees: [Int]
        /// The degree that serves most, as measured rows have it.
        let expected: Int
    }

    private static let questions = [
        Question(
            title: "1024/1024, no limit that binds", box: "dgx-h100", prompt: 1024, firstTokenSeconds: 60,
            degrees: [2, 4, 8], expected: 2),
        Question(
            title: "1024/1024, no limit that binds", box: "dgx-h200", prompt: 1024, firstTokenSeconds: 60,
            degrees: [1, 2, 4, 8], expected: 1),
        Question(
            title: "8192/1024, first token within 3 s", box: "dgx-h100", prompt: 8192, firstTokenSeconds: 3,
            degrees: [2, 4], expected: 4),
        Question(
            title: "8192/1024, first token within 3 s", box: "dgx-h200", prompt: 8192, firstTokenSeconds: 3,
            degrees: [1, 2], expected: 2),
    ]

    private static func degrees(_ board: inout BenchmarkBoard) throws {
        let catalog = try Catalog(directory: "Workloads")
        var (rows, right): ([[Table.Cell]], Int) = ([], 0)
        for question in questions {
            let service = TokenService(
                shape: try catalog.languageModel(named: "llama-3.1-70b-fp8"),
                classes: [
                    TokenWorkload.Class(name: "all", prompt: .fixed(question.prompt), output: .fixed(1024))
                ], laws: try catalog.tokenLaws(named: "llama-3.1-70b-fp8-vllm"))
            let model = Model(
                id: "llama-70b", title: "", source: "", kind: .language(service),
                latencyTarget: LatencyTarget(
                    quantile: Quantile(0.9), limit: Nanoseconds(seconds: question.firstTokenSeconds)),
                querySizes: .fixed(1))
            let server = try LanguageServerModel(
                model, on: try catalog.serverType(question.box),
                settings: ServerModelSettings(batches: [1], queries: .exactly(400), seed: 1))
            let limits = ServiceLimits(target: model.latencyTarget)
            let rates = try question.degrees.map { degree in
                try server.evaluate(
                    .engine(EngineRules(tensorParallel: degree, sequencesMax: 64, tokenBudget: 2048)),
                    within: limits
                ).throughput.value
            }
            let best = zip(question.degrees, rates).max { $0.1 < $1.1 }?.0
            if best == question.expected { right += 1 }
            let found = zip(question.degrees, rates).map { "TP\($0.0) \($0.1.short())" }
            rows.append([
                .text(question.title), .text(question.box.name), .text(found.joined(separator: ", ")),
                .text(best.map { "TP\($0)" } ?? "none"), .text("TP\(question.expected)"),
            ])
        }
        board.show(
            Table(
                caption: "Llama 3.1 70B FP8: requests/s of a box by degree of tensor parallelism",
                columns: [
                    .init("question", "prompt/answer", .text), .init("box", "box", .text),
                    .init("rates", "requests/s", .text), .init("best", "serves most", .text),
                    .init("measured", "measured rows", .text),
                ], rows: rows))
        board.bar("degrees chosen as measured rows have it", Double(right), atLeast: Double(questions.count))
    }

    // MARK: Routers

    /// Two engines of unlike speed, with every request present: turns wait for the slower.
    private static func contest(_ ratio: Double) throws -> RouterContest {
        let catalog = try Catalog(directory: "Workloads")
        let device = try catalog.device(.accelerator, "h100-sxm5-80gb")
        func engine(_ stretch: Double) -> ServingEngine {
            ServingEngine(
                device: device, rules: EngineRules(sequencesMax: 64, tokenBudget: 8192),
                timing: .constants(
                    StepConstants(
                        arithmetic: 0.6 / stretch, bandwidth: 0.7 / stretch, hostSeconds: 0.003 * stretch,
                        origin: .assumed)), blocks: 20_000, keepsPrefixes: false)
        }
        let lengths = TokenCounts.logNormal(median: 190, sigma: 0.7, lower: 4, upper: 4000)
        let cluster = ServingCluster(
            name: "two",
            pools: [
                ServingPool(
                    name: "engines", model: try catalog.languageModel(named: "llama-3.1-8b"),
                    engines: [engine(1), engine(ratio)])
            ])
        let part = TokenWorkload.Class(name: "all", prompt: lengths, output: lengths)
        return RouterContest(
            cluster,
            TokenWorkload(content: .drawn([part], ratePerSecond: 1, burstiness: 1), count: 16_000), seed: 3)
    }

    private static func routers(_ board: inout BenchmarkBoard) throws {
        for ratio in [3.45, 1.672, 1] {
            let contest = try contest(ratio)
            let present = try contest.entries.map { try contest.figures($0, isPresent: true) }
            let comparison = RouterComparison(
                speeds: try contest.speeds(), present: present, arriving: present, rate: nil)
            board.note("Two engines, one \(ratio) times as fast as the other, 16,000 requests present:")
            board.show(RouterTable(comparison).table)
            func gain(_ predicted: PredictedLengths) -> Double {
                present.first { $0.router == .capacityAware && $0.predicted == predicted }
                    .flatMap(comparison.gain) ?? .nan
            }
            if ratio == 3.45 {
                board.bar(
                    "capacity-aware at 3.45, lengths known: of what can be won",
                    gain(.known) / comparison.idealGain, atLeast: 0.8)
                board.bar(
                    "capacity-aware at 3.45, lengths off by sigma 0.5: of what can be won",
                    gain(.error(sigma: 0.5)) / comparison.idealGain, atLeast: 0.5)
            } else if ratio == 1 {
                board.bar("capacity-aware on equal engines: off turns", abs(gain(.known)), atMost: 0.02)
            }
        }
    }
}
