import Files
import Foundation
import Quantities
import Randomness
import Vocabulary

/// Any program that can load hardware by itself and say what came of it, so that what this tool has never
/// seen can be profiled. The contract, version 1:
///
/// The program is asked who it is once, then for each run what a schedule does under a load:
///
///     PROGRAM... --describe
///     PROGRAM... --model FILE --threads M --workers O --batch D --queries FILE --seconds S --seed N
///         --load closed
///     PROGRAM... --model FILE --threads M --workers O --batch D --queries FILE --seconds S --seed N
///         --load open
///
/// `--model` is the model's definition as JSON, `--queries` a CSV of `arrival_seconds,items`. Under an open
/// load the queries arrive at these times whatever the program does, and latency runs from that time to the
/// end of the query's last item; the first tenth of the time is warm-up and is reported on only where that
/// cannot be helped. Under a closed load the arrival times are empty: the program takes the sizes one after
/// another, over and over, as fast as it can for about as many seconds. It answers with one JSON object on
/// its standard output and exits with 0:
///
///     --describe      {"contract": 1, "name": "npu-session", "version": "3.2"}
///     --load closed   {"contract": 1, "items_per_second": 81000}
///     --load open     {"contract": 1, "queries": 412, "duration_seconds": 0.9, "queries_per_second": 457.8,
///                      "latency_histogram_ms": [[1.2, 300], [1.9, 112]],
///                      "watts": 74.5, "watts_provenance": "metered", "utilisation_fraction": 0.61,
///                      "service_samples_ms": [[64, 0.8], [17, 0.4]]}
///
/// A histogram is of pairs of a latency and a count, ascending. In its place `latency_quantiles_ms` may give
/// quantiles, `{"0.5": 1.1, "0.95": 1.8, "1": 3}`, up to 1; they become a histogram of as many steps, each at
/// its upper end, so that no latency is reported as better than it was. Watts are the mean over the run,
/// `metered` or `estimated`; without them this machine's meter counts, or the server type's estimate by the
/// utilisation, where that is given. Service samples, pairs of items and milliseconds of one launch, are what
/// a search by simulation draws on; without them schedules can be measured but not searched.
public final class CommandEngine: InferenceEngine {
    public let name = "command"
    public let version: String
    private let command: [String]
    private let timeout: Nanoseconds
    /// How long the program may take beyond the load it was asked for.
    static let timeoutDefault = Nanoseconds(seconds: 60)
    static let contract = 1.0

    /// Asks the program who it is.
    public init(settings: EngineSettings) throws(ProfilingError) {
        guard let command = settings.command, !command.isEmpty else {
            throw .badSetting(
                engine: name, key: "command", found: "nothing", expected: "a program and its first arguments")
        }
        self.command = command
        timeout = settings.timeout ?? Self.timeoutDefault
        let answer = try CommandAnswer(
            ChildProgram(arguments: command + ["--describe"], timeout: timeout).output(),
            of: command.joined(separator: " "))
        version = "\(try answer.text("name")) \(try answer.text("version"))"
    }

    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        CommandModel(command: command, timeout: timeout, model: model, threads: threads, workers: workers)
    }
}

/// A model under one M and O of a program.
final class CommandModel: SelfLoadingModel {
    private let command: [String]
    private let timeout: Nanoseconds
    private let model: Model
    private let threads: Int
    private let operatorWorkers: Int
    private static let saturationQueries = 2000

    init(command: [String], timeout: Nanoseconds, model: Model, threads: Int, workers: Int) {
        self.command = command
        self.timeout = timeout
        self.model = model
        self.threads = threads
        operatorWorkers = workers
    }

    func saturate(
        sizes: QuerySizes, batch: Int, duration: Nanoseconds, seed: UInt64
    ) throws(ProfilingError) -> Saturation {
        let sampler = QuerySizeSampler(sizes)
        var stream = RandomStream(seed: seed, name: "saturation sizes")
        let lines = (0..<Self.saturationQueries).map { _ in ",\(sampler.sample(using: &stream))" }
        let begin = SystemClock.now()
        let answer = try run(load: "closed", lines, batch: batch, duration: duration, seed: seed)
        let rate = try answer.number("items_per_second", 1e-9...1e15)
        return Saturation(
            itemsPerSecond: rate,
            throughput: QueriesPerSecond(rate / QuerySizeSampler(sizes).meanSize),
            pieces: Self.saturationQueries, duration: SystemClock.now() - begin, utilisation: Fraction(1),
            latencies: LatencyHistogram(bins: []), serviceSamples: [])
    }

    func offer(_ run: OpenLoopRun) throws(ProfilingError) -> LoadOutcome {
        let arrivals = run.arrivals
        let lines = (0..<arrivals.count).map { "\(arrivals.offsets[$0].seconds),\(arrivals.sizes[$0])" }
        let begin = SystemClock.now()
        let answer = try self.run(
            load: "open", lines, batch: run.batch, duration: run.leadIn + run.duration, seed: run.seed)
        let queries = Int(try answer.number("queries", 0...1e15))
        let latencies = try answer.latencies(queries: queries)
        let utilisation = try answer.optionalNumber("utilisation_fraction", 0...1)
        return LoadOutcome(
            arrivedQueries: queries, completedQueries: latencies.count, abandonedQueries: 0,
            ending: .complete,
            duration: Nanoseconds(seconds: try answer.number("duration_seconds", 1e-6...1e9)),
            countedFrom: begin + run.leadIn,
            warmUp: LoadRun.WarmUp(duration: run.leadIn, queries: 0), isSettled: true,
            completedRate: QueriesPerSecond(try answer.number("queries_per_second", 0...1e15)),
            latencies: latencies, effectiveQueries: 0, generatorLateness: LatencyHistogram(bins: []),
            dispatch: LatencyHistogram(bins: []), serviceSamples: try answer.serviceSamples(),
            utilisation: Fraction(utilisation ?? 0), startedAt: begin, tokens: nil,
            reportedPower: try answer.power(),
            knowsUtilisation: utilisation != nil)
    }

    private func run(
        load: String, _ lines: [String], batch: Int, duration: Nanoseconds, seed: UInt64
    ) throws(ProfilingError) -> CommandAnswer {
        let folder: ScratchFolder
        let (definition, queries): (String, String)
        do {
            folder = try ScratchFolder()
            (definition, queries) = (folder.file("model.json"), folder.file("queries.csv"))
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try encoder.encode(model).write(to: URL(fileURLWithPath: definition))
            let text = (["arrival_seconds,items"] + lines).joined(separator: "\n") + "\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: queries))
        } catch {
            throw .programFailed(
                program: command[0], reason: "its input was not written: \(error.localizedDescription)")
        }
        defer { withExtendedLifetime(folder) {} }
        let arguments = [
            "--model", definition, "--threads", "\(threads)", "--workers", "\(operatorWorkers)", "--batch",
            "\(batch)", "--queries", queries, "--seconds", "\(duration.seconds)", "--seed", "\(seed)",
            "--load", load,
        ]
        return try CommandAnswer(
            ChildProgram(arguments: command + arguments, timeout: timeout + duration).output(),
            of: command.joined(separator: " "))
    }
}
