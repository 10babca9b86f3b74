import Files
import Foundation
import Quantities
import Vocabulary

/// Rows of traces in JSON.
enum TraceDocuments {
    /// One request a line.
    /// - Parameter format: of the timestamps; automatic for the milliseconds of the published traces, which
    ///   are whole numbers. A fraction there is more likely a number of seconds, and refused.
    static func mooncakeRows(
        _ path: String, _ format: TraceImportOptions.TimeFormat
    ) throws(FileError) -> TraceRows {
        let isCalendar = [.unixSeconds, .unixMilliseconds].contains(format)
        let isSeconds = [.unixSeconds, .relativeSeconds].contains(format)
        var rows = TraceRows(path: path, isCalendar: isCalendar, columns: 1)
        guard ![.iso8601, .dayFirst, .monthFirst].contains(format) else {
            throw .invalidValue(
                Place(file: path, line: nil, key: "timestamp"), found: "the time format \(format.rawValue)",
                expected: "one of numbers: relative_seconds, relative_milliseconds, unix_seconds, "
                    + "unix_milliseconds")
        }
        do {
            try JSONObjects.read(path) { object, line in
                func refusal(_ expected: String) -> FileError {
                    .invalidValue(
                        Place(file: path, line: line, key: "timestamp"),
                        found: object["timestamp"].map { "'\(JSONPath.scalarText($0) ?? "\($0)")'" }
                            ?? "nothing",
                        expected: expected)
                }
                guard let number = (object["timestamp"] as? NSNumber)?.doubleValue, number.isFinite,
                    number >= 0, number <= (isSeconds ? 9e9 : 9e12)
                else {
                    throw refusal(
                        isSeconds
                            ? "seconds since the start, from 0 to 9e9"
                            : "milliseconds since the start, from 0 to 9e12")
                }
                guard format != .automatic || number == number.rounded() else {
                    throw refusal(
                        "whole milliseconds since the start; say the time format relative_seconds or "
                            + "relative_milliseconds for others")
                }
                rows.append(time: Int64((number * (isSeconds ? 1e9 : 1e6)).rounded()), line: line, loads: [1])
                if let input = (object["input_length"] as? NSNumber)?.doubleValue,
                    let output = (object["output_length"] as? NSNumber)?.doubleValue,
                    (0...1e9).contains(input), (0...1e9).contains(output)
                {
                    rows.count(tokensIn: input, out: output, of: 0)
                }
            }
        } catch let error as FileError {
            throw error
        } catch {
            throw .unreadable(file: path, found: "\(error)", expected: "JSON lines")
        }
        return rows
    }

    private static let expected =
        "the answer of a Prometheus range query: data.result with series of [time, \"value\"]"

    /// Series that share their times. A value that is no number is a time without a row, as where nothing was
    /// scraped. Before its first number and after its last a series is not there, and has no load.
    static func prometheusRows(_ path: String) throws(FileError) -> (rows: TraceRows, series: [String]) {
        let results = try series(of: path)
        var names: [String] = []
        var loads: [Int64: [Double]] = [:]
        var lives: [(first: Int64, last: Int64)?] = []
        for (index, result) in results.enumerated() {
            names.append(name(of: result, index))
            let values = try values(of: result, index, path)
            lives.append(
                values.map(\.time).min().flatMap { first in
                    values.map(\.time).max().map { (first, $0) }
                })
            for (time, load) in values {
                loads[time, default: Array(repeating: .nan, count: results.count)][index] = load
            }
        }
        guard Set(names).count == names.count else {
            throw .malformed(
                file: path, line: nil, found: "two series with the same labels",
                expected: "labels that tell them apart")
        }
        var rows = TraceRows(path: path, isCalendar: true, columns: names.count)
        for (number, (time, values)) in loads.sorted(by: { $0.key < $1.key }).enumerated() {
            let known = values.enumerated().map { index, value in
                guard value.isNaN else { return value }
                guard let life = lives[index], life.first <= time, time <= life.last else { return 0 }
                return value
            }
            rows.append(time: time, line: number + 1, loads: known)
        }
        guard rows.count > 0 else {
            throw .malformed(file: path, line: nil, found: "series without a number", expected: expected)
        }
        return (rows, names)
    }

    private static func series(of path: String) throws(FileError) -> [[String: Any]] {
        func refusal(_ found: String) -> FileError {
            .malformed(file: path, line: nil, found: found, expected: expected)
        }
        let bytes = try FileContents.bytes(of: path, expected: "a JSON file", max: 256 << 20)
        guard let whole = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
            throw refusal("text that is no JSON object")
        }
        if let status = whole["status"] as? String, status != "success" {
            let reason = (whole["error"] as? String).map { ": \($0.prefix(120))" } ?? ""
            throw refusal("an answer of status '\(status.prefix(40))'\(reason)")
        }
        guard let data = whole["data"] as? [String: Any] else {
            throw refusal(
                "an object without 'data' (\(whole.keys.sorted().joined(separator: ", ").prefix(80)))")
        }
        if let type = data["resultType"] as? String, type != "matrix" {
            throw refusal("a result of type '\(type.prefix(40))'")
        }
        guard let results = data["result"] as? [[String: Any]] else {
            throw refusal("data without a list of series under 'result'")
        }
        guard !results.isEmpty else { throw refusal("no series under data.result") }
        return results
    }

    private static func name(of result: [String: Any], _ index: Int) -> String {
        let labels = (result["metric"] as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
            .filter { $0.key != "__name__" }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return labels.isEmpty ? "series-\(index + 1)" : labels
    }

    /// The numbers of a series with their times.
    private static func values(
        of result: [String: Any], _ index: Int, _ path: String
    ) throws(FileError) -> [(time: Int64, load: Double)] {
        guard let values = result["values"] as? [[Any]] else {
            throw .malformed(
                file: path, line: nil, found: "series \(index + 1) without values", expected: expected)
        }
        var known: [(time: Int64, load: Double)] = []
        for value in values {
            guard value.count == 2, let time = (value[0] as? NSNumber)?.doubleValue, abs(time) <= 9e9,
                let text = value[1] as? String
            else {
                throw .malformed(
                    file: path, line: nil, found: "a value of series \(index + 1) that is no pair",
                    expected: expected)
            }
            if ["NaN", "+Inf", "-Inf"].contains(text) { continue }
            guard let load = DecimalNumber.value(of: text), load >= 0, load <= 1e18 else {
                throw .malformed(
                    file: path, line: nil, found: "the value '\(text.prefix(40))' of series \(index + 1)",
                    expected: "a load: a number from 0 to 1e18")
            }
            known.append((Int64((time * 1e9).rounded()), load))
        }
        return known
    }
}
