import Quantities

/// What ran, or runs, without this tool: an allocation that changes at known times.
public struct CurrentAllocation: Hashable, Codable, Sendable {
    /// What holds from a time on, until the next step.
    public struct Step: Hashable, Codable, Sendable {
        /// Since midnight UTC, since 1970, or since the start of the trace.
        public let from: Nanoseconds
        public let allocation: Allocation

        public init(from: Nanoseconds, allocation: Allocation) {
            self.from = from
            self.allocation = allocation
        }
    }

    /// What the steps' times count from.
    public enum Origin: String, Hashable, Codable, Sendable {
        /// Midnight UTC; the steps repeat every day.
        case midnight
        /// 1970-01-01T00:00:00Z.
        case epoch
        /// The first interval of the trace.
        case trace
    }

    public let origin: Origin
    /// Ascending in time.
    public let steps: [Step]

    /// - Precondition: there is a step, their times ascend and, from midnight, lie within a day.
    public init(_ steps: [Step], from origin: Origin) {
        precondition(!steps.isEmpty, "a schedule has a step")
        precondition(zip(steps, steps.dropFirst()).allSatisfy { $0.from < $1.from }, "times ascend")
        precondition(origin != .midnight || (steps.last?.from ?? .zero) < Self.day, "times within a day")
        self.origin = origin
        self.steps = steps
    }

    /// The same allocation throughout.
    public init(_ allocation: Allocation) {
        self.init([Step(from: .zero, allocation: allocation)], from: .trace)
    }

    private static let day = Nanoseconds(seconds: 86_400)

    /// What holds at a time. Before its first step a record says nothing, and its first step is taken; a day
    /// begins with the last step of the day before. O(log steps).
    /// - Parameters:
    ///   - time: since the start of the trace.
    ///   - traceStart: seconds since 1970.
    public func allocation(at time: Nanoseconds, traceStart: Int64) -> Allocation {
        let asked: Nanoseconds
        switch origin {
        case .trace: asked = time
        case .epoch: asked = time + Nanoseconds(seconds: Double(traceStart))
        case .midnight:
            let second = ((traceStart % 86_400) + 86_400) % 86_400
            let since = time + Nanoseconds(seconds: Double(second))
            asked = Nanoseconds(since.count % Self.day.count)
        }
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].from <= asked { low = middle + 1 } else { high = middle }
        }
        if low > 0 { return steps[low - 1].allocation }
        return (origin == .midnight ? steps.last : steps.first)?.allocation ?? Allocation()
    }

    /// The most servers of each type that any step takes.
    public var peakCounts: [ServerTypeID: Int] {
        steps.reduce(into: [:]) { most, step in
            most.merge(step.allocation.countsByServerType, uniquingKeysWith: max)
        }
    }
}
