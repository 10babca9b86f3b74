import Foundation
import Quantities
import Vocabulary

/// A program's answer, read key by key.
struct CommandAnswer {
    private let object: [String: Any]
    private let source: String

    init(_ bytes: [UInt8], of source: String) throws(ProfilingError) {
        self.source = source
        guard let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
            throw .answerInvalid(
                source: source, key: "",
                found: bytes.isEmpty ? "nothing" : "'\(String(decoding: bytes.prefix(80), as: UTF8.self))'",
                expected: "one JSON object")
        }
        self.object = object
        guard try number("contract", 0...1e9) == CommandEngine.contract else {
            throw invalid("contract", expected: "1")
        }
    }

    func text(_ key: String) throws(ProfilingError) -> String {
        guard let text = object[key] as? String, !text.isEmpty else { throw invalid(key, expected: "text") }
        return text
    }

    func number(_ key: String, _ range: ClosedRange<Double>) throws(ProfilingError) -> Double {
        guard let number = try optionalNumber(key, range) else {
            throw invalid(key, expected: Self.text(range))
        }
        return number
    }

    func optionalNumber(_ key: String, _ range: ClosedRange<Double>) throws(ProfilingError) -> Double? {
        guard let value = object[key] else { return nil }
        guard let number = Self.number(value), range.contains(number) else {
            throw invalid(key, expected: Self.text(range))
        }
        return number
    }

    /// The mean power that the program states with where it comes from; nil where it states none.
    func power() throws(ProfilingError) -> ReportedPower? {
        guard let watts = try optionalNumber("watts", 0...1e9) else { return nil }
        guard let provenance = (object["watts_provenance"] as? String).flatMap(PowerProvenance.init) else {
            throw invalid("watts_provenance", expected: "metered or estimated beside watts")
        }
        return ReportedPower(power: Watts(watts), provenance: provenance)
    }

    func serviceSamples() throws(ProfilingError) -> [ServiceSample] {
        let key = "service_samples_ms"
        guard object[key] != nil else { return [] }
        return try pairs(key).map { ServiceSample(items: Int($0), time: Nanoseconds(milliseconds: $1)) }
    }

    /// From the histogram, or from quantiles where there is none.
    func latencies(queries: Int) throws(ProfilingError) -> LatencyHistogram {
        let histogram = "latency_histogram_ms"
        if object[histogram] != nil {
            var bins: [LatencyHistogram.Bin] = []
            for (milliseconds, count) in try pairs(histogram) {
                let latency = Nanoseconds(milliseconds: milliseconds)
                if let last = bins.last, latency <= last.latency {
                    throw invalid(histogram, expected: "latencies that ascend by whole nanoseconds")
                }
                bins.append(LatencyHistogram.Bin(latency: latency, count: Int(count)))
            }
            return LatencyHistogram(bins: bins)
        }
        return try quantiles(queries: queries)
    }

    private func quantiles(queries: Int) throws(ProfilingError) -> LatencyHistogram {
        let key = "latency_quantiles_ms"
        let expected = "latency_histogram_ms, or quantiles up to 1 with latencies that do not fall"
        guard let given = object[key] as? [String: Any], !given.isEmpty else {
            throw invalid(key, expected: expected)
        }
        var points: [(order: Double, latency: Nanoseconds)] = []
        for (order, value) in given {
            guard let number = Double(order), (0...1).contains(number), number > 0,
                let milliseconds = Self.number(value), (0...1e12).contains(milliseconds)
            else {
                throw .answerInvalid(
                    source: source, key: "\(key).\(order)", found: "\(value)", expected: expected)
            }
            points.append((number, Nanoseconds(milliseconds: milliseconds)))
        }
        points.sort { $0.order < $1.order }
        guard points.last?.order == 1,
            zip(points, points.dropFirst()).allSatisfy({ $0.latency <= $1.latency })
        else { throw invalid(key, expected: expected) }
        var bins: [LatencyHistogram.Bin] = []
        var seen = 0
        for point in points {
            let upTo = Int((point.order * Double(queries)).rounded())
            defer { seen = max(seen, upTo) }
            guard upTo > seen else { continue }
            if let last = bins.last, last.latency == point.latency {
                bins[bins.count - 1] = LatencyHistogram.Bin(
                    latency: last.latency, count: last.count + upTo - seen)
            } else {
                bins.append(LatencyHistogram.Bin(latency: point.latency, count: upTo - seen))
            }
        }
        return LatencyHistogram(bins: bins)
    }

    /// A list of pairs of numbers, the second of which count something or are times: both positive, counts
    /// whole.
    private func pairs(_ key: String) throws(ProfilingError) -> [(Double, Double)] {
        let expected = "a list of pairs of positive numbers"
        guard let list = object[key] as? [Any] else { throw invalid(key, expected: expected) }
        var pairs: [(Double, Double)] = []
        for (index, item) in list.enumerated() {
            guard let pair = item as? [Any], pair.count == 2, let first = Self.number(pair[0]),
                let second = Self.number(pair[1]), (0...1e12).contains(first), second > 0, second <= 1e12,
                key.hasPrefix("service") ? first >= 1 : second >= 1
            else {
                throw .answerInvalid(
                    source: source, key: "\(key)[\(index)]", found: "\(item)", expected: expected)
            }
            pairs.append((first, second))
        }
        return pairs
    }

    private static func number(_ value: Any) -> Double? {
        guard let number = value as? Double, number.isFinite else { return nil }
        return number
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    private func invalid(_ key: String, expected: String) -> ProfilingError {
        .answerInvalid(
            source: source, key: key, found: object[key].map { "\($0)" } ?? "nothing", expected: expected)
    }
}
