import Controlling
import Foundation

/// What is wrong with pushed metrics.
struct OpenMetricsError: Error, Hashable, Sendable, CustomStringConvertible {
    let line: Int
    let found: String
    let expected: String

    var description: String { "line \(line): found \(found.prefix(80)), expected \(expected)" }
}

/// Samples in the text format of OpenMetrics, or the older one of Prometheus.
enum OpenMetricsText {
    /// One sample.
    struct Line: Hashable, Sendable {
        let name: String
        let labels: [String: String]
        let value: Double
        /// nil where the sender names no time.
        let at: WallTime?
    }

    static let linesMax = 50_000

    /// Reads a text. O(bytes).
    /// - Parameter isOpenMetrics: whether times are in seconds, not in milliseconds.
    static func lines(_ bytes: [UInt8], isOpenMetrics: Bool) throws(OpenMetricsError) -> [Line] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw OpenMetricsError(line: 1, found: "bytes that are no text", expected: "UTF-8")
        }
        var lines: [Line] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.last == "\r" ? line.dropLast() : line
            guard !line.isEmpty, line.first != "#" else { continue }
            guard lines.count < linesMax else {
                throw OpenMetricsError(
                    line: index + 1, found: "more", expected: "at most \(linesMax) samples")
            }
            var parser = LineParser(line: index + 1, rest: line)
            lines.append(try parser.sample(isOpenMetrics: isOpenMetrics))
        }
        return lines
    }

    /// Takes one line apart.
    private struct LineParser {
        let line: Int
        var rest: Substring

        mutating func sample(isOpenMetrics: Bool) throws(OpenMetricsError) -> Line {
            let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
            guard let first = name.first, !first.isNumber else { throw refusal("the name of a metric") }
            rest = rest.dropFirst(name.count)
            let labels = rest.first == "{" ? try labels() : [:]
            // An exemplar behind the sample is somebody else's business.
            let end = rest.firstRange(of: " # ")?.lowerBound ?? rest.endIndex
            let words = rest[..<end].split(separator: " ")
            guard (1...2).contains(words.count), let value = Self.number(words[0]) else {
                throw refusal("a value, and a time or none")
            }
            var at: WallTime?
            if words.count == 2 {
                let time = Double(words[1]).flatMap { WallTime(unixSeconds: isOpenMetrics ? $0 : $0 / 1000) }
                guard let time else { throw refusal("a time") }
                at = time
            }
            return Line(name: String(name), labels: labels, value: value, at: at)
        }

        private mutating func labels() throws(OpenMetricsError) -> [String: String] {
            var labels: [String: String] = [:]
            rest = rest.dropFirst()
            while true {
                rest = rest.drop { $0 == " " || $0 == "," }
                if rest.first == "}" {
                    rest = rest.dropFirst()
                    return labels
                }
                let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                rest = rest.dropFirst(name.count)
                guard !name.isEmpty, rest.hasPrefix("=\""), labels.count < 64 else {
                    throw refusal("a label and its value in quotes")
                }
                rest = rest.dropFirst(2)
                let value = try quoted()
                guard labels.updateValue(value, forKey: String(name)) == nil else {
                    throw refusal("each label once")
                }
            }
        }

        private mutating func quoted() throws(OpenMetricsError) -> String {
            var value = ""
            while let character = rest.popFirst() {
                if character == "\"" { return value }
                guard character == "\\" else {
                    value.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "n": value.append("\n")
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                default: throw refusal("an escape that is known")
                }
            }
            throw refusal("the end of a value in quotes")
        }

        private func refusal(_ expected: String) -> OpenMetricsError {
            OpenMetricsError(line: line, found: rest.isEmpty ? "the end" : String(rest), expected: expected)
        }

        private static func number(_ text: Substring) -> Double? {
            switch text {
            case "NaN": .nan
            case "+Inf", "Inf": .infinity
            case "-Inf": -.infinity
            default: Double(text)
            }
        }
    }
}
