import Controlling
import Files
import Foundation
import Quantities
import Vocabulary

/// A program of the operator's own that says what runs and carries out orders.
///
/// Called with `fleet` it prints one JSON object, `{"available": {type: n}, "pairs": [{"model", "serverType",
/// "serving", "starting", "draining"}]}`. Called with `order` it reads one JSON object, the order, and ends
/// with 0 where it is taken on, 75 to be asked again, 3 where somebody else was quicker, 4 where it has seen
/// a higher generation, and anything else to refuse. It is ended where it takes too long.
struct ScaleCommand: FleetActuator {
    static let outputBytesMax = 4 << 20

    private let path: String
    private let seconds: Double

    /// - Throws: where there is no such program.
    init(path: String, intervalSeconds: Double) throws {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw LoadInputRefusal(description: "scale command: found no program at \(path)")
        }
        self.path = path
        seconds = min(max(intervalSeconds / 4, 0.5), 10)
    }

    /// What the program prints of the fleet.
    private struct Fleet: Decodable {
        struct Pair: Decodable {
            let model: ModelID
            let serverType: ServerTypeID
            let serving: Int
            let starting: Int?
            let draining: Int?
        }

        let available: [ServerTypeID: Int]
        let pairs: [Pair]
    }

    func fleet(at _: ControlTime) async -> FleetReading {
        let ended = await run("fleet", input: Data())
        guard case .success(let (status, output)) = ended else { return .unknown(detail: "\(ended)") }
        guard status == 0 else { return .unknown(detail: "\(path) fleet ended with \(status)") }
        guard let fleet = try? JSONDecoder().decode(Fleet.self, from: output) else {
            return .unknown(detail: "\(path) fleet printed no fleet")
        }
        var (serving, starting, draining) = (Allocation(), Allocation(), Allocation())
        for pair in fleet.pairs {
            let counts = [pair.serving, pair.starting ?? 0, pair.draining ?? 0]
            guard counts.allSatisfy({ (0...1_000_000).contains($0) }) else {
                return .unknown(detail: "\(path) fleet printed a count that cannot be")
            }
            serving[pair.model, pair.serverType] = counts[0]
            starting[pair.model, pair.serverType] = counts[1]
            draining[pair.model, pair.serverType] = counts[2]
        }
        return .seen(
            FleetObservation(
                serving: serving, starting: starting, draining: draining, available: fleet.available),
            versions: [])
    }

    func order(_ order: FleetOrder) async -> OrderAnswer {
        guard let input = try? JSONText.bytes(order) else { return .refused(detail: "no JSON") }
        switch await run("order", input: Data(input)) {
        case .success((0, _)): return .accepted
        case .success((3, _)): return .conflict(detail: "the program says so")
        case .success((4, _)): return .fenced(detail: "the program has seen a higher generation")
        case .success((75, _)): return .failed(detail: "the program asks for another try")
        case .success((let status, _)): return .refused(detail: "the program ended with \(status)")
        case .failure(let error): return .failed(detail: error.description)
        }
    }

    private struct Failure: Error, CustomStringConvertible { let description: String }

    /// Runs the program within its time, on a thread of its own: it may block.
    private func run(_ word: String, input: Data) async -> Result<(Int32, Data), Failure> {
        let (path, seconds) = (path, seconds)
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: Self.run(path, word, input, seconds))
            }
        }
    }

    private static func run(
        _ path: String, _ word: String, _ input: Data, _ seconds: Double
    ) -> Result<(Int32, Data), Failure> {
        // Files and not pipes: neither side ever waits for the other to read or write.
        let process = Process()
        do {
            let folder = try ScratchFolder()
            defer { withExtendedLifetime(folder) {} }
            let give = URL(fileURLWithPath: folder.file("in"))
            let take = URL(fileURLWithPath: folder.file("out"))
            try input.write(to: give)
            try Data().write(to: take)
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = [word]
            process.standardInput = try FileHandle(forReadingFrom: give)
            process.standardOutput = try FileHandle(forWritingTo: take)
            process.standardError = FileHandle.nullDevice
            try process.run()
            let end = ContinuousClock.now + .seconds(seconds)
            while process.isRunning, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
            guard !process.isRunning else {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                return .failure(Failure(description: "\(path) \(word) took more than \(seconds) s"))
            }
            let output = try FileHandle(forReadingFrom: take).read(upToCount: outputBytesMax + 1) ?? Data()
            guard output.count <= outputBytesMax else {
                return .failure(Failure(description: "\(path) \(word) printed too much"))
            }
            return .success((process.terminationStatus, output))
        } catch {
            return .failure(Failure(description: "\(path) \(word): \(error.localizedDescription)"))
        }
    }
}

/// The same program for those that only look: it is never called with `order`.
struct ScaleCommandReader: FleetReader {
    private let look: @Sendable (ControlTime) async -> FleetReading

    init(command: ScaleCommand) { look = { await command.fleet(at: $0) } }

    func fleet(at time: ControlTime) async -> FleetReading { await look(time) }
}
