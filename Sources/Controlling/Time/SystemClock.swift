import Foundation
import Quantities

/// The clocks of the machine. The monotonic one goes on while the machine sleeps, so that a long sleep is a
/// gap and not an interval.
public struct SystemClock: ControllerClock {
    private let origin = ContinuousClock.now

    public init() {}

    public func now() -> ControlTime {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return ControlTime(
            monotonic: Nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000),
            wall: WallTime(unixSeconds: Date().timeIntervalSince1970) ?? WallTime(unixMilliseconds: 0))
    }

    public func sleep(until monotonic: Nanoseconds) async throws {
        try await ContinuousClock().sleep(until: origin + .nanoseconds(monotonic.count))
    }
}
