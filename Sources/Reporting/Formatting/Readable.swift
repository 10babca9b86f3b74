import Quantities

extension Watts {
    /// For prose: `950 W`, `12.3 kW`.
    public var readable: String { readableText(value, .power) }
}

extension Joules {
    /// For prose: `640 J`, `12.3 kWh`.
    public var readable: String { readableText(value, .energy) }
}

extension QueriesPerSecond {
    /// For prose: `12,345 queries/s`.
    public var readable: String { readableText(value, .rate) }
}

extension Fraction {
    /// For prose: `23.4 %`.
    public var readable: String { readableText(value, .fraction) }
    /// For prose about optimality gaps, which are small: `0.064 %`.
    public var readableGap: String { readableText(value, .gap) }
}

private func readableText(_ value: Double, _ kind: Table.Kind) -> String {
    let format = ColumnFormat(kind: kind, numbers: [value], kilowattsFrom: 1_000)
    guard let text = format.text(of: .number(value)) else { return "unknown" }
    return format.headUnit.map { "\(text) \($0)" } ?? text
}

extension Nanoseconds {
    /// For prose about spans that people think of in days, hours or minutes: `7 days`, `15 minutes`, `90 s`.
    package var readableSpan: String {
        for (name, seconds) in [("day", 86_400), ("hour", 3_600), ("minute", 60)] {
            let unit = Int64(seconds) * 1_000_000_000
            guard count >= unit, count.isMultiple(of: unit) else { continue }
            return (count / unit).counted(name)
        }
        let (hour, day) = (Int64(3_600_000_000_000), Int64(86_400_000_000_000))
        if count >= day { return "\((Double(count) / Double(day)).fixed(decimals: 1)) days" }
        if count >= hour { return "\((Double(count) / Double(hour)).fixed(decimals: 1)) hours" }
        return description
    }
}

extension BinaryInteger {
    /// The number with a noun in the singular or the plural: `1 server`, `12 servers`.
    package func counted(_ noun: String, plural: String? = nil) -> String {
        "\(Double(self).fixed(decimals: 0)) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}

extension Array where Element == String {
    /// `a`, `a and b`, `a, b and c`.
    package var enumerated: String {
        guard let last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " and " + last
    }
}
