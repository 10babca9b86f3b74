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

    /// Sleeps until an instant, then watches the clock for the last few microseconds.
    ///
    /// The watching is kept below the cost of one switch between threads, because on cores shared with the
    /// inference threads a spinning generator would disturb what it measures.
    static func sleep(until instant: Nanoseconds) {
        let target = instant - Nanoseconds(10_000)
        while true {
            let left = target - now()
            if left <= .zero { break }
            var time = timespec(
                tv_sec: Int(left.count / 1_000_000_000), tv_nsec: Int(left.count % 1_000_000_000))
            nanosleep(&time, nil)
        }
        while now() < instant {}
    }
}
