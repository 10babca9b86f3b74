/// One number of a schedule that a search may vary.
///
/// Search methods know an axis only by what is said of it here. A new one is a static member beside the
/// schedules that have it, and its values where a space is made.
public struct ScheduleAxis: Hashable, Sendable {
    /// On which equal steps change the throughput about alike.
    public enum Scale: Hashable, Sendable {
        /// Of what is counted.
        case logarithm
        /// Of a share whose first parts matter most.
        case squareRoot
        case linear
    }

    /// Tells it apart from every other axis of any schedule.
    public let name: String
    /// The name in tables.
    public let title: String
    /// Whether a higher value takes cores, or accelerators, from the other axes of this kind.
    public let takesProcessors: Bool
    public let scale: Scale

    public init(name: String, title: String, takesProcessors: Bool, scale: Scale) {
        self.name = name
        self.title = title
        self.takesProcessors = takesProcessors
        self.scale = scale
    }

    /// Where a value lies on the scale. One doubling is a step of 1, and so is a share that grows from none
    /// to a sixteenth.
    public func position(_ value: Double) -> Double {
        switch scale {
        case .logarithm: value.logarithm2
        case .squareRoot: 4 * value.squareRoot()
        case .linear: value
        }
    }
}

extension Double {
    /// The logarithm to the base 2, the same with every C library to within what a search can notice:
    /// exponent and a straight line through the significand.
    fileprivate var logarithm2: Double { self > 0 ? Double(exponent) + significand - 1 : -64 }
}
