import Quantities

/// What is asked of engines that serve a language model.
public struct TokenWorkload: Hashable, Sendable {
    /// Requests of one kind.
    public struct Class: Hashable, Codable, Sendable {
        public var name: String
        /// Its share of conversations; shares add up to 1.
        public var share: Double
        public var prompt: TokenCounts
        public var output: TokenCounts
        /// Tokens at the beginning of every prompt that all requests of the class have in common.
        public var sharedTokens: Int
        /// Turns of a conversation: each has the earlier ones before its own prompt.
        public var turns: TokenCounts
        /// From the end of an answer to the next turn, mean of an exponential time in seconds.
        public var thinkSeconds: Double

        public init(
            name: String, share: Double = 1, prompt: TokenCounts, output: TokenCounts, sharedTokens: Int = 0,
            turns: TokenCounts = .fixed(1), thinkSeconds: Double = 0
        ) {
            self.name = name
            self.share = share
            self.prompt = prompt
            self.output = output
            self.sharedTokens = sharedTokens
            self.turns = turns
            self.thinkSeconds = thinkSeconds
        }
    }

    /// Where requests come from.
    public enum Content: Hashable, Sendable {
        /// Drawn, with conversations beginning at a rate.
        case drawn([Class], ratePerSecond: Double, burstiness: Double)
        /// Read from a file.
        case listed([ListedRequest], source: String)
        /// Drawn client by client.
        case clients([TokenClient], source: String)
    }

    /// When requests, or conversations, begin.
    public enum Arrivals: Hashable, Sendable {
        /// As the content has it: at its rate, or at the times of its file.
        case own
        /// At a rate, with gaps of a coefficient of variation, in place of a file's times.
        case drawn(ratePerSecond: Double, burstiness: Double)
        /// At times of a file, in seconds from the first, ascending.
        case listed([Double], source: String)
        /// A closed loop: each of so many clients sends its next as soon as its last has ended.
        case closed(clients: Int)
    }

    /// The longest that is played, in seconds: clocks count picoseconds.
    public static let secondsMax = 5e6

    public var content: Content
    public var arrivals: Arrivals
    /// Conversations that begin, or requests that are taken of a file.
    public var count: Int
    /// Seconds from the first arrival that are played and not counted.
    public var warmUpSeconds: Double

    public init(content: Content, count: Int, warmUpSeconds: Double = 0, arrivals: Arrivals = .own) {
        self.content = content
        self.arrivals = arrivals
        self.count = count
        self.warmUpSeconds = warmUpSeconds
    }
}

extension TokenWorkload {
    /// An answer that alone fills a context, in words; nil where there is none.
    public func answerBeyond(context: Int) -> String? {
        switch content {
        case .drawn(let classes, _, _):
            classes.first { $0.output.smallest >= context }.map {
                "answers of at least \($0.output.smallest) tokens of the class \($0.name)"
            }
        case .listed(let requests, _):
            requests.prefix(count).enumerated().first { $0.element.output >= context }.map {
                "an answer of \($0.element.output) tokens (request \($0.offset + 1) by arrival)"
            }
        case .clients: nil
        }
    }

    /// Listed requests that are longer than a context and are cut to it.
    public func requestsBeyond(context: Int) -> Int {
        guard case .listed(let requests, _) = content else { return 0 }
        return requests.prefix(count).count { $0.prompt + $0.output > context }
    }
}

/// A request as a log or a trace has it.
public struct ListedRequest: Hashable, Sendable {
    /// From the first request, in seconds.
    public var arrival: Double
    public var prompt: Int
    public var output: Int
    /// Names of the prompt's content, each of `nameTokens` tokens.
    public var names: [UInt64]
    public var nameTokens: Int
    /// From arrival, in seconds, where it was measured.
    public var firstToken: Double?
    public var lastToken: Double?

    public init(
        arrival: Double, prompt: Int, output: Int, names: [UInt64] = [], nameTokens: Int = 0,
        firstToken: Double? = nil, lastToken: Double? = nil
    ) {
        self.arrival = arrival
        self.prompt = prompt
        self.output = output
        self.names = names
        self.nameTokens = nameTokens
        self.firstToken = firstToken
        self.lastToken = lastToken
    }
}
