import Foundation
import Profiling
import Quantities
import Reporting
import Vocabulary

/// The load generator against an engine that does nothing, beside MLPerf LoadGen's Python package.
struct GeneratorTrial {
    /// How late queries were at one rate.
    struct Lateness {
        var rate: Double
        var p50Microseconds: Double
        var p99Microseconds: Double
        var maxMicroseconds: Double
        /// Queries really handed over a second.
        var issuedRate: Double
    }

    /// Lateness counts as kept while its 99th percentile is below this.
    static let limitMicroseconds = 100.0
    /// No higher rate is tried: the schedule of a second alone takes a hundred megabytes there.
    private static let rateMax = 4_000_000.0

    private let session: ProfilingSession

    init() throws {
        let model = Model(
            id: "null", title: "nothing", source: "",
            graph: RecommendationGraph(
                denseInputWidth: 1, denseLayers: [1], embeddingTables: [], sequence: nil, predictLayers: [1],
                taskLayers: []),
            latencyTarget: LatencyTarget(quantile: Quantile(0.99), limit: Nanoseconds(100_000)),
            querySizes: .fixed(1))
        session = try ProfilingSession(
            engine: NullEngine(), model: model, threads: 1, workers: 1, batches: [1],
            placement: ThreadPlacement(threads: 1, workers: 1, on: HostProbe().topology))
    }

    var placement: String { session.placement?.note ?? "" }

    /// Offers a rate for a moment, three times, and takes the run with the middle p99.
    func offer(
        _ rate: Double, for duration: Nanoseconds = Nanoseconds(seconds: 1)
    ) throws -> (lateness: Lateness, outcome: LoadOutcome) {
        let runs = try (1...3).map { seed in
            let outcome = try session.offer(
                rate: QueriesPerSecond(rate), batch: 1, duration: duration, seed: UInt64(seed))
            let late = outcome.generatorLateness
            return (
                Lateness(
                    rate: rate, p50Microseconds: late.latency(at: Quantile(0.5))?.microseconds ?? 0,
                    p99Microseconds: late.latency(at: Quantile(0.99))?.microseconds ?? 0,
                    maxMicroseconds: late.max?.microseconds ?? 0,
                    issuedRate: Double(outcome.arrivedQueries) / max(outcome.duration.seconds, 1e-9)), outcome
            )
        }
        return runs.sorted { $0.0.p99Microseconds < $1.0.p99Microseconds }[1]
    }

    /// Time a piece takes through queue and record when the engine takes none, from a closed loop.
    func nanosecondsPerPiece() throws -> Double {
        let saturation = try session.saturate(batch: 1, seed: 1, duration: Nanoseconds(seconds: 1))
        return saturation.duration.seconds / Double(max(1, saturation.pieces)) * 1e9
    }

    /// The highest rate whose lateness is kept, to a tenth.
    static func highestRate(from first: Double, _ lateness: (Double) throws -> Lateness?) rethrows
        -> Lateness?
    {
        var (kept, broken): (Lateness?, Double?) = (nil, nil)
        var rate = first
        for _ in 0..<16 {
            guard let found = try lateness(rate) else { return kept }
            if found.p99Microseconds < limitMicroseconds {
                kept = found
                guard rate < rateMax else { return kept }
            } else {
                broken = rate
            }
            if let kept, let broken {
                guard broken / kept.rate > 1.1 else { return kept }
                rate = (kept.rate * broken).squareRoot()
            } else {
                rate = broken == nil ? min(rateMax, rate * 2) : rate / 2
                guard rate >= 10 else { return nil }
            }
        }
        return kept
    }

    // MARK: The peer

    /// LoadGen at some rates, a second each; empty where it is not installed.
    static func loadGen(_ rates: [Double]) -> [Lateness] {
        let python = ".deps/venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else { return [] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["Scripts/peers/loadgen.py", "1"] + rates.map { "\($0)" }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return [] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").compactMap { line in
            guard let value = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let rate = value["rate"] as? Double, let p50 = value["p50Microseconds"] as? Double,
                let p99 = value["p99Microseconds"] as? Double, let most = value["maxMicroseconds"] as? Double
            else { return nil }
            return Lateness(
                rate: rate, p50Microseconds: p50, p99Microseconds: p99, maxMicroseconds: most,
                issuedRate: value["completedPerSecond"] as? Double ?? 0)
        }
    }

    /// The same three runs and middle as our own.
    static func loadGenMiddle(_ rate: Double) -> Lateness? {
        let runs = loadGen([rate, rate, rate]).sorted { $0.p99Microseconds < $1.p99Microseconds }
        return runs.isEmpty ? nil : runs[runs.count / 2]
    }
}
