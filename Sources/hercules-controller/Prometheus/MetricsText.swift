/// Writes metrics in the text format that Prometheus reads (version 0.0.4): families in the order they are
/// added, each with its help, its type and its samples.
struct MetricsText: Sendable {
    /// What a family's numbers mean.
    enum Kind: String, Sendable { case counter, gauge, histogram }

    private(set) var text = ""

    /// Adds a family; one without samples is left out, as an unknown value is not zero.
    /// - Parameter samples: labels in their order, and the value; nil values are left out.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String,
        _ samples: [(labels: [(String, String)], value: Double?)]
    ) {
        let known = samples.compactMap { sample in sample.value.map { (sample.labels, $0) } }
        guard !known.isEmpty else { return }
        begin(name, kind, help)
        for (labels, value) in known { line(name, labels, value) }
    }

    /// Adds a family of one sample without labels.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        add(name, kind, help, [(labels: [], value: value)])
    }

    /// Adds a histogram.
    /// - Parameters:
    ///   - bounds: upper bounds in ascending order, in base units.
    ///   - counts: by bound, and one more for what lies above; not added up.
    mutating func add(histogram name: String, _ help: String, bounds: [Double], counts: [Int], sum: Double) {
        begin(name, .histogram, help)
        var total = 0
        for (index, bound) in bounds.enumerated() {
            total += index < counts.count ? counts[index] : 0
            line(name + "_bucket", [("le", Self.number(bound))], Double(total))
        }
        total += counts.dropFirst(bounds.count).reduce(0, +)
        line(name + "_bucket", [("le", "+Inf")], Double(total))
        line(name + "_sum", [], sum)
        line(name + "_count", [], Double(total))
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.0)=\"\(Self.escaped($0.1, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(Self.number(value))\n"
    }

    /// A number as the format has it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
