import Files
import Foundation
import Quantities
import Vocabulary

/// Reads requests to language models: logs of served runs and traces without times of service.
///
/// - a log, one JSON object a line: `input_toks`, `output_toks`, and on one clock `queued_ts`,
///   `first_token_ts`, `last_token_ts` in seconds (LLMServingSim's bench); `arrival_time` there is another
///   clock and is not used.
/// - Mooncake, one JSON object a line: `timestamp` in ms, `input_length`, `output_length`, `hash_ids`.
/// - Azure's CSV: `TIMESTAMP`, `ContextTokens`, `GeneratedTokens`; Vidur's: `arrived_at`,
///   `num_prefill_tokens`, `num_decode_tokens`; BurstGPT's: `Timestamp` in seconds,
///   `Request tokens`, `Response tokens`.
public enum RequestLogReader {
    /// Tokens that each content name of a Mooncake trace stands for.
    private static let mooncakeBlock = 512
    private static let tokensMax = 100_000_000.0
    private static let requestsMax = 20_000_000

    /// - Parameter spreadSeconds: adds to each arrival a uniform share of so many seconds, for traces whose
    ///   clock ticks slowly; nil leaves arrivals alone.
    /// - Returns: requests in order of arrival, the first at 0.
    public static func requests(
        at path: String, spreadSeconds: Double? = nil
    ) throws(FileError) -> [ListedRequest] {
        var requests = path.hasSuffix(".csv") ? try table(path) : try objects(path)
        guard !requests.isEmpty else {
            throw .malformed(file: path, line: nil, found: "no request", expected: "at least one")
        }
        if let spreadSeconds {
            // Evenly over each tick, in the order of the file: no draw, so the same every time.
            var (place, tick) = (0, -Double.infinity)
            var sizes: [Double: Int] = [:]
            for request in requests { sizes[request.arrival, default: 0] += 1 }
            for index in requests.indices {
                let own = requests[index].arrival
                place = own == tick ? place + 1 : 0
                tick = own
                requests[index].arrival += spreadSeconds * Double(place) / Double(sizes[own] ?? 1)
            }
        }
        // A stable order, so that requests of one time stay as they were listed.
        let order = requests.indices.sorted {
            (requests[$0].arrival, $0) < (requests[$1].arrival, $1)
        }
        let start = requests[order[0]].arrival
        let span = requests[order[order.count - 1]].arrival - start
        guard span <= TokenWorkload.secondsMax else {
            throw .malformed(
                file: path, line: nil, found: "requests over \(Int(span)) s",
                expected: "at most \(Int(TokenWorkload.secondsMax)) s, which is 57 days")
        }
        return order.map { index in
            var request = requests[index]
            request.arrival -= start
            return request
        }
    }

    // MARK: JSON

    private static func objects(_ path: String) throws(FileError) -> [ListedRequest] {
        var requests: [ListedRequest] = []
        do {
            try JSONObjects.read(path) { object, line in
                guard requests.count < requestsMax else {
                    throw FileError.malformed(
                        file: path, line: line, found: "more than \(requestsMax) requests", expected: "fewer")
                }
                let row = LogRow(path: path, line: line, object: object)
                requests.append(
                    object["input_length"] != nil ? try mooncake(row) : try served(row))
            }
        } catch let error as FileError {
            throw error
        } catch {
            throw .unreadable(file: path, found: "\(error)", expected: "one JSON object a line")
        }
        return requests
    }

    private static func mooncake(_ row: LogRow) throws(FileError) -> ListedRequest {
        var names: [UInt64] = []
        if let hashes = row.object["hash_ids"] {
            guard let list = hashes as? [NSNumber] else {
                throw row.refusal("hash_ids", expected: "a list of whole numbers")
            }
            names = list.map { UInt64(bitPattern: $0.int64Value) }
        }
        return ListedRequest(
            arrival: try row.number("timestamp", from: 0, to: 1e15) / 1000,
            prompt: Int(try row.number("input_length", from: 1, to: tokensMax)),
            // An answer of no token is counted as one by engines: what the prompt alone yields.
            output: max(1, Int(try row.number("output_length", from: 0, to: tokensMax))), names: names,
            nameTokens: mooncakeBlock)
    }

    private static func served(_ row: LogRow) throws(FileError) -> ListedRequest {
        let queued = try row.number("queued_ts", from: 0, to: 1e12)
        let first = try row.number("first_token_ts", from: 0, to: 1e12)
        let last = try row.number("last_token_ts", from: 0, to: 1e12)
        guard first >= queued else {
            throw row.refusal(
                "first_token_ts", expected: "a time not before queued_ts, on the same clock")
        }
        guard last >= first else {
            throw row.refusal("last_token_ts", expected: "a time not before first_token_ts")
        }
        guard last - queued < 1e6 else {
            throw row.refusal("last_token_ts", expected: "a time on the clock of queued_ts")
        }
        return ListedRequest(
            arrival: queued, prompt: Int(try row.number("input_toks", from: 1, to: tokensMax)),
            output: Int(try row.number("output_toks", from: 1, to: tokensMax)), firstToken: first - queued,
            lastToken: last - queued)
    }

    // MARK: CSV

    /// The columns of published tables, told apart by the name of the time.
    private static let layouts = [
        (time: "TIMESTAMP", prompt: "ContextTokens", output: "GeneratedTokens", isCalendar: true),
        (time: "arrived_at", prompt: "num_prefill_tokens", output: "num_decode_tokens", isCalendar: false),
        (time: "Timestamp", prompt: "Request tokens", output: "Response tokens", isCalendar: false),
    ]

    private static func table(_ path: String) throws(FileError) -> [ListedRequest] {
        var table = try CSVReader.open(path: path)
        let layout = layouts.first { table.header.contains($0.time) } ?? layouts[0]
        let (time, prompt, output) = (
            try table.column(named: layout.time), try table.column(named: layout.prompt),
            try table.column(named: layout.output)
        )
        var requests: [ListedRequest] = []
        while try table.next() {
            guard requests.count < requestsMax else {
                throw .malformed(
                    file: path, line: table.line, found: "more than \(requestsMax) requests",
                    expected: "fewer")
            }
            requests.append(
                ListedRequest(
                    arrival: try arrival(table, time, isCalendar: layout.isCalendar),
                    prompt: try tokens(table, prompt, from: 1),
                    output: max(1, try tokens(table, output, from: 0))))
        }
        return requests
    }

    private static func arrival(
        _ table: borrowing CSVReader, _ column: Int, isCalendar: Bool
    ) throws(FileError) -> Double {
        guard isCalendar else {
            guard let seconds = DecimalNumber.value(of: table.field(column)), (0...1e12).contains(seconds)
            else {
                throw table.refusal(ofColumn: column, expected: "seconds from 0 to 1e12")
            }
            return seconds
        }
        guard let instant = CalendarTime.unixNanoseconds(of: table.text(column)) else {
            throw table.refusal(ofColumn: column, expected: "a date and a time")
        }
        return Double(instant) / 1e9
    }

    private static func tokens(
        _ table: borrowing CSVReader, _ column: Int, from lower: Double
    ) throws(FileError) -> Int {
        guard let number = DecimalNumber.value(of: table.field(column)), (lower...tokensMax).contains(number),
            number == number.rounded()
        else { throw table.refusal(ofColumn: column, expected: "a whole number of at least \(Int(lower))") }
        return Int(number)
    }
}

/// One object of a log with its errors.
private struct LogRow {
    let path: String
    let line: Int
    let object: [String: Any]

    func number(_ key: String, from lower: Double, to upper: Double) throws(FileError) -> Double {
        guard let value = object[key] else { throw .missingKey(place(key)) }
        guard let number = (value as? NSNumber)?.doubleValue, (lower...upper).contains(number) else {
            throw refusal(
                key, expected: "a number from \(NumberRange.text(lower)) to \(NumberRange.text(upper))")
        }
        return number
    }

    func refusal(_ key: String, expected: String) -> FileError {
        .invalidValue(place(key), found: object[key].map { "\($0)" } ?? "nothing", expected: expected)
    }

    private func place(_ key: String) -> Place { Place(file: path, line: line, key: key) }
}
