import Foundation
import Scheduling
import Vocabulary

/// Optuna's TPE as a child process that asks for evaluations in JSON lines (`Scripts/peers/optuna-search`).
final class OptunaPeer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    struct PeerError: Error, CustomStringConvertible {
        let description: String
    }

    private struct Axis: Encodable {
        let axis: String
        let values: [Double]
    }

    private struct Lattice: Encodable {
        let partition: String
        let axes: [Axis]
    }

    private struct Problem: Encodable {
        let seed: UInt64
        let evaluations: Int
        let cores: Int
        let lattices: [Lattice]
    }

    private struct Answer: Encodable { let throughput: Double? }

    private struct Question: Decodable {
        struct Named: Decodable {
            let partition: String
            let threads: Double?
            let workers: Double?
            let sparseThreads: Double?
            let sparseWorkers: Double?
            let hotFraction: Double?
            let batch: Double?
            let tensorParallel: Double?
            let pipelineParallel: Double?
            let sequencesMax: Double?
            let tokenBudget: Double?
        }
        let schedule: Named?
        let done: Bool?
    }

    init() throws {
        process.executableURL = URL(fileURLWithPath: ".deps/venv/bin/python")
        process.arguments = ["Scripts/peers/optuna-search"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Lets Optuna search a space with so many different schedules evaluated.
    func search(
        _ space: ScheduleSpace, cores: Int, evaluations: Int, seed: UInt64,
        evaluate: (Schedule) throws -> Double
    ) throws -> [Double] {
        try send(
            Problem(
                seed: seed % 4_294_967_296, evaluations: evaluations, cores: cores,
                lattices: space.lattices.map { lattice in
                    Lattice(
                        partition: lattice.family,
                        axes: lattice.axes.map { Axis(axis: $0.kind.name, values: $0.values) })
                }))
        var values: [Double] = []
        while true {
            let question = try receive()
            if question.done == true { return values }
            guard let named = question.schedule else {
                throw PeerError(description: "optuna-search sent neither a schedule nor done")
            }
            let index = space.index(
                family: named.partition,
                values: [
                    .threads: named.threads, .workers: named.workers, .sparseThreads: named.sparseThreads,
                    .sparseWorkers: named.sparseWorkers, .hotFraction: named.hotFraction, .batch: named.batch,
                    .tensorParallel: named.tensorParallel, .pipelineParallel: named.pipelineParallel,
                    .sequencesMax: named.sequencesMax, .tokenBudget: named.tokenBudget,
                ].compactMapValues { $0 })
            let value = try index.map { try evaluate(space.schedules[$0]) }
            if let value { values.append(value) }
            try send(Answer(throughput: value))
        }
    }

    private func send(_ message: some Encodable) throws {
        var line = try JSONEncoder().encode(message)
        if let answer = message as? Answer, answer.throughput == nil {
            line = Data("{\"throughput\": null}".utf8)
        }
        line.append(10)
        try input.fileHandleForWriting.write(contentsOf: line)
    }

    private func receive() throws -> Question {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = buffer[buffer.startIndex..<end]
                buffer = Data(buffer[buffer.index(after: end)...])
                return try JSONDecoder().decode(Question.self, from: line)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw PeerError(description: "optuna-search ended early") }
            buffer.append(more)
        }
    }
}
