import Foundation
import Quantities
import Randomness
import Vocabulary

/// A language model behind an OpenAI-compatible server, asked over HTTP with streaming.
///
/// M is the number of requests in flight; the server batches for itself, so O and D are 1. A query's items
/// are requests, so a model's `query_sizes` are usually `fixed_items: 1`. Prompts are random words, different
/// in every request, so that no prefix is found in the server's cache; a word is about a token, and how many
/// tokens the server made of it is taken from its answer. `ignore_eos`, which vLLM and llama.cpp know and
/// others pass over, keeps outputs as long as they were asked for.
public final class OpenAIEngine: InferenceEngine {
    /// Which of the two interfaces is used, by the end of the address.
    enum Interface: String {
        case completions = "/completions"
        case chat = "/chat/completions"
    }

    public let name = "openai"
    public let version: String
    public var axes: ScheduleAxes { .requestsInFlight(hasBatches: false) }
    private let client: EndpointClient
    private let interface: Interface
    private let seed: UInt64

    /// Asks the server who it is.
    /// - Parameter settings: `url` is the server's own address, for `/v1/completions` under it, or a full one
    ///   that ends in `/completions` or `/chat/completions`.
    public init(settings: EngineSettings, seed: UInt64) throws(ProfilingError) {
        let given = try EndpointClient(engine: name, settings: settings)
        let path = given.address.path
        if path.hasSuffix(Interface.chat.rawValue) {
            interface = .chat
            client = given
        } else if path.hasSuffix(Interface.completions.rawValue) {
            interface = .completions
            client = given
        } else {
            interface = .completions
            let base = path.hasSuffix("/") ? String(path.dropLast()) : path
            client = given.at(base + (base.hasSuffix("/v1") ? "" : "/v1") + "/completions")
        }
        self.seed = seed
        version = try Self.version(client)
    }

    /// What the server says of itself: vLLM has `/version`, others name themselves in the `Server` header.
    private static func version(_ client: EndpointClient) throws(ProfilingError) -> String {
        let answer = try client.connection(bodyBytesMax: EndpointClient.metadataBytesMax).get("/version")
        let product = client.shown(answer.headers["server"] ?? "unknown server")
        guard answer.status == 200,
            let object = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any],
            let version = object["version"] as? String
        else { return product }
        return "\(product) \(client.shown(version))"
    }

    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        guard case .endpoint(let served) = model.kind, case .text(let prompt, let output) = served.payload
        else {
            throw .kindNotSupported(
                model: model.id, found: model.kind.label, engine: name,
                expected: "a model behind an endpoint with prompt_tokens")
        }
        let log = CompletionLog()
        let completions = try (0..<threads).map { index throws(ProfilingError) in
            try CompletionWorker(
                client: client, interface: interface, served: served.servedName, model: model.id,
                prompt: prompt, output: output,
                stream: RandomStream(seed: seed, name: "prompts of request thread \(index)"), log: log)
        }
        return Prepared(workers: completions, log: log)
    }

    /// Connections that send requests of given lengths.
    func senders(served: String, count: Int) throws(ProfilingError) -> [CompletionWorker] {
        let log = CompletionLog()
        return try (0..<count).map { index throws(ProfilingError) in
            try CompletionWorker(
                client: client, interface: interface, served: served, model: ModelID(served),
                prompt: .fixed(1), output: .fixed(1),
                stream: RandomStream(seed: seed, name: "prompts of sender \(index)"), log: log)
        }
    }

    private final class Prepared: PreparedModel {
        let workers: [any InferenceWorker]
        /// One request warms the server's code for it and opens the connection.
        var warmUpSizes: [Int] { [1] }
        private let log: CompletionLog

        init(workers: [any InferenceWorker], log: CompletionLog) {
            self.workers = workers
            self.log = log
        }

        func takeTokenFigures(from begin: Nanoseconds, to end: Nanoseconds) -> TokenFigures? {
            log.take(from: begin, to: end)
        }
    }
}

/// One request after another over one connection.
final class CompletionWorker: InferenceWorker, @unchecked Sendable {
    // Unchecked: by the protocol, one thread at a time uses a worker.

    private let connection: HTTPConnection
    private let client: EndpointClient
    private let interface: OpenAIEngine.Interface
    private let served: String
    private let model: ModelID
    private let prompt: TokenCounts
    private let output: TokenCounts
    private var stream: RandomStream
    private let log: CompletionLog

    init(
        client: EndpointClient, interface: OpenAIEngine.Interface, served: String, model: ModelID,
        prompt: TokenCounts, output: TokenCounts, stream: RandomStream, log: CompletionLog
    ) throws(ProfilingError) {
        self.client = client
        self.interface = interface
        self.served = served
        self.model = model
        self.prompt = prompt
        self.output = output
        self.stream = stream
        self.log = log
        connection = try client.connection()
    }

    func infer(items: Int) throws(ProfilingError) {
        let words = prompt.sample(using: &stream)
        let tokens = output.sample(using: &stream)
        log.add(try complete(words: words, tokens: tokens, using: &stream))
    }

    /// Sends a prompt of so many random words and takes the answer's tokens as they come.
    func complete(
        words: Int, tokens: Int, using stream: inout RandomStream
    ) throws(ProfilingError) -> CompletionLog.Record {
        let body = request(prompt: PromptWords.text(words, using: &stream), tokens: tokens)
        var answer = StreamedCompletion()
        var events = ServerSentEvents()
        var refused: [UInt8] = []
        let begin = SystemClock.now()
        let head = try connection.post(json: Array(body.utf8)) {
            status, bytes, arrival throws(HTTPMalformed) in
            guard status == 200 else {
                try EndpointClient.collect(bytes, of: status, into: &refused)
                return
            }
            try events.consume(bytes) { answer.take($0, at: arrival) }
            try answer.requireBounded(tokens: tokens)
        }
        let url = client.address.text
        guard head.status == 200 else {
            throw client.refusal(head.status, refused, url: url, model: model)
        }
        if let failure = answer.failure {
            throw .engineFailed(
                engine: client.engine, call: "POST \(url)", model: model, message: client.shown(failure))
        }
        guard let record = answer.record(begin: begin) else {
            throw .answerInvalid(
                source: url, key: "choices", found: "a stream without a token",
                expected: "server-sent events with at least one")
        }
        return record
    }

    private func request(prompt: String, tokens: Int) -> String {
        let text = JSONText.quoted(prompt)
        let input =
            switch interface {
            case .completions: "\"prompt\":\(text)"
            case .chat: "\"messages\":[{\"role\":\"user\",\"content\":\(text)}]"
            }
        return "{\"model\":\(JSONText.quoted(served)),\(input),\"max_tokens\":\(tokens),\"stream\":true,"
            + "\"stream_options\":{\"include_usage\":true},\"ignore_eos\":true}"
    }
}

/// What a stream of events has told so far.
package struct StreamedCompletion {
    private var first: Nanoseconds?
    private var last: Nanoseconds?
    private var parts = 0
    private var events = 0
    private var usage: (prompt: Int?, output: Int)?
    /// An error that the server sent in the stream.
    private(set) var failure: String?

    package init() {}

    /// Takes an event's data at the time it came.
    package mutating func take(_ data: [UInt8], at now: Nanoseconds) {
        events += 1
        guard let event = (try? JSONSerialization.jsonObject(with: Data(data))) as? [String: Any] else {
            return
        }
        if let error = event["error"] {
            failure = (error as? [String: Any])?["message"] as? String ?? "\(error)"
        }
        if let counts = event["usage"] as? [String: Any], let output = Self.count(counts["completion_tokens"])
        {
            usage = (Self.count(counts["prompt_tokens"]), output)
        }
        guard let choice = (event["choices"] as? [[String: Any]])?.first else { return }
        guard Self.holdsGeneration(choice) else { return }
        first = first ?? now
        last = now
        parts += 1
    }

    /// Whether a part of a stream carries something that the model generated.
    ///
    /// The usage counts every generated token, so every kind of them opens the window: text, reasoning under
    /// whatever name a server gives it, refusals, calls of tools. A part that only names the speaker or says
    /// why the stream ends carries none. An empty text is a token that has no characters, unless it stands
    /// beside the speaker or the end.
    private static func holdsGeneration(_ choice: [String: Any]) -> Bool {
        let isEnd = choice["finish_reason"] is String
        guard let delta = choice["delta"] as? [String: Any] else {
            guard let text = choice["text"] as? String else { return false }
            return !(text.isEmpty && isEnd)
        }
        if let text = choice["text"] as? String, !text.isEmpty { return true }
        var hasEmptyText = false
        for (key, value) in delta where key != "role" {
            switch value {
            case let text as String:
                if !text.isEmpty { return true }
                hasEmptyText = true
            case let parts as [Any]: if !parts.isEmpty { return true }
            case let parts as [String: Any]: if !parts.isEmpty { return true }
            default: break
            }
        }
        return hasEmptyText && !isEnd && delta["role"] == nil
    }

    /// A number of tokens that a server may mean; nil for anything else.
    private static func count(_ value: Any?) -> Int? {
        (value as? Int).flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
    }

    /// Ends a stream that goes on long after all that was asked for has come: some servers send several
    /// events for a token, and some a few that hold none.
    func requireBounded(tokens: Int) throws(HTTPMalformed) {
        let max = 1024 + 16 * tokens
        guard events <= max else {
            throw HTTPMalformed(
                found: "a stream of more than \(max) events for \(tokens) tokens", expected: "its end")
        }
    }

    /// nil where no token came.
    package func record(begin: Nanoseconds) -> CompletionLog.Record? {
        guard let first, let last else { return nil }
        return CompletionLog.Record(
            begin: begin, first: first, last: last, promptTokens: usage?.prompt,
            outputTokens: usage?.output ?? parts, isReported: usage != nil)
    }
}

/// What all requests of a run showed.
package final class CompletionLog: @unchecked Sendable {
    // Unchecked: the records are guarded by the lock.

    package struct Record {
        package let begin: Nanoseconds
        package let first: Nanoseconds
        package let last: Nanoseconds
        package let promptTokens: Int?
        package let outputTokens: Int
        package let isReported: Bool
    }

    private let lock = NSLock()
    private var records: [Record] = []

    func add(_ record: Record) {
        lock.lock()
        defer { lock.unlock() }
        records.append(record)
    }

    func take(from begin: Nanoseconds, to end: Nanoseconds) -> TokenFigures? {
        lock.lock()
        defer { lock.unlock() }
        let counted = records.filter { $0.begin >= begin && $0.begin < end }
        // Throughput counts what came out in the stretch, whenever it was asked for.
        let ended = records.filter { $0.last >= begin && $0.last < end }
        records = []
        guard !counted.isEmpty else { return nil }
        var (first, each) = (LatencyRecorder(), LatencyRecorder())
        for record in counted {
            first.record(record.first - record.begin)
            guard record.outputTokens > 1 else { continue }
            each.record(
                Nanoseconds((record.last - record.first).count / Int64(record.outputTokens - 1)))
        }
        let prompts = counted.compactMap(\.promptTokens)
        return TokenFigures(
            requests: counted.count,
            promptTokens: prompts.count == counted.count ? prompts.reduce(0, +) : nil,
            outputTokens: counted.reduce(0) { $0 + $1.outputTokens },
            areTokensReported: counted.allSatisfy(\.isReported),
            outputTokensPerSecond: Double(ended.reduce(0) { $0 + $1.outputTokens })
                / max((end - begin).seconds, 1e-9),
            timeToFirstToken: first.histogram, timePerOutputToken: each.histogram)
    }
}

/// Prompts of short common words, each of which most tokenizers make one token of.
enum PromptWords {
    private static let words = [
        "the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on",
        "not",
        "he", "his", "but", "at", "are", "this", "have", "from", "or", "had", "an", "they", "which", "one",
        "you",
        "were", "all", "her", "she", "there", "would", "their", "we", "him", "been", "has", "when", "who",
        "will",
        "no", "more", "if", "out", "so", "up", "said", "what", "its", "about", "than", "into", "them", "can",
        "only",
        "other", "time", "new", "some",
    ]

    static func text(_ count: Int, using stream: inout RandomStream) -> String {
        (0..<count).map { _ in words[stream.integer(in: 0..<words.count)] }.joined(separator: " ")
    }
}
