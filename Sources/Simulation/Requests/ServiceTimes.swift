import Quantities

/// The time a stage of a server needs for a launch of so many items, under the co-location of its schedule.
public protocol ServiceTimes: Sendable {
    /// The time for one launch.
    /// - Parameters:
    ///   - items: in the launch, at least 1.
    ///   - draw: uniform in 0..<1; picks one of the times that a launch of this size may take.
    func time(items: Int, draw: Double) -> Nanoseconds

    /// The expected time for one launch. Launches that join pieces take it.
    func meanTime(items: Int) -> Nanoseconds

    /// Whether every launch of a size takes its expected time.
    var isFixed: Bool { get }
}

extension ServiceTimes {
    public var isFixed: Bool { false }
}

/// Always the same time for so many items.
public struct FixedServiceTimes: ServiceTimes {
    /// Element i is the time of i items; element 0 is not read.
    public let times: [Nanoseconds]

    /// - Precondition: there is a time for every launch there can be.
    public init(_ times: [Nanoseconds]) { self.times = times }

    public var isFixed: Bool { true }
    public func time(items: Int, draw: Double) -> Nanoseconds { times[items] }
    public func meanTime(items: Int) -> Nanoseconds { times[items] }
}

/// One of several times, picked by a draw.
public struct DrawnServiceTimes: ServiceTimes {
    private let pick: @Sendable (_ items: Int, _ draw: Double) -> Nanoseconds

    /// - Parameter pick: the time by the items and a draw that is uniform in 0..<1.
    public init(_ pick: @escaping @Sendable (_ items: Int, _ draw: Double) -> Nanoseconds) {
        self.pick = pick
    }

    public func time(items: Int, draw: Double) -> Nanoseconds { pick(items, draw) }

    /// The mean over draws that lie evenly.
    public func meanTime(items: Int) -> Nanoseconds {
        let count = 64
        let sum = (0..<count).reduce(0.0) {
            $0 + Double(pick(items, (Double($1) + 0.5) / Double(count)).count)
        }
        return Nanoseconds(Int64((sum / Double(count)).rounded()))
    }
}

extension ServiceTimes where Self == FixedServiceTimes {
    /// Element i is the time of i items; element 0 is not read.
    public static func fixed(_ times: [Nanoseconds]) -> FixedServiceTimes { FixedServiceTimes(times) }
}

extension ServiceTimes where Self == DrawnServiceTimes {
    /// One of several times, picked by a draw that is uniform in 0..<1.
    public static func drawn(
        _ pick: @escaping @Sendable (_ items: Int, _ draw: Double) -> Nanoseconds
    ) -> DrawnServiceTimes {
        DrawnServiceTimes(pick)
    }
}
