import Files
import Foundation
import Quantities
import Vocabulary

/// Rows of traces in JSON.
enum TraceDocuments {
    /// One request a line.
    static func mooncakeRows(_ path: String) throws(FileError) -> TraceRows {
        var rows = TraceRows(path: path, isCalendar: false, columns: 1)
        do {
            try JSONObjects.read(path) { object, line in
                guard let number = (object["timestamp"] as? NSNumber)?.doubleValue, number.isFinite,
                    number >= 0, number <= 1e12
                else {
                    throw FileError.invalidValue(
                        Place(file: path, line: line, key: "timestamp"),
                        found: object["timestamp"].map { "'\($0)'" } ?? "nothing",
                        expected: "milliseconds since the start, from 0 to 1e12")
                }
                rows.append(time: Int64((number * 1e6).rounded()), line: line, loads: [1])
            }
        } catch let error as FileError {
            throw error
        } catch {
            throw .unreadable(file: path, found: "\(error)", expected: "JSON lines")
        }
        return rows
    }

    /// Series that share their times. A value that is no number is a time without a row, as where nothing was
    /// scraped.
    static func prometheusRows(_ path: String) throws(FileError) -> (rows: TraceRows, series: [String]) {
        let expected = "the answer of a Prometheus range query: data.result with series of [time, \"value\"]"
        let bytes = try FileContents.bytes(of: path, expected: "a JSON file", max: 256 << 20)
        guard let whole = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any],
            let data = whole["data"] as? [String: Any], let results = data["result"] as? [[String: Any]],
            !results.isEmpty
        else { throw .malformed(file: path, line: nil, found: "something else", expected: expected) }
        var names: [String] = []
        var loads: [Int64: [Double?]] = [:]
        for (index, result) in results.enumerated() {
            let labels = (result["metric"] as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
                .filter { $0.key != "__name__" }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            names.append(labels.isEmpty ? "series-\(index + 1)" : labels)
            guard let values = result["values"] as? [[Any]] else {
                throw .malformed(
                    file: path, line: nil, found: "series \(index + 1) without values", expected: expected)
            }
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
                loads[Int64((time * 1e9).rounded()), default: Array(repeating: nil, count: results.count)][
                    index] = load
            }
        }
        guard Set(names).count == names.count else {
            throw .malformed(
                file: path, line: nil, found: "two series with the same labels",
                expected: "labels that tell them apart")
        }
        var rows = TraceRows(path: path, isCalendar: true, columns: names.count)
        for (number, (time, values)) in loads.sorted(by: { $0.key < $1.key }).enumerated() {
            let known = values.compactMap { $0 }
            guard known.count == names.count else {
                throw .unusableTrace(
                    file: path, line: nil,
                    found:
                        """
                        \(known.count) of \(names.count) series at \
                        \(CalendarTime.text(unixNanoseconds: time))
                        """,
                    expected: "every series at every time; query them one by one")
            }
            rows.append(time: time, line: number + 1, loads: known)
        }
        guard rows.count > 0 else {
            throw .malformed(file: path, line: nil, found: "series without a number", expected: expected)
        }
        return (rows, names)
    }
}
