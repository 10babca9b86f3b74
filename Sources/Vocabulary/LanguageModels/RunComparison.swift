/// How a simulated run of requests compares with the measured one. Errors are simulated over measured, less
/// 1.
public struct RunComparison: Hashable, Sendable {
    /// One figure of a run, both ways.
    public struct Pair: Hashable, Sendable {
        /// Seconds.
        public var measured: Double
        public var simulated: Double

        public init(measured: Double, simulated: Double) {
            self.measured = measured
            self.simulated = simulated
        }

        public var error: Double { simulated / measured - 1 }
    }

    /// Mean and 99th percentile of one latency.
    public struct Latency: Hashable, Sendable {
        public var mean: Pair
        public var p99: Pair
        /// Mean over requests of the absolute relative error.
        public var absoluteError: Double

        /// - Parameter pairs: one a request, at least one.
        public init(_ pairs: [Pair]) {
            let count = Double(pairs.count)
            mean = Pair(
                measured: pairs.reduce(0) { $0 + $1.measured } / count,
                simulated: pairs.reduce(0) { $0 + $1.simulated } / count)
            p99 = Pair(
                measured: Self.quantile(0.99, of: pairs.map(\.measured)),
                simulated: Self.quantile(0.99, of: pairs.map(\.simulated)))
            let errors = pairs.filter { $0.measured > 0 }.map { abs($0.error) }
            absoluteError = errors.isEmpty ? .nan : errors.reduce(0, +) / Double(errors.count)
        }

        /// The smallest value that a share of the values does not exceed.
        private static func quantile(_ share: Double, of values: [Double]) -> Double {
            let sorted = values.sorted()
            return sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
        }
    }

    public var requests: Int
    public var firstToken: Latency
    /// nil where no answer has a second token.
    public var outputToken: Latency?
    public var endToEnd: Latency
    public var preemptions: Int
    /// One a request, in the order of the log: end to end.
    public var endToEndPairs: [Pair]
    public var firstTokenPairs: [Pair]

    public init(
        firstToken: [Pair], outputToken: [Pair], endToEnd: [Pair], preemptions: Int
    ) {
        requests = endToEnd.count
        self.firstToken = Latency(firstToken)
        self.outputToken = outputToken.isEmpty ? nil : Latency(outputToken)
        self.endToEnd = Latency(endToEnd)
        self.preemptions = preemptions
        endToEndPairs = endToEnd
        firstTokenPairs = firstToken
    }

    /// What a fit minimises: how far means are off, and each request's end.
    public var loss: Double {
        abs(firstToken.mean.error) + abs(outputToken?.mean.error ?? 0) + endToEnd.absoluteError
    }
}
