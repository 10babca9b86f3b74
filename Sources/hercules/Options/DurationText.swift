import Quantities

/// Reads numbers of a unit of time that an option names.
enum DurationText {
    enum Unit: String {
        case milliseconds, seconds, minutes, hours, days

        fileprivate var seconds: Double {
            switch self {
            case .milliseconds: 0.001
            case .seconds: 1
            case .minutes: 60
            case .hours: 3600
            case .days: 86_400
            }
        }
    }

    static func duration(in unit: Unit, from low: Double, to high: Double) -> OptionReading<Nanoseconds> {
        reading(unit, "\(unit.rawValue) from \(text(low)) to \(text(high))") { $0 >= low && $0 <= high }
    }

    static func duration(in unit: Unit, aboveZeroTo high: Double) -> OptionReading<Nanoseconds> {
        reading(unit, "\(unit.rawValue) above 0, up to \(text(high))") { $0 > 0 && $0 <= high }
    }

    /// Of a trace: more days than any trace has stand for all of it.
    static let days = duration(in: .days, aboveZeroTo: 100_000)

    private static func reading(
        _ unit: Unit, _ expected: String, where isTaken: @escaping @Sendable (Double) -> Bool
    ) -> OptionReading<Nanoseconds> {
        let read = NumberText.number(expected, where: isTaken)
        return { Nanoseconds(seconds: try read($0) * unit.seconds) }
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
