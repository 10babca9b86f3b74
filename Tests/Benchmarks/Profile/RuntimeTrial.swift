import Foundation
import Pipeline
import Profiling
import Quantities
import Vocabulary

/// Our closed loop over OpenVINO beside the runtime's own `benchmark_app`, at equal settings: the same file,
/// streams, threads, requests in flight, items and precision, and input that comes again and again.
///
/// That program reads one input over and over, so that its embedding rows lie in the cache. Profiles draw
/// input that outgrows the cache, as queries of users do; what that costs stands beside it.
struct RuntimeTrial {
    /// Items a second, the middle of three runs of each that take turns.
    struct Found {
        let model: ModelID
        let streams: Int
        let batch: Int
        /// Over input that comes again and again, as the peer's does.
        let ours: Double
        /// Over input that outgrows the cache, as in profiles.
        let cold: Double
        let peer: Double
        /// In which both say that they compute.
        let precision: String
        let peerPrecision: String
    }

    /// What profiles run, and the same over input that comes again and again.
    private let engine: any InferenceEngine
    private let warm: any InferenceEngine
    private let models: GeneratedModels
    private let seed: UInt64
    private let duration = Nanoseconds(seconds: 2)
    private static let turns = 3

    init(seed: UInt64) throws {
        self.seed = seed
        engine = try Measurer.engine(EngineSettings(name: "openvino"), seed: seed)
        models = GeneratedModels(directory: Measurer.modelsDirectory)
        warm = try OpenVINOEngine(models: models, seed: seed, repeatsInput: true)
    }

    /// - Throws: `PeerError` where the program is not there or fails.
    func run(_ model: Model, streams: Int, batch: Int) throws -> Found {
        // Every query is one full batch.
        let sized = Model(
            id: model.id, title: model.title, source: model.source, kind: model.kind,
            latencyTarget: model.latencyTarget, querySizes: .fixed(batch))
        func session(_ engine: any InferenceEngine) throws -> ProfilingSession {
            try ProfilingSession(
                engine: engine, model: sized, threads: streams, workers: 1, batches: [batch],
                placement: ThreadPlacement(threads: streams, workers: 1, on: HostProbe().topology))
        }
        let (cold, same) = (try session(engine), try session(warm))
        let path = try models.file(of: sized, seed: seed)
        let rows = sized.graph?.embeddingTables.map(\.rows).min() ?? 1
        var (ours, colds, peers): ([Double], [Double], [Peer]) = ([], [], [])
        for turn in 1...Self.turns {
            func rate(_ session: ProfilingSession) throws -> Double {
                let found = try session.saturate(batch: batch, seed: UInt64(turn), duration: duration)
                return found.throughput.value * Double(batch)
            }
            ours.append(try rate(same))
            colds.append(try rate(cold))
            peers.append(try peer(path, streams: streams, batch: batch, rows: rows))
        }
        return Found(
            model: model.id, streams: streams, batch: batch, ours: ours.sorted()[Self.turns / 2],
            cold: colds.sorted()[Self.turns / 2],
            peer: peers.map(\.itemsPerSecond).sorted()[Self.turns / 2],
            precision: same.inferencePrecision ?? "not said", peerPrecision: peers[0].precision)
    }

    // MARK: The peer

    private struct Peer: Decodable {
        let itemsPerSecond: Double
        let precision: String
    }

    struct PeerError: Error, CustomStringConvertible {
        let description: String
    }

    private func peer(_ path: String, streams: Int, batch: Int, rows: Int) throws -> Peer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ".deps/venv/bin/python")
        process.arguments = [
            "Scripts/peers/benchmark-app", path, "\(streams)", "\(streams)", "\(batch)", "\(rows)",
            "\(duration.seconds)",
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let found = try? JSONDecoder().decode(Peer.self, from: text)
        else { throw PeerError(description: "benchmark_app: \(said.suffix(400))") }
        return found
    }
}
