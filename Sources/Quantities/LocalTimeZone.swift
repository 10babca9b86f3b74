import Foundation

/// The zone of times that are written without one: an offset such as `+02:00`, or a place whose clocks change
/// with the seasons, by its name in the time zone database.
public struct LocalTimeZone: Hashable, Sendable {
    /// What is said where a name is not known.
    public static let expected =
        "a name of the time zone database like Europe/Berlin, or an offset like +02:00"

    public let name: String
    private let zone: TimeZone

    private static let secondsADay: Int64 = 86_400

    /// - Returns: nil for a name that is not known.
    public init?(_ name: String) {
        self.name = name
        if let offset = CalendarTime.zoneOffsetSeconds(of: name) {
            guard let zone = TimeZone(secondsFromGMT: Int(offset)) else { return nil }
            self.zone = zone
        } else {
            // Anything else would be read in ways of the system's own.
            guard TimeZone.knownTimeZoneIdentifiers.contains(name) || name == "UTC",
                let zone = TimeZone(identifier: name)
            else { return nil }
            self.zone = zone
        }
    }

    /// The instants at which a clock of the zone shows a time, ascending: one as a rule, two in an hour that
    /// clocks are set back by, none in one that they skip.
    /// - Parameter local: nanoseconds since 1970-01-01 00:00 as that clock shows it.
    package func instants(local: Int64) -> [Int64] {
        let seconds = CalendarTime.floorDivided(local, by: 1_000_000_000).quotient
        let offsets = Set([seconds - Self.secondsADay, seconds + Self.secondsADay].map(offset))
        return offsets.filter { offset(at: seconds - $0) == $0 }.map { local - $0 * 1_000_000_000 }.sorted()
    }

    private func offset(at unixSeconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(unixSeconds))))
    }
}
