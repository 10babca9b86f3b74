/// One client among many, whose requests come and look unlike from one stretch of time to the next.
public struct TokenClient: Hashable, Sendable {
    /// The form of the gaps between a client's requests. Their mean is the rate's.
    public enum Gaps: Hashable, Sendable {
        case gamma(shape: Double)
        case weibull(shape: Double)
    }

    /// What a client does over one stretch.
    public struct Window: Hashable, Sendable {
        /// Seconds from the beginning of what is played.
        public var start: Double
        public var end: Double
        public var ratePerSecond: Double
        public var gaps: Gaps
        public var prompt: TokenHistogram
        public var output: TokenHistogram

        public init(
            start: Double, end: Double, ratePerSecond: Double, gaps: Gaps, prompt: TokenHistogram,
            output: TokenHistogram
        ) {
            self.start = start
            self.end = end
            self.ratePerSecond = ratePerSecond
            self.gaps = gaps
            self.prompt = prompt
            self.output = output
        }
    }

    /// Names the client's random stream.
    public var name: String
    /// Ascending, without overlaps; between them the client is silent.
    public var windows: [Window]

    public init(name: String, windows: [Window]) {
        self.name = name
        self.windows = windows
    }

    /// Requests that are expected of it.
    public var meanRequests: Double { windows.reduce(0) { $0 + $1.ratePerSecond * ($1.end - $1.start) } }
}
