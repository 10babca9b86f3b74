import CNative
import Foundation
import Quantities

/// The system's clocks; instants of the monotonic one count from an arbitrary origin.
enum SystemClock {
    static func now() -> Nanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The time of day, in seconds since 1970-01-01T00:00:00Z.
    static func unixSeconds() -> Int64 { Int64(time(nil)) }

    /// Sleeps until shortly before an instant, then watches the clock.
    /// - Parameter margin: how long to watch. On cores shared with the inference threads it has to stay below
    ///   the cost of a switch between threads, or the generator would disturb what it measures; on a core of
    ///   its own it should exceed the time that waking up takes.
    static func sleep(until instant: Nanoseconds, watching margin: Nanoseconds = Nanoseconds(10_000)) {
        let target = instant - margin
        while true {
            let left = target - now()
            if left <= .zero { break }
            var time = timespec(
                tv_sec: Int(left.count / 1_000_000_000), tv_nsec: Int(left.count % 1_000_000_000))
            nanosleep(&time, nil)
        }
        while now() < instant { cnative_pause() }
    }
}
