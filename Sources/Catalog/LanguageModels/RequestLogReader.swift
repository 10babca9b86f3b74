import Files
import Foundation
import Quantities
import Vocabulary

/// Reads requests to language models: logs of served runs and traces without times of service.
///
/// - a log, one JSON object a line: `input_toks`, `output_toks`, and on one clock `queued_ts`,
///   `first_token_ts`, `last_token_ts` in seconds (LLMServingSim's bench); `arrival_time` there is another
///   clock and is not used. `sent_ts` in place of `queued_ts` counts from the client.
/// - what benchmarks of servers write, see `BenchmarkLogs`.
/// - Mooncake, one JSON object a line: `timestamp` in ms, `input_length`, `output_length`, `hash_ids`.
/// - Azure's CSV: `TIMESTAMP`, `ContextTokens`, `GeneratedTokens`; Vidur's: `arrived_at`,
///   `num_prefill_tokens`, `num_decode_tokens`; BurstGPT's: `Timestamp` in seconds,
///   `Request tokens`, `Response tokens`.
public enum RequestLogReader {
    /// Tokens that each content name of a Mooncake trace stands for.
    private static let mooncakeBlock = 512
    private static let requestsMax = 20_000_000

    /// - Parameter spreadSeconds: spreads requests of one time evenly over so many seconds, for traces
    ///   whose clock ticks slowly; nil leaves arrivals alone.
    /// - Returns: requests in order of arrival, the first at 0. A trace has to be in that order; a log may
    ///   be in the order in which requests ended.
    public static func log(at path: String, spreadSeconds: Double? = nil) throws(FileError) -> RequestLog {
        var log = path.hasSuffix(".csv") ? try table(path) : try objects(path)
        guard !log.requests.isEmpty else {
            let found = log.failed > 0 ? "no request that succeeded" : "no request"
            throw .malformed(file: path, line: nil, found: found, expected: "at least one")
        }
        if let spreadSeconds { spread(&log.requests, over: spreadSeconds) }
        // A stable order, so that requests of one time stay as they were listed.
        let order = log.requests.indices.sorted {
            (log.requests[$0].arrival, $0) < (log.requests[$1].arrival, $1)
        }
        let start = log.requests[order[0]].arrival
        let span = log.requests[order[order.count - 1]].arrival - start
        guard span <= TokenWorkload.secondsMax else {
            throw .malformed(
                file: path, line: nil, found: "requests over \(Int(span)) s",
                expected: "at most \(Int(TokenWorkload.secondsMax)) s, which is 57 days, on one clock")
        }
        log.requests = order.map { index in
            var request = log.requests[index]
            request.arrival -= start
            return request
        }
        return log
    }

    /// The requests of a file that says when they arrived.
    public static func requests(
        at path: String, spreadSeconds: Double? = nil
    ) throws(FileError) -> [ListedRequest] {
        let log = try log(at: path, spreadSeconds: spreadSeconds)
        guard log.hasArrivals else {
            throw .malformed(
                file: path, line: nil, found: "requests without times of arrival (\(log.writer))",
                expected: "start_times beside input_lens, or a rate or a concurrency to play them at")
        }
        return log.requests
    }

    /// Evenly over each tick, in the order of the file: no draw, so the same every time.
    private static func spread(_ requests: inout [ListedRequest], over seconds: Double) {
        var (place, tick) = (0, -Double.infinity)
        var sizes: [Double: Int] = [:]
        for request in requests { sizes[request.arrival, default: 0] += 1 }
        for index in requests.indices {
            let own = requests[index].arrival
            place = own == tick ? place + 1 : 0
            tick = own
            requests[index].arrival += seconds * Double(place) / Double(sizes[own] ?? 1)
        }
    }

    // MARK: JSON

    private static func objects(_ path: String) throws(FileError) -> RequestLog {
        var log = RequestLog(requests: [], writer: "")
        do {
            try JSONObjects.read(path, list: "benchmarks") { object, line in
                try take(LogRow(path: path, line: line, object: object), into: &log)
                guard log.requests.count <= requestsMax else {
                    throw FileError.malformed(
                        file: path, line: line, found: "more than \(requestsMax) requests", expected: "fewer")
                }
            }
        } catch let error as FileError {
            throw error
        } catch {
            throw .unreadable(file: path, found: "\(error)", expected: "one JSON object a line")
        }
        return log
    }

    /// Adds what an object holds; objects of one file are all of one kind.
    private static func take(_ row: LogRow, into log: inout RequestLog) throws(FileError) {
        let object = row.object
        var found = BenchmarkLogs.Found()
        let writer: String
        var anchor: ArrivalAnchor? = .client
        if object["input_length"] != nil {
            writer = "Mooncake"
            anchor = nil
            found.requests = [try mooncake(row)]
            try ascending(found.requests[0], after: log.requests.last, row.place("timestamp"))
        } else if object["input_lens"] != nil {
            writer = "a benchmark of vLLM or SGLang"
            guard log.writer.isEmpty else {
                throw .malformed(
                    file: row.path, line: row.line, found: "a second run", expected: "one run a file")
            }
            found = try BenchmarkLogs.detailed(row)
        } else if object["mean_ttft_ms"] != nil {
            throw .malformed(
                file: row.path, line: row.line, found: "means of a run and no requests",
                expected: "input_lens, output_lens, ttfts and itls: what vLLM writes when told to "
                    + "save-detailed, SGLang when told output-details")
        } else if object["requests"] is [String: Any] {
            writer = "guidellm"
            found = try BenchmarkLogs.guidellm(row)
        } else if object["metadata"] is [String: Any] {
            writer = "AIPerf"
            guard let request = try BenchmarkLogs.aiperf(row) else { return }
            found = request
        } else {
            let isSent = object["sent_ts"] != nil
            writer = isSent ? "a client" : "an engine"
            anchor = isSent ? .client : .engine
            found.requests = [try served(row, begin: isSent ? "sent_ts" : "queued_ts")]
        }
        guard log.writer.isEmpty || log.writer == writer else {
            throw .malformed(
                file: row.path, line: row.line, found: "a request of \(writer) after those of \(log.writer)",
                expected: "requests of one kind")
        }
        log.writer = writer
        log.anchor = anchor
        log.hasArrivals = found.hasArrivals
        log.failed += found.failed
        log.requests += found.requests
    }

    private static func ascending(
        _ request: ListedRequest, after last: ListedRequest?, _ place: Place
    ) throws(FileError) {
        guard let last, request.arrival < last.arrival else { return }
        throw .invalidValue(
            place, found: "\(request.arrival) s after \(last.arrival) s",
            expected: "a trace in order of arrival")
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
            prompt: try row.tokens("input_length"),
            // An answer of no token is counted as one by engines: what the prompt alone yields.
            output: max(1, try row.tokens("output_length", from: 0)), names: names,
            nameTokens: mooncakeBlock)
    }

    private static func served(_ row: LogRow, begin: String) throws(FileError) -> ListedRequest {
        let queued = try row.number(begin, from: 0, to: 1e12)
        let first = try row.number("first_token_ts", from: 0, to: 1e12)
        let last = try row.number("last_token_ts", from: 0, to: 1e12)
        guard first >= queued else {
            throw row.refusal(
                "first_token_ts", expected: "a time not before \(begin), on the same clock")
        }
        guard last >= first else {
            throw row.refusal("last_token_ts", expected: "a time not before first_token_ts")
        }
        guard last - queued < 1e6 else {
            throw row.refusal("last_token_ts", expected: "a time on the clock of \(begin)")
        }
        return ListedRequest(
            arrival: queued, prompt: try row.tokens("input_toks"), output: try row.tokens("output_toks"),
            firstToken: first - queued, lastToken: last - queued)
    }

    // MARK: CSV

    /// The columns of published tables, told apart by the name of the time.
    private static let layouts = [
        (
            writer: "Azure", time: "TIMESTAMP", prompt: "ContextTokens", output: "GeneratedTokens",
            isCalendar: true
        ),
        (
            writer: "Vidur", time: "arrived_at", prompt: "num_prefill_tokens", output: "num_decode_tokens",
            isCalendar: false
        ),
        (
            writer: "BurstGPT", time: "Timestamp", prompt: "Request tokens", output: "Response tokens",
            isCalendar: false
        ),
    ]

    private static func table(_ path: String) throws(FileError) -> RequestLog {
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
            let request = ListedRequest(
                arrival: try arrival(table, time, isCalendar: layout.isCalendar),
                prompt: try tokens(table, prompt, from: 1),
                output: max(1, try tokens(table, output, from: 0)))
            try ascending(
                request, after: requests.last, Place(file: path, line: table.line, key: layout.time))
            requests.append(request)
        }
        return RequestLog(requests: requests, writer: layout.writer)
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
        guard let number = DecimalNumber.value(of: table.field(column)),
            (lower...LogRow.tokensMax).contains(number), number == number.rounded()
        else { throw table.refusal(ofColumn: column, expected: "a whole number of at least \(Int(lower))") }
        return Int(number)
    }
}
