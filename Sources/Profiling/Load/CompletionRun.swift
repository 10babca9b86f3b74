import Foundation
import Quantities
import Randomness
import Vocabulary

/// Requests of known lengths, sent to a server with streaming at known times or by a fixed number of clients.
///
/// Unlike a measurement of a schedule it keeps every request, so that a simulation can play the same run
/// again. A request that fails ends the run.
public struct CompletionRun: Sendable {
    /// Who sends when.
    public enum Pace: Sendable {
        /// At the requests' own times; at most so many are in flight, beyond which sending is late.
        case timed(connections: Int)
        /// Each client sends its next request when its last has ended.
        case closed(clients: Int)

        var threads: Int {
            switch self {
            case .timed(let connections): connections
            case .closed(let clients): clients
            }
        }
    }

    /// What a run showed.
    public struct Outcome: Sendable {
        /// In the order of sending; times from the first, and prompts as long as the server counted them.
        public var requests: [ListedRequest]
        /// The most that a request was sent after its time, in seconds.
        public var latestSeconds: Double
        /// What the server says of itself.
        public var server: String
    }

    private let engine: OpenAIEngine
    private let served: String
    private let seed: UInt64

    /// Asks the server who it is.
    /// - Parameters:
    ///   - settings: with the server's address.
    ///   - served: the model's name at the server.
    public init(settings: EngineSettings, served: String, seed: UInt64) throws(ProfilingError) {
        engine = try OpenAIEngine(settings: settings, seed: seed)
        self.served = served
        self.seed = seed
    }

    /// - Parameter requests: in order of arrival; of each the prompt in words and the answer in tokens.
    /// - Precondition: there are some.
    public func outcome(_ requests: [ListedRequest], pace: Pace) throws(ProfilingError) -> Outcome {
        precondition(!requests.isEmpty && pace.threads >= 1, "a run has requests and somebody who sends them")
        let count = min(pace.threads, requests.count)
        let workers = try engine.senders(served: served, count: count)
        // Opens the connections; what that takes is not of the run. A few tokens, as one may have no text.
        for (index, worker) in workers.enumerated() {
            var stream = RandomStream(seed: seed, name: "warming prompt \(index)")
            _ = try worker.complete(words: 8, tokens: 16, using: &stream)
        }
        let state = RunState(count: requests.count)
        let failure = FirstFailure()
        let threads = WorkerThreads(count: count)
        defer { threads.close() }
        let start = SystemClock.now() + Nanoseconds(milliseconds: 1)
        let isTimed = if case .timed = pace { true } else { false }
        threads.perform { thread in
            while let index = state.next() {
                let request = requests[index]
                let due = start + Nanoseconds(seconds: request.arrival)
                if isTimed { SystemClock.sleep(until: due) }
                var stream = RandomStream(seed: seed, name: "prompt \(index)")
                do throws(ProfilingError) {
                    let record = try workers[thread].complete(
                        words: request.prompt, tokens: request.output, using: &stream)
                    state.add(record, at: index, late: isTimed ? record.begin - due : .zero)
                } catch {
                    failure.record(error)
                    state.stop()
                }
            }
        }
        try failure.rethrow()
        return state.outcome(requests, server: engine.version)
    }
}

/// What the threads of a run share.
private final class RunState: @unchecked Sendable {
    // Unchecked: everything is guarded by the lock.

    private let lock = NSLock()
    private let count: Int
    private var begun = 0
    private var records: [CompletionLog.Record?]
    private var latest = Nanoseconds.zero

    init(count: Int) {
        self.count = count
        records = Array(repeating: nil, count: count)
    }

    /// The next request to send; nil after the last.
    func next() -> Int? {
        lock.lock()
        defer { lock.unlock() }
        guard begun < count else { return nil }
        begun += 1
        return begun - 1
    }

    func stop() {
        lock.lock()
        defer { lock.unlock() }
        begun = count
    }

    func add(_ record: CompletionLog.Record, at index: Int, late: Nanoseconds) {
        lock.lock()
        defer { lock.unlock() }
        records[index] = record
        latest = max(latest, late)
    }

    func outcome(_ requests: [ListedRequest], server: String) -> CompletionRun.Outcome {
        lock.lock()
        defer { lock.unlock() }
        let sent = zip(requests, records).compactMap { request, record in record.map { (request, $0) } }
            .sorted { $0.1.begin < $1.1.begin }
        let start = sent.first?.1.begin ?? .zero
        let listed = sent.map { request, record in
            ListedRequest(
                arrival: (record.begin - start).seconds,
                prompt: max(1, record.promptTokens ?? request.prompt), output: max(1, record.outputTokens),
                firstToken: (record.first - record.begin).seconds,
                lastToken: (record.last - record.begin).seconds)
        }
        return CompletionRun.Outcome(requests: listed, latestSeconds: latest.seconds, server: server)
    }
}
