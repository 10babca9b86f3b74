import Foundation

/// Instants as people and programs write them.
enum CalendarText {
    /// ISO 8601 in UTC to the second: `2024-06-03T00:00:00Z`.
    static func utc(unixSeconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(unixSeconds)).formatted(.iso8601)
    }
}
