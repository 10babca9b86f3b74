import Files
import Foundation
import Vocabulary

/// Reads a folder of ServeGen's clients: of each `chunk-N-trace.csv`, a row a stretch of time with its
/// beginning in seconds, rate, coefficient of variation, form of gaps and its two parameters, and
/// `chunk-N-dataset.json` with the shares of lengths from certain times on.
struct ServeGenReader {
    private static let clientsMax = 10_000
    private static let windowsMax = 1_000_000
    /// The length of a client's only stretch; the published ones have this.
    private static let windowSeconds = 600.0

    let folder: String
    /// Seconds of the recording that are played.
    let span: Range<Double>

    private struct Stretch {
        let start: Double
        let rate: Double
        let gaps: TokenClient.Gaps
    }

    /// - Returns: clients that send something, by number, with times from the beginning of the span.
    func clients() throws(FileError) -> [TokenClient] {
        let suffix = "-trace.csv"
        let names = try FileContents.names(in: folder, suffix: suffix).filter { $0.hasPrefix("chunk-") }
        guard !names.isEmpty else {
            throw .unreadable(
                file: folder, found: "no chunk-N-trace.csv",
                expected: "the folder of one of ServeGen's models")
        }
        guard names.count <= Self.clientsMax else {
            throw .unreadable(
                file: folder, found: "\(names.count) clients", expected: "at most \(Self.clientsMax)")
        }
        // Numbers in their order, not that of their digits.
        let ordered = names.sorted { ($0.count, $0) < ($1.count, $1) }
        var clients: [TokenClient] = []
        for name in ordered {
            let windows = try windows(name)
            if !windows.isEmpty { clients.append(TokenClient(name: name, windows: windows)) }
        }
        guard !clients.isEmpty else {
            throw .malformed(
                file: folder, line: nil,
                found: "no request from \(NumberRange.text(span.lowerBound)) to "
                    + "\(NumberRange.text(span.upperBound)) s", expected: "a client that sends some")
        }
        return clients
    }

    private func windows(_ name: String) throws(FileError) -> [TokenClient.Window] {
        let stretches = try stretches("\(folder)/\(name)-trace.csv")
        let ends = stretches.dropFirst().map(\.start)
        let last = stretches.last.map { $0.start + Self.windowSeconds } ?? 0
        let inside = zip(stretches, ends + [last]).filter { stretch, end in
            stretch.rate > 0 && end > span.lowerBound && stretch.start < span.upperBound
        }
        guard !inside.isEmpty else { return [] }
        let lengths = try lengths("\(folder)/\(name)-dataset.json")
        var read: [Double: (TokenHistogram, TokenHistogram)] = [:]
        var windows: [TokenClient.Window] = []
        for (stretch, end) in inside {
            // What held at its beginning; before the first that is known, that one.
            guard let entry = lengths.last(where: { $0.start <= stretch.start }) ?? lengths.first else {
                throw .malformed(
                    file: "\(folder)/\(name)-dataset.json", line: nil, found: "no lengths",
                    expected: "input_tokens and output_tokens of a client that sends requests")
            }
            let known = read[entry.start]
            let prompt = if let known { known.0 } else { try entry.prompt() }
            let output = if let known { known.1 } else { try entry.output() }
            read[entry.start] = (prompt, output)
            windows.append(
                TokenClient.Window(
                    start: max(stretch.start, span.lowerBound) - span.lowerBound,
                    end: min(end, span.upperBound) - span.lowerBound, ratePerSecond: stretch.rate,
                    gaps: stretch.gaps, prompt: prompt, output: output))
        }
        return windows
    }

    // MARK: Rates

    private func stretches(_ path: String) throws(FileError) -> [Stretch] {
        let names = ["start", "rate", "cv", "pattern", "shape", "scale"]
        var table = try CSVReader.openAnyDialect(path: path, names: names)
        let columns = try names.map { name throws(FileError) in try table.column(named: name) }
        var stretches: [Stretch] = []
        while try table.next() {
            guard stretches.count < Self.windowsMax else {
                throw .malformed(
                    file: path, line: table.line, found: "more than \(Self.windowsMax) rows",
                    expected: "fewer")
            }
            let start = try number(table, columns[0], 0...1e9, "seconds from 0 to 1e9")
            if let last = stretches.last, start <= last.start {
                throw table.refusal(ofColumn: columns[0], expected: "seconds after \(last.start)")
            }
            let pattern = table.text(columns[3])
            // A client that was silent has no form of gaps.
            if pattern.isEmpty {
                stretches.append(Stretch(start: start, rate: 0, gaps: .gamma(shape: 1)))
                continue
            }
            let rate = try number(table, columns[1], 0...1e6, "requests a second from 0 to 1e6")
            let shape = try number(table, columns[4], 0.001...1e6, "a number from 0.001 to 1e6")
            let gaps: TokenClient.Gaps
            switch pattern {
            case "Gamma": gaps = .gamma(shape: shape)
            case "Weibull": gaps = .weibull(shape: max(shape, 0.05))
            default: throw table.refusal(ofColumn: columns[3], expected: "Gamma, Weibull, or nothing")
            }
            stretches.append(Stretch(start: start, rate: rate, gaps: gaps))
        }
        return stretches
    }

    private func number(
        _ table: borrowing CSVReader, _ column: Int, _ range: ClosedRange<Double>, _ expected: String
    ) throws(FileError) -> Double {
        guard let number = DecimalNumber.value(of: table.field(column)), range.contains(number) else {
            throw table.refusal(ofColumn: column, expected: expected)
        }
        return number
    }

    // MARK: Lengths

    /// Lengths from a time on, not yet taken apart: a client has hundreds, of which a few are played.
    private struct Lengths {
        let start: Double
        let row: LogRow

        func prompt() throws(FileError) -> TokenHistogram { try histogram("input_tokens") }
        func output() throws(FileError) -> TokenHistogram { try histogram("output_tokens") }

        /// A dictionary as Python prints it: `{100: 0.5, 200: 0.5}`.
        private func histogram(_ key: String) throws(FileError) -> TokenHistogram {
            guard let text = row.object[key] as? String else { throw row.refusal(key, expected: "a text") }
            let inner = text.drop { $0 == " " || $0 == "{" }
            guard let end = inner.firstIndex(of: "}"), text.hasPrefix("{") else {
                throw row.refusal(key, expected: "shares by length, such as {100: 0.5, 200: 0.5}")
            }
            var weights: [Int: Double] = [:]
            for pair in inner[..<end].split(separator: ",") {
                let sides = pair.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
                if sides.joined().isEmpty { continue }
                guard sides.count == 2, let length = DecimalNumber.value(of: Array(sides[0].utf8)),
                    length == length.rounded(), (0...LogRow.tokensMax).contains(length),
                    let share = DecimalNumber.value(of: Array(sides[1].utf8)), (0...1e15).contains(share)
                else {
                    throw .invalidValue(
                        row.place(key), found: String(pair.prefix(60)), expected: "a length and its share")
                }
                // Engines count an answer of no token as one.
                weights[max(1, Int(length)), default: 0] += share
            }
            guard weights.values.contains(where: { $0 > 0 }) else {
                throw .invalidValue(row.place(key), found: "no length", expected: "one with a share above 0")
            }
            return TokenHistogram(weights: weights)
        }
    }

    private func lengths(_ path: String) throws(FileError) -> [Lengths] {
        var found: [Lengths] = []
        do {
            try JSONObjects.read(path) { object, line in
                for (time, value) in object {
                    let row = LogRow(path: path, line: line, object: object)
                    guard let start = DecimalNumber.value(of: Array(time.utf8)) else {
                        throw FileError.invalidValue(
                            row.place(time), found: "this key", expected: "seconds of the recording")
                    }
                    guard let lengths = value as? [String: Any] else {
                        throw row.refusal(time, expected: "input_tokens and output_tokens")
                    }
                    // A stretch without requests has no lengths.
                    let texts = ["input_tokens", "output_tokens"].map { lengths[$0] as? String }
                    if texts.contains("{}") { continue }
                    found.append(
                        Lengths(
                            start: start,
                            row: LogRow(path: path, line: line, object: lengths, prefix: "\(time).")))
                }
            }
        } catch let error as FileError {
            throw error
        } catch {
            throw .unreadable(file: path, found: "\(error)", expected: "a JSON object")
        }
        return found.sorted { $0.start < $1.start }
    }
}
