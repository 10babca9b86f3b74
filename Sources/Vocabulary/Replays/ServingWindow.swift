import Quantities

/// The servers that serve from an instant on, until the next step says otherwise.
public struct ServingStep: Hashable, Codable, Sendable {
    /// Since the start of the trace.
    public let at: Nanoseconds
    /// Servers that take queries: booted, with their model loaded, and not draining.
    public let serving: Allocation

    public init(at: Nanoseconds, serving: Allocation) {
        self.at = at
        self.serving = serving
    }
}

/// A stretch of whole intervals of a replayed trace, as a request-level simulation needs it: the load of
/// every interval and which servers served when, as step functions.
public struct ServingWindow: Hashable, Codable, Sendable {
    public let policy: String
    /// The interval of the trace that the window begins with.
    public let firstInterval: Int
    public let interval: Nanoseconds
    /// The load of each interval of the window, in order.
    public let loads: [Demand]
    /// The first begins at or before the window, the others inside it, in ascending order. Neighbours differ.
    public let steps: [ServingStep]

    /// - Precondition: there is at least one interval, and a step at or before its start.
    public init(
        policy: String, firstInterval: Int, interval: Nanoseconds, loads: [Demand], steps: [ServingStep]
    ) {
        precondition(!loads.isEmpty, "a window has at least one interval")
        precondition(
            steps.first.map { $0.at <= interval * firstInterval } ?? false,
            "the first step of a window begins no later than the window")
        self.policy = policy
        self.firstInterval = firstInterval
        self.interval = interval
        self.loads = loads
        self.steps = steps
    }

    /// Since the start of the trace.
    public var start: Nanoseconds { interval * firstInterval }
    /// Since the start of the trace; not part of the window.
    public var end: Nanoseconds { interval * (firstInterval + loads.count) }

    /// The servers of each type that serve a model, as steps that begin at the window's start at the
    /// earliest. Steps that change only other models are left out.
    public func steps(of model: ModelID) -> [(at: Nanoseconds, counts: [ServerTypeID: Int])] {
        var found: [(at: Nanoseconds, counts: [ServerTypeID: Int])] = []
        for step in steps {
            var counts: [ServerTypeID: Int] = [:]
            for share in step.serving.shares where share.model == model {
                counts[share.serverType] = share.count
            }
            if found.last?.counts != counts { found.append((max(step.at, start), counts)) }
        }
        return found
    }
}

extension Timeline {
    /// The window over a range of intervals.
    ///
    /// Where a timeline was recorded without the instants of change, each interval's allocation is taken to
    /// serve from its start to its end. O(log steps + steps in the window).
    /// - Precondition: the range is not empty and lies inside the timeline.
    public func servingWindow(_ range: Range<Int>) -> ServingWindow {
        precondition(
            !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= records.count,
            "a window lies inside its timeline")
        return ServingWindow(
            policy: policy, firstInterval: range.lowerBound, interval: interval,
            loads: records[range].map(\.load), steps: steps(in: range))
    }

    private func steps(in range: Range<Int>) -> [ServingStep] {
        let start = interval * range.lowerBound
        let end = interval * range.upperBound
        guard !servingSteps.isEmpty else {
            var steps: [ServingStep] = []
            for index in range where steps.last?.serving != records[index].allocation {
                steps.append(ServingStep(at: interval * index, serving: records[index].allocation))
            }
            return steps
        }
        // The last step at or before the start: the first one is at the origin.
        let low = servingSteps.step(at: start.count) ?? 0
        return Array(servingSteps[low...].prefix { $0.at < end })
    }
}
