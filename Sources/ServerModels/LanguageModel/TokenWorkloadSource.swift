import Foundation
import Quantities
import Randomness
import Simulation
import Vocabulary

/// What the lengths of a model's requests are multiplied by for a time.
public struct LengthFactors: Hashable, Sendable {
    public var prompt: Double
    public var output: Double

    public init(prompt: Double, output: Double) {
        self.prompt = prompt
        self.output = output
    }
}

/// The requests of a described workload, drawn as they are needed.
public struct TokenWorkloadSource: TokenRequestSource {
    /// More kinds of requests than anybody tells apart.
    public static let classesMax = 64

    /// A conversation that goes on.
    private struct Conversation {
        var kind: Int
        var turnsLeft: Int
    }

    /// When requests come.
    private enum Clock {
        case drawn(rate: Double, burstiness: Double)
        /// Times of a file, stretched by a factor.
        case listed(ArraySlice<Double>, stretch: Double)
        /// As listed requests have it themselves, stretched by a factor.
        case own(stretch: Double)
        /// A Poisson process of rates that hold until the next, in seconds.
        case stepped(ArraySlice<(end: Double, rate: Double)>)
        /// Clients that have not sent anything yet.
        case closed(idle: Int)
    }

    private let classes: [TokenWorkload.Class]
    private let shares: [Double]
    private let contextMax: Int
    private let isClosed: Bool
    private let client: ClientOverhead?
    private var clock: Clock
    private var left: Int
    private var time = 0.0
    private var lastID: Int64 = 0
    private var conversations: [UInt32: Conversation] = [:]
    private var arrivals: RandomStream
    private var lengths: RandomStream
    private var thinking: RandomStream
    private var listed: ArraySlice<TokenRequest>
    /// Of each step of a rate, what lengths of prompts and answers are multiplied by; empty for 1.
    private var factors: ArraySlice<LengthFactors> = []

    /// - Parameters:
    ///   - rate: conversations per second in place of the workload's own arrivals; times of files keep their
    ///     pattern and are stretched to it.
    ///   - contextMax: tokens that a prompt and its answer may have together; longer ones are cut.
    ///   - client: passes between an engine's last token and the engine's next request of the same client.
    public init(
        _ workload: TokenWorkload, rate: Double? = nil, contextMax: Int, seed: UInt64,
        client: ClientOverhead? = nil
    ) {
        self.client = client
        let contextMax = max(2, contextMax)
        self.contextMax = contextMax
        arrivals = RandomStream(seed: seed, name: "token arrivals")
        lengths = RandomStream(seed: seed, name: "token lengths")
        thinking = RandomStream(seed: seed, name: "token thinking")
        clock = Self.clock(workload, rate: rate)
        if case .closed = clock { isClosed = true } else { isClosed = false }
        switch workload.content {
        case .drawn(let classes, _, _):
            self.classes = classes
            var sum = 0.0
            shares = classes.map { part in
                sum += part.share
                return sum
            }
            listed = []
            left = workload.count
        case .listed(let requests, _):
            (classes, shares) = ([], [])
            listed = Self.requests(requests, count: workload.count, contextMax: contextMax)[...]
            left = listed.count
        case .clients(let clients, _):
            (classes, shares) = ([], [])
            let expected = clients.reduce(0) { $0 + $1.meanRequests }
            let seconds = clients.flatMap(\.windows).map(\.end).max() ?? 1
            let requests = TokenClientDraw(clients, factor: rate.map { $0 * seconds / expected } ?? 1)
                .requests(seed: seed)
            listed = Self.requests(requests, count: workload.count, contextMax: contextMax)[...]
            left = listed.count
        }
    }

    /// Requests of classes that begin at rates that change. Times count from the beginning of the rates; as
    /// long as they do not change, requests are those of a drawn workload of the rate.
    /// - Parameter factors: of every segment, what its lengths are multiplied by; none for 1.
    public init(
        _ classes: [TokenWorkload.Class], rates: ArrivalRates, factors: [LengthFactors] = [],
        contextMax: Int, seed: UInt64
    ) {
        self.init(
            TokenWorkload(content: .drawn(classes, ratePerSecond: 1, burstiness: 1), count: .max),
            contextMax: contextMax, seed: seed)
        clock = .stepped(rates.segments.map { (($0.end - rates.start).seconds, $0.rate.value) }[...])
        self.factors = factors[...]
    }

    private func scaled(_ tokens: Int, by factor: Double?) -> Int {
        guard let factor, factor != 1 else { return tokens }
        return max(1, Int(min((Double(tokens) * factor).rounded(), 1e9)))
    }

    private static func clock(_ workload: TokenWorkload, rate: Double?) -> Clock {
        func stretch(_ times: Int, over seconds: Double) -> Double {
            guard let rate, times > 1, seconds > 0 else { return 1 }
            return Double(times - 1) / seconds / rate
        }
        switch (workload.arrivals, workload.content) {
        case (.closed(let clients), _):
            return rate.map { .drawn(rate: $0, burstiness: 1) } ?? .closed(idle: clients)
        case (.drawn(let own, let burstiness), _), (.own, .drawn(_, let own, let burstiness)):
            return .drawn(rate: rate ?? own, burstiness: burstiness)
        case (.listed(let times, _), _):
            let used = times.prefix(workload.count)
            return .listed(used, stretch: stretch(used.count, over: used.last ?? 0))
        case (.own, .listed(let requests, _)):
            let used = requests.prefix(workload.count)
            return .own(stretch: stretch(used.count, over: used.last?.arrival ?? 0))
        case (.own, .clients): return .own(stretch: 1)
        }
    }

    private static func requests(
        _ requests: [ListedRequest], count: Int, contextMax: Int
    ) -> [TokenRequest] {
        var names = 0
        return requests.prefix(count).enumerated().map { index, request in
            defer { names += request.names.count }
            let prompt = min(request.prompt, contextMax - 1)
            return TokenRequest(
                id: Int64(index), arrival: Nanoseconds(seconds: request.arrival), prompt: prompt,
                output: min(request.output, contextMax - prompt),
                prefix: request.names.isEmpty
                    ? .none
                    : .blocks(
                        first: Int32(names), count: Int32(request.names.count),
                        tokens: Int32(request.nameTokens)))
        }
    }

    /// All requests that come by themselves, to be sent to a real server: of conversations the first turns.
    public static func listed(
        _ workload: TokenWorkload, rate: Double? = nil, contextMax: Int, seed: UInt64
    ) -> [ListedRequest] {
        var source = TokenWorkloadSource(workload, rate: rate, contextMax: contextMax, seed: seed)
        var requests: [ListedRequest] = []
        while let request = source.next() {
            requests.append(
                ListedRequest(
                    arrival: request.arrival.seconds, prompt: Int(request.prompt), output: Int(request.output)
                ))
        }
        return requests
    }

    public mutating func next() -> TokenRequest? {
        guard left > 0 else { return nil }
        switch clock {
        case .drawn(let rate, let burstiness):
            time += gap(burstiness) / rate
        case .listed(var times, let stretch):
            guard let own = times.popFirst() else { return nil }
            clock = .listed(times, stretch: stretch)
            time = own * stretch
        case .own(let stretch):
            guard var request = listed.popFirst() else { return nil }
            left -= 1
            if stretch != 1 { request.arrival = Nanoseconds(seconds: request.arrival.seconds * stretch) }
            return request
        case .stepped(var steps):
            guard let arrival = arrival(in: &steps) else { return nil }
            clock = .stepped(steps)
            time = arrival
        case .closed(let idle):
            guard idle > 0 else { return nil }
            clock = .closed(idle: idle - 1)
        }
        return begin(at: Nanoseconds(seconds: time))
    }

    /// The next arrival of a process whose rate changes: an exponential amount of expected arrivals is spent
    /// at the rates on the way (inversion, Cinlar 1975). nil after the last one.
    private mutating func arrival(in steps: inout ArraySlice<(end: Double, rate: Double)>) -> Double? {
        var (begin, left) = (time, gap(1))
        while let step = steps.first {
            let arrival = begin + left / step.rate
            if arrival < step.end { return arrival }
            left -= (step.end - begin) * step.rate
            begin = step.end
            steps.removeFirst()
            factors = factors.dropFirst()
        }
        return nil
    }

    /// The next request of a list, or the first of a conversation that is drawn.
    private mutating func begin(at arrival: Nanoseconds) -> TokenRequest? {
        guard left > 0 else { return nil }
        left -= 1
        if var request = listed.popFirst() {
            request.arrival = arrival
            return request
        }
        guard !classes.isEmpty else { return nil }
        let draw = lengths.uniform() * (shares.last ?? 1)
        let kind = shares.firstIndex { draw < $0 } ?? classes.count - 1
        let part = classes[kind]
        lastID += 1
        let turns = part.turns.sample(using: &lengths)
        let prompt =
            part.sharedTokens + scaled(part.prompt.sample(using: &lengths), by: factors.first?.prompt)
        let request = self.request(
            kind: kind, id: lastID, at: arrival, prompt: prompt, isConversation: turns > 1)
        if turns > 1 {
            conversations[UInt32(truncatingIfNeeded: lastID)] = Conversation(
                kind: kind, turnsLeft: turns - 1)
        }
        return request
    }

    public mutating func following(_ record: TokenRecord) -> TokenRequest? {
        if let turn = turn(after: record) { return turn }
        return isClosed ? begin(at: record.end + overhead(record)) : nil
    }

    private func overhead(_ record: TokenRecord) -> Nanoseconds {
        client.map { Nanoseconds(seconds: $0.toEnd(tokens: Int(record.request.output))) } ?? .zero
    }

    /// The next turn of the conversation that a request belongs to.
    private mutating func turn(after record: TokenRecord) -> TokenRequest? {
        guard case .session(let id, _, _) = record.request.prefix, var conversation = conversations[id] else {
            return nil
        }
        let part = classes[conversation.kind]
        let tokens = Int(record.request.prompt + record.request.output)
        let prompt = tokens + part.prompt.sample(using: &lengths)
        // A conversation ends where its context does.
        guard conversation.turnsLeft > 0, prompt + 1 < contextMax else {
            conversations[id] = nil
            return nil
        }
        lastID += 1
        let pause = Nanoseconds(seconds: part.thinkSeconds * thinking.exponential()) + overhead(record)
        var request = self.request(
            kind: conversation.kind, id: lastID, at: record.end + pause, prompt: prompt,
            isConversation: true)
        request.prefix = session(id, of: part, kind: conversation.kind)
        conversation.turnsLeft -= 1
        conversations[id] = conversation.turnsLeft == 0 ? nil : conversation
        return request
    }

    private mutating func request(
        kind: Int, id: Int64, at arrival: Nanoseconds, prompt: Int, isConversation: Bool
    ) -> TokenRequest {
        let part = classes[kind]
        let cut = max(1, min(prompt, contextMax - 1))
        let answer = scaled(part.output.sample(using: &lengths), by: factors.first?.output)
        let output = max(1, min(answer, contextMax - cut))
        let prefix: TokenRequest.Prefix =
            if isConversation {
                session(UInt32(truncatingIfNeeded: id), of: part, kind: kind)
            } else if part.sharedTokens > 0 {
                .group(id: UInt32(kind), tokens: Int32(part.sharedTokens))
            } else {
                .none
            }
        return TokenRequest(
            id: id, arrival: arrival, prompt: cut, output: output, kind: kind, prefix: prefix)
    }

    private func session(_ id: UInt32, of part: TokenWorkload.Class, kind: Int) -> TokenRequest.Prefix {
        .session(id: id, group: UInt32(kind), groupTokens: Int32(part.sharedTokens))
    }

    /// A gap of mean 1 whose coefficient of variation is the burstiness: exponential at 1, else gamma.
    private mutating func gap(_ burstiness: Double) -> Double {
        burstiness == 1 ? arrivals.exponential() : arrivals.gamma(shape: 1 / (burstiness * burstiness))
    }
}

extension RandomStream {
    /// A gamma variate of mean 1 (Marsaglia and Tsang 2000; below a shape of 1 by their power of a uniform
    /// one).
    mutating func gamma(shape: Double) -> Double {
        let boosted = shape < 1 ? shape + 1 : shape
        let d = boosted - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let normal = normal()
            let cube = 1 + c * normal
            guard cube > 0 else { continue }
            let v = cube * cube * cube
            let uniform = 1 - uniform()
            guard log(uniform) < 0.5 * normal * normal + d - d * v + d * log(v) else {
                continue
            }
            let power = shape < 1 ? pow(1 - self.uniform(), 1 / shape) : 1
            return d * v * power / shape
        }
    }
}
