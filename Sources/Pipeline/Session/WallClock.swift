import Foundation

/// The clock that records are stamped with.
enum WallClock {
    /// Seconds since 1970-01-01T00:00:00Z.
    static var unixSeconds: Int64 { Int64(Date().timeIntervalSince1970) }
}
