import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

private let good =
    #"{"contract":1,"queries":400,"duration_seconds":0.4,"queries_per_second":49.5,"#
    + #""latency_histogram_ms":[[1.5,300],[2,99],[9.25,1]],"watts":74.5,"watts_provenance":"metered","#
    + #""utilisation_fraction":0.5,"service_samples_ms":[[64,0.8],[17,0.4]]}"#

@Suite("Programs as engines")
struct CommandEngineTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A shell script that answers what it is asked; the arguments are kept in a file.
    private func engine(open: String, closed: String = #"{"contract":1,"items_per_second":5000}"#) throws
        -> CommandEngine
    {
        try directory.write(
            """
            echo "$@" >> "$(dirname "$0")/arguments"
            case "$*" in
            *--describe*) echo '{"contract":1,"name":"npu-session","version":"3.2"}' ;;
            *"--load closed"*) \(closed.hasPrefix("{") ? "echo '\(closed)'" : closed) ;;
            *) cp "$2" "$(dirname "$0")/model.json"; \(open.hasPrefix("{") ? "echo '\(open)'" : open) ;;
            esac
            """, to: "engine.sh")
        return try CommandEngine(
            settings: EngineSettings(
                name: "command", command: ["sh", directory.path + "/engine.sh"],
                timeout: Nanoseconds(seconds: 0.5)))
    }

    private func outcome(_ open: String) throws -> LoadOutcome {
        let session = try ProfilingSession(
            engine: engine(open: open), model: TinyModels.all[3], threads: 2, workers: 3, batches: [64])
        return try session.offer(
            rate: QueriesPerSecond(50), batch: 64, duration: Nanoseconds(seconds: 0.4), seed: 9)
    }

    @Test("It is told schedule and load, and its answer becomes the outcome")
    func answer() throws {
        let outcome = try outcome(good)
        #expect(outcome.arrivedQueries == 400)
        #expect(outcome.completedRate == QueriesPerSecond(49.5))
        #expect(outcome.latencies.latency(at: Quantile(0.5)) == Nanoseconds(milliseconds: 1.5))
        #expect(outcome.latencies.latency(at: Quantile(0.99)) == Nanoseconds(milliseconds: 2))
        #expect(outcome.latencies.max == Nanoseconds(milliseconds: 9.25))
        #expect(outcome.reportedPower?.power == Watts(74.5))
        #expect(outcome.reportedPower?.provenance == .metered)
        #expect(outcome.serviceSamples.map(\.items) == [64, 17])
        let told = try String(contentsOfFile: directory.path + "/arguments", encoding: .utf8)
        #expect(told.contains("--threads 2 --workers 3 --batch 64"))
        #expect(told.contains("--seed 9 --load open"))
        let model = try JSONDecoder().decode(
            Model.self, from: Data(contentsOf: URL(fileURLWithPath: directory.path + "/model.json")))
        #expect(model == TinyModels.all[3])
    }

    @Test("Saturation is asked for with sizes and without times")
    func saturation() throws {
        let engine = try engine(open: good)
        #expect(engine.version == "npu-session 3.2")
        let session = try ProfilingSession(
            engine: engine, model: TinyModels.all[3], threads: 1, workers: 1, batches: [16])
        let saturation = try session.saturate(batch: 16, seed: 1)
        #expect(saturation.itemsPerSecond == 5000)
        // The published sizes have a mean of 239 items.
        #expect(abs(saturation.throughput.value - 5000 / 239) < 0.5)
    }

    @Test("Quantiles become steps at their upper ends, never better than they were")
    func quantiles() throws {
        let outcome = try outcome(
            #"{"contract":1,"queries":100,"duration_seconds":1,"queries_per_second":100,"#
                + #""latency_quantiles_ms":{"1":8,"0.5":2,"0.95":4}}"#)
        #expect(outcome.latencies.bins.map(\.count) == [50, 45, 5])
        #expect(outcome.latencies.latency(at: Quantile(0.95)) == Nanoseconds(milliseconds: 4))
        #expect(outcome.latencies.latency(at: Quantile(0.96)) == Nanoseconds(milliseconds: 8))
        #expect(outcome.reportedPower == nil)
    }

    @Test(
        "Every fault is told by what happened",
        arguments: [
            ("exit 3", "exit status 3, expected 0"),
            ("echo 'no device found' >&2; exit 1", "exit status 1, expected 0: no device found"),
            ("kill -9 $$", "killed by signal 9"), ("sleep 30", "no answer within"),
            ("true", "answer: found nothing"),
            ("echo hello", "answer: found 'hello\n', expected one JSON object"),
            (#"{"contract":2}"#, "contract: found 2, expected 1"),
            (#"{"contract":1}"#, "queries: found nothing, expected a number"),
            (#"{"contract":1,"queries":"many"}"#, "queries: found many, expected a number"),
            (
                good.replacingOccurrences(of: "metered", with: "guessed"),
                "watts_provenance: found guessed, expected metered or estimated beside watts"
            ),
            (
                good.replacingOccurrences(of: "[2,99]", with: "[1,99]"),
                "latency_histogram_ms: found"
            ),
            (
                good.replacingOccurrences(of: "[17,0.4]", with: "[17]"),
                "service_samples_ms[1]: found"
            ),
            (
                #"{"contract":1,"queries":1,"duration_seconds":1,"queries_per_second":1,"#
                    + #""latency_quantiles_ms":{"0.5":2}}"#,
                "latency_quantiles_ms: found"
            ),
        ])
    func faults(open: String, words: String) throws {
        let error = #expect(throws: ProfilingError.self) { try outcome(open) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("A program that is not there, or none at all, is an error")
    func missing() {
        let missing = #expect(throws: ProfilingError.self) {
            try CommandEngine(settings: EngineSettings(name: "command", command: ["no-such-program-here"]))
        }
        #expect(missing?.description == "no-such-program-here: No such file or directory")
        let none = #expect(throws: ProfilingError.self) {
            try CommandEngine(settings: EngineSettings(name: "command"))
        }
        #expect(none?.description.contains("command: found nothing, expected a program") == true)
    }
}
