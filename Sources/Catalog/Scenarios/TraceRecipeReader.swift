import Files
import Quantities
import Vocabulary

/// Reads `traces/<name>.yaml`, the recipe of a synthetic trace.
enum TraceRecipeReader {
    private enum Key: String, SectionKey {
        case id, seed, days
        case interval = "interval_seconds"
        case start = "start_utc"
        case services
    }

    private enum ServiceKey: String, SectionKey {
        case peakHour = "peak_hour"
        case trough = "trough_fraction"
        case weekend = "weekend_fraction"
        case noise = "noise_fraction"
        case burstsPerDay = "bursts_per_day"
        case burstHeight = "burst_height_fraction"
    }

    /// A recipe makes at most so many intervals.
    private static let intervalsMax = 1_000_000.0

    static func recipe(at path: String, name: String) throws(FileError) -> TraceRecipe {
        let section = try YAMLValue(path: path).section(Key.self)
        try section[.id].requireName(name)
        let days = try section[.days].wholeNumber(to: 3660)
        let interval = try section[.interval].duration(unitSeconds: 1)
        let intervals = Double(days) * 86_400 / interval.seconds
        guard intervals >= 1, intervals <= intervalsMax else {
            throw try section[.interval].refusal(
                expected: "a time that gives 1 to 1000000 intervals in \(days) days")
        }
        var services: [TraceRecipe.Service] = []
        let entries = try section[.services].entries()
        guard intervals * Double(entries.count) <= TraceImportOptions.loadsMax else {
            throw .invalidValue(
                try section[.services].place,
                found: "\(entries.count) services of \(Int(intervals)) intervals",
                expected: "at most \(Int(TraceImportOptions.loadsMax)) loads together")
        }
        for (service, value) in entries {
            services.append(try Self.service(named: service, value))
        }
        return TraceRecipe(
            id: name, seed: try section[.seed].seed(), days: days, interval: interval,
            startUnixSeconds: try start(section[.start]), services: services)
    }

    private static func start(_ value: YAMLValue) throws(FileError) -> Int64 {
        guard let nanoseconds = CalendarTime.unixNanoseconds(of: try value.text()),
            nanoseconds % 1_000_000_000 == 0
        else { throw value.refusal(expected: "a time like 2024-06-03T00:00:00Z") }
        return nanoseconds / 1_000_000_000
    }

    private static func service(
        named name: String, _ value: YAMLValue
    ) throws(FileError) -> TraceRecipe.Service {
        guard NameRule.allows(name) else {
            throw .invalidValue(
                value.place, found: "the name '\(name)'",
                expected: "a name of lower-case letters, digits, '-', '_' and '.'")
        }
        let section = try value.section(ServiceKey.self)
        return TraceRecipe.Service(
            name: name, peakHour: try section[.peakHour].number(.hourOfDay),
            troughFraction: Fraction(try section[.trough].number(.fraction)),
            weekendFraction: Fraction(try section[.weekend].number(.from(0, to: 1000))),
            noise: Fraction(try section[.noise].number(.fraction)),
            burstsPerDay: try section[.burstsPerDay].number(.perDay),
            burstHeight: Fraction(try section[.burstHeight].number(.from(0, to: 1000))))
    }
}
