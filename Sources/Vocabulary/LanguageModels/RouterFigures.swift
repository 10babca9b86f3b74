/// What one router made of the same requests.
public struct RouterFigures: Hashable, Sendable {
    public var router: RoutingRule
    /// What it supposed of lengths; nil for a router that asks for none.
    public var predicted: PredictedLengths?
    /// Requests per second from the first arrival to the last answer: the tail in which engines empty is in
    /// it.
    public var throughput: Double
    /// At rates: share of requests within every target; nil without targets.
    public var attained: Double?
    /// Seconds.
    public var firstTokenP50: Double?
    public var firstTokenP99: Double?
    public var outputTokenP99: Double?

    public init(
        router: RoutingRule, predicted: PredictedLengths?, throughput: Double, attained: Double?,
        firstTokenP50: Double?, firstTokenP99: Double?, outputTokenP99: Double?
    ) {
        self.router = router
        self.predicted = predicted
        self.throughput = throughput
        self.attained = attained
        self.firstTokenP50 = firstTokenP50
        self.firstTokenP99 = firstTokenP99
        self.outputTokenP99 = outputTokenP99
    }
}

/// Routers of one cluster side by side.
public struct RouterComparison: Hashable, Sendable {
    /// Requests per second that each engine sustains alone.
    public var speeds: [Double]
    /// With all requests present from the beginning.
    public var present: [RouterFigures]
    /// With requests that come at the workload's own rate, or at another.
    public var arriving: [RouterFigures]
    /// That rate, per second; nil for a file's own times.
    public var rate: Double?

    public init(
        speeds: [Double], present: [RouterFigures], arriving: [RouterFigures], rate: Double?
    ) {
        self.speeds = speeds
        self.present = present
        self.arriving = arriving
        self.rate = rate
    }

    /// What the best routing wins over turns of equal counts in a run without end: with equal counts the
    /// slowest engine sets the pace of all, so that the gain is their mean speed over the least, less 1.
    public var idealGain: Double {
        guard let least = speeds.min(), least > 0 else { return 0 }
        return speeds.reduce(0, +) / Double(speeds.count) / least - 1
    }

    /// Throughput with all requests present over that of turns, less 1.
    public func gain(_ figures: RouterFigures) -> Double? {
        guard let turns = present.first(where: { $0.router == .roundRobin })?.throughput, turns > 0 else {
            return nil
        }
        return figures.throughput / turns - 1
    }
}
