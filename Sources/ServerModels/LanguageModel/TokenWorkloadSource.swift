import Foundation
import Quantities
import Randomness
import Simulation
import Vocabulary

/// The requests of a described workload, drawn as they are needed.
public struct TokenWorkloadSource: TokenRequestSource {
    /// More kinds of requests than anybody tells apart.
    public static let classesMax = 64

    /// A conversation that goes on.
    private struct Conversation {
        var kind: Int
        var turnsLeft: Int
    }

    private let classes: [TokenWorkload.Class]
    private let shares: [Double]
    private let rate: Double
    private let burstiness: Double
    private let contextMax: Int
    private var left: Int
    private var time = 0.0
    private var lastID: Int64 = 0
    private var conversations: [UInt32: Conversation] = [:]
    private var arrivals: RandomStream
    private var lengths: RandomStream
    private var thinking: RandomStream
    private var listed: ArraySlice<TokenRequest>

    /// - Parameters:
    ///   - rate: conversations per second in place of the workload's own.
    ///   - contextMax: tokens that a prompt and its answer may have together; longer ones are cut.
    public init(_ workload: TokenWorkload, rate: Double? = nil, contextMax: Int, seed: UInt64) {
        left = workload.count
        self.contextMax = max(2, contextMax)
        arrivals = RandomStream(seed: seed, name: "token arrivals")
        lengths = RandomStream(seed: seed, name: "token lengths")
        thinking = RandomStream(seed: seed, name: "token thinking")
        switch workload.content {
        case .drawn(let classes, let own, let burstiness):
            self.classes = classes
            self.rate = rate ?? own
            self.burstiness = burstiness
            var sum = 0.0
            shares = classes.map { part in
                sum += part.share
                return sum
            }
            listed = []
        case .listed(let requests, _):
            classes = []
            shares = []
            self.rate = 0
            burstiness = 1
            listed = Self.requests(requests, count: workload.count, contextMax: self.contextMax)[...]
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

    public mutating func next() -> TokenRequest? {
        if let request = listed.popFirst() { return request }
        guard left > 0, !classes.isEmpty else { return nil }
        left -= 1
        time += gap() / rate
        let draw = lengths.uniform() * (shares.last ?? 1)
        let kind = shares.firstIndex { draw < $0 } ?? classes.count - 1
        let part = classes[kind]
        lastID += 1
        let turns = part.turns.sample(using: &lengths)
        let prompt = part.sharedTokens + part.prompt.sample(using: &lengths)
        let request = self.request(
            kind: kind, id: lastID, at: Nanoseconds(seconds: time), prompt: prompt, isConversation: turns > 1)
        if turns > 1 {
            conversations[UInt32(truncatingIfNeeded: lastID)] = Conversation(
                kind: kind, turnsLeft: turns - 1)
        }
        return request
    }

    public mutating func following(_ record: TokenRecord) -> TokenRequest? {
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
        let pause = Nanoseconds(seconds: part.thinkSeconds * thinking.exponential())
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
        let output = max(1, min(part.output.sample(using: &lengths), contextMax - cut))
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
    private mutating func gap() -> Double {
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
