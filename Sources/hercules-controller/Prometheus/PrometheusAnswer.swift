import Controlling
import Foundation

/// An answer of the query interface, once it was found to be one.
struct PrometheusAnswer: Sendable {
    /// What was answered.
    enum Result: Sendable {
        /// One value for each series at the moment asked for.
        case vector([(name: String, sample: SampleSeries.Sample)])
        /// Samples of each series.
        case matrix([SampleSeries])
        case scalar(SampleSeries.Sample)
    }

    /// Bounds on what is read.
    enum Limit {
        static let bytes = 4 << 20
        static let series = 10_000
        static let samples = 200_000
    }

    let result: Result

    /// Reads an answer: HTTP status, JSON, its status, its type, and that nothing is missing. O(bytes).
    /// - Throws: the first rule that it breaks.
    init(status: Int, type: String?, body: [UInt8]) throws(ExchangeFailure) {
        let isJSON = type?.lowercased().hasPrefix("application/json") ?? false
        let envelope = isJSON ? try? JSONDecoder().decode(Envelope.self, from: Data(body)) : nil
        guard (200...299).contains(status) else { throw Self.failure(status, envelope, body) }
        guard isJSON else {
            throw ExchangeFailure(.shape, "found \(type?.prefix(60) ?? "no type"), expected application/json")
        }
        guard let envelope else { throw Self.unreadable(body) }
        guard envelope.status == "success" else {
            throw ExchangeFailure(
                .query,
                "status \(envelope.status), \(envelope.errorType ?? "no type"): \(envelope.error ?? "")")
        }
        if let warning = envelope.warnings?.first { throw ExchangeFailure(.warnings, warning) }
        guard let result = envelope.data?.result else {
            throw ExchangeFailure(.shape, "found no data, expected a result")
        }
        self.result = result
    }

    /// What a body is that cannot be read: one that ends too early, or one that never was JSON.
    private static func unreadable(_ body: [UInt8]) -> ExchangeFailure {
        let text = body.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard text.first == UInt8(ascii: "{") else { return ExchangeFailure(.shape, "found no JSON object") }
        var (depth, isText, isEscaped) = (0, false, false)
        for byte in text {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
        }
        return depth > 0 || isText
            ? ExchangeFailure(.cut, "the answer ends after \(body.count) bytes, in the middle")
            : ExchangeFailure(.shape, "found JSON of another shape, expected status and data")
    }

    private static func failure(_ status: Int, _ envelope: Envelope?, _ body: [UInt8]) -> ExchangeFailure {
        let words = envelope?.error ?? String(decoding: body.prefix(120), as: UTF8.self)
        let detail = "HTTP \(status): \(words.replacing("\n", with: " "))"
        return switch status {
        case 300...399: ExchangeFailure(.redirect, "HTTP \(status): redirects are not followed")
        case 401, 403, 407: ExchangeFailure(.denied, detail)
        case 408, 425, 429, 500...: ExchangeFailure(.unavailable, detail)
        default: ExchangeFailure(.query, detail)
        }
    }

    /// The answer to a range selector.
    func matrix() throws(ExchangeFailure) -> [SampleSeries] {
        guard case .matrix(let series) = result else {
            throw ExchangeFailure(.shape, "found another resultType, expected matrix")
        }
        return series
    }

    /// The one value of a query; nil where it has none.
    /// - Throws: where there is more than one, or samples of a range.
    func value() throws(ExchangeFailure) -> SampleSeries.Sample? {
        switch result {
        case .scalar(let sample): return sample
        case .vector(let samples) where samples.count <= 1: return samples.first?.sample
        case .vector(let samples):
            throw ExchangeFailure(.shape, "found \(samples.count) series, expected one")
        case .matrix: throw ExchangeFailure(.shape, "found resultType matrix, expected vector")
        }
    }
}

extension PrometheusAnswer {
    /// The JSON around every answer.
    private struct Envelope: Decodable {
        let status: String
        let errorType: String?
        let error: String?
        let warnings: [String]?
        let data: Payload?
    }

    private struct Payload: Decodable {
        let result: Result?

        private enum CodingKeys: String, CodingKey { case resultType, result }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            switch try container.decode(String.self, forKey: .resultType) {
            case "matrix":
                let series = try container.decode([Series].self, forKey: .result)
                guard series.count <= Limit.series,
                    series.reduce(0, { $0 + ($1.values?.count ?? 0) }) <= Limit.samples
                else { throw Self.corrupted(container, "too many samples") }
                result = .matrix(
                    series.map {
                        SampleSeries(name: $0.name, samples: ($0.values ?? []).map(\.sample))
                    })
            case "vector":
                let series = try container.decode([Series].self, forKey: .result)
                guard series.count <= Limit.series else { throw Self.corrupted(container, "too many series") }
                result = .vector(
                    try series.map {
                        guard let value = $0.value else { throw Self.corrupted(container, "no value") }
                        return ($0.name, value.sample)
                    })
            case "scalar": result = .scalar(try container.decode(Point.self, forKey: .result).sample)
            default: result = nil
            }
        }

        private static func corrupted(
            _ container: KeyedDecodingContainer<CodingKeys>, _ words: String
        ) -> DecodingError {
            .dataCorruptedError(forKey: .result, in: container, debugDescription: words)
        }
    }

    private struct Series: Decodable {
        let metric: [String: String]
        let values: [Point]?
        let value: Point?

        /// Labels in order, as a series is written.
        var name: String {
            let labels = metric.filter { $0.key != "__name__" }.sorted { $0.key < $1.key }
            let pairs = labels.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")
            return "\(metric["__name__"] ?? ""){\(pairs)}"
        }
    }

    /// A time in seconds and a value as text.
    private struct Point: Decodable {
        let sample: SampleSeries.Sample

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            let seconds = try container.decode(Double.self)
            let text = try container.decode(String.self)
            guard let at = WallTime(unixSeconds: seconds), let value = Self.number(text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "found \(text.prefix(40)), expected a sample")
            }
            sample = SampleSeries.Sample(at: at, value: value)
        }

        private static func number(_ text: String) -> Double? {
            switch text {
            case "NaN": .nan
            case "+Inf", "Inf": .infinity
            case "-Inf": -.infinity
            default: text.utf8.count <= 40 ? Double(text) : nil
            }
        }
    }
}
