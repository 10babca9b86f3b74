import Quantities

/// Which interval of a controller a moment is in, by the monotonic clock alone: calendars may jump as they
/// like.
public struct TickSchedule: Hashable, Sendable {
    /// An interval that has begun.
    public struct Tick: Hashable, Sendable {
        public let index: Int
        /// Intervals that went by without a decision just before.
        public let missed: Int

        public init(index: Int, missed: Int) {
            self.index = index
            self.missed = missed
        }
    }

    /// More intervals than these are not waited out after a stop: a month of minutes.
    public static let missedMax = 44_640

    public let interval: Nanoseconds
    private let origin: Nanoseconds
    private let first: Int
    private var last: Int?

    /// - Parameters:
    ///   - interval: above zero.
    ///   - origin: the monotonic moment at which the first interval begins.
    ///   - first: its index.
    public init(interval: Nanoseconds, origin: Nanoseconds, first: Int = 0) {
        precondition(interval > .zero, "an interval takes time")
        self.interval = interval
        self.origin = origin
        self.first = max(0, first)
    }

    /// The index that a controller begins with which was stopped for a while: at least the next one.
    ///
    /// - Parameters:
    ///   - last: the last index that was decided for.
    ///   - lastWall: when that was, by the calendar.
    ///   - wall: what the calendar says now; where it has gone back, nothing is taken to have been missed.
    public static func first(
        after last: Int, at lastWall: WallTime, now wall: WallTime, interval: Nanoseconds
    ) -> Int {
        let passed = wall.seconds(since: lastWall) / interval.seconds
        let missed = Int(min(max(0, passed.rounded() - 1), Double(missedMax)))
        return last + 1 + missed
    }

    /// The schedule of a controller that goes on after another, or after itself: what is left of the interval
    /// in which the last decision was made is waited for.
    ///
    /// - Parameters:
    ///   - last: the last index that was decided for, and when by the calendar.
    public static func resumed(
        after last: (index: Int, wall: WallTime), at now: ControlTime, interval: Nanoseconds
    ) -> TickSchedule {
        let since = now.wall.seconds(since: last.wall)
        let isWithin = since >= 0 && since < interval.seconds
        let left = isWithin ? Nanoseconds(seconds: interval.seconds - since) : .zero
        return TickSchedule(
            interval: interval, origin: now.monotonic + left,
            first: isWithin
                ? last.index + 1 : first(after: last.index, at: last.wall, now: now.wall, interval: interval))
    }

    /// The interval that a moment is in, where it has not been decided for yet; nil where it has.
    public mutating func due(at monotonic: Nanoseconds) -> Tick? {
        guard monotonic >= origin else { return nil }
        let passed = (monotonic - origin).count / interval.count
        let index = first + Int(passed)
        guard last.map({ $0 < index }) ?? true else { return nil }
        let missed = last.map { index - $0 - 1 } ?? 0
        last = index
        return Tick(index: index, missed: missed)
    }

    /// When the next interval begins, as monotonic time.
    public func next(after monotonic: Nanoseconds) -> Nanoseconds {
        guard monotonic >= origin else { return origin }
        let passed = (monotonic - origin).count / interval.count
        return origin + interval * (Int(passed) + 1)
    }
}
