import Files
import Foundation
import Vocabulary

/// Requests as benchmarks of servers write them, one by one. All count times from when the client sent.
enum BenchmarkLogs {
    /// What one object of a file holds.
    struct Found {
        var requests: [ListedRequest] = []
        var failed = 0
        var hasArrivals = true
    }

    /// Longer than any request that anybody waited for.
    private static let secondsMax = 1e6

    // MARK: vLLM and SGLang

    /// `vllm bench serve --save-detailed` and SGLang's `bench_serving --output-details`: lists with an
    /// element for each request. SGLang's have no `start_times`.
    static func detailed(_ row: LogRow) throws(FileError) -> Found {
        let prompts = try numbers(row, "input_lens", from: 0)
        let outputs = try numbers(row, "output_lens", from: 0, count: prompts.count)
        let first = try numbers(row, "ttfts", from: 0, count: prompts.count)
        let gaps = try gaps(row, count: prompts.count)
        var found = Found()
        found.hasArrivals = row.has("start_times")
        let starts =
            found.hasArrivals ? try numbers(row, "start_times", from: 0, count: prompts.count) : []
        let errors = (row.object["errors"] as? [Any])?.map { ($0 as? String) ?? "" } ?? []
        for index in prompts.indices {
            let element = "[\(index)]"
            // A request that failed has an error and no token.
            if index < errors.count, !errors[index].isEmpty {
                found.failed += 1
                continue
            }
            func tokens(_ number: Double, _ key: String) throws(FileError) -> Int {
                guard number >= 1, number == number.rounded(), number <= LogRow.tokensMax else {
                    throw .invalidValue(
                        row.place(key + element), found: NumberRange.text(number),
                        expected: "a whole number of at least 1, or an error of the request in `errors`")
                }
                return Int(number)
            }
            var request = ListedRequest(
                arrival: found.hasArrivals ? starts[index] : 0,
                prompt: try tokens(prompts[index], "input_lens"),
                output: try tokens(outputs[index], "output_lens"))
            let last = first[index] + gaps[index]
            guard last <= secondsMax else {
                throw .invalidValue(
                    row.place("itls" + element), found: "an answer of \(last) s", expected: "seconds")
            }
            // Without streaming no first token is seen, and there is no time to compare.
            if first[index] > 0 {
                request.firstToken = first[index]
                request.lastToken = last
            }
            found.requests.append(request)
        }
        return found
    }

    private static func numbers(
        _ row: LogRow, _ key: String, from lower: Double, count: Int? = nil
    ) throws(FileError) -> [Double] {
        guard row.has(key) else { throw .missingKey(row.place(key)) }
        guard let list = row.object[key] as? [Any] else { throw row.refusal(key, expected: "a list") }
        try check(list.count, row, key, count: count)
        var numbers: [Double] = []
        numbers.reserveCapacity(list.count)
        for (index, value) in list.enumerated() {
            guard let number = (value as? NSNumber)?.doubleValue, (lower...1e12).contains(number) else {
                throw .invalidValue(
                    row.place("\(key)[\(index)]"), found: "\(value)",
                    expected: "a number from \(NumberRange.text(lower)) to 1e12")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// The sum of the gaps of each answer.
    private static func gaps(_ row: LogRow, count: Int) throws(FileError) -> [Double] {
        guard row.has("itls") else { throw .missingKey(row.place("itls")) }
        guard let lists = row.object["itls"] as? [Any] else { throw row.refusal("itls", expected: "a list") }
        try check(lists.count, row, "itls", count: count)
        var sums: [Double] = []
        for (index, value) in lists.enumerated() {
            let gaps = (value as? [NSNumber])?.map(\.doubleValue)
            guard let gaps, gaps.allSatisfy({ (0...secondsMax).contains($0) }) else {
                throw .invalidValue(
                    row.place("itls[\(index)]"), found: "something else",
                    expected: "a list of seconds between tokens")
            }
            sums.append(gaps.reduce(0, +))
        }
        return sums
    }

    private static func check(_ found: Int, _ row: LogRow, _ key: String, count: Int?) throws(FileError) {
        guard let count, found != count else { return }
        throw .invalidValue(
            row.place(key), found: "\(found) elements",
            expected: "\(count), one a request, as input_lens has")
    }

    // MARK: guidellm

    /// A benchmark of guidellm's report: `requests.successful` with `prompt_tokens`, `output_tokens`,
    /// `request_start_time` (`start_time` before 0.3) and `time_to_first_token_ms`.
    static func guidellm(_ row: LogRow) throws(FileError) -> Found {
        let requests = try row.inner("requests")
        guard let list = requests.object["successful"] as? [Any] else {
            throw requests.refusal("successful", expected: "a list of requests")
        }
        var found = Found()
        for key in ["errored", "incomplete"] {
            found.failed += (requests.object[key] as? [Any])?.count ?? 0
        }
        // A sample of the requests is not the load that was served.
        let metrics = (row.object["metrics"] as? [String: Any])?["request_totals"]
        let totals = (metrics ?? row.object["total_count"]) as? [String: Any]
        if let total = (totals?["successful"] as? NSNumber)?.doubleValue, total > Double(list.count) {
            throw .invalidValue(
                requests.place("successful"), found: "\(list.count) of \(NumberRange.text(total)) requests",
                expected: "all of them: a report that was written without sampling")
        }
        for (index, value) in list.enumerated() {
            guard let object = value as? [String: Any] else {
                throw .invalidValue(
                    requests.place("successful[\(index)]"), found: "no object", expected: "a request")
            }
            let own = LogRow(
                path: row.path, line: row.line, object: object, prefix: "requests.successful[\(index)].")
            found.requests.append(try answered(own))
        }
        return found
    }

    private static func answered(_ row: LogRow) throws(FileError) -> ListedRequest {
        let key = row.has("request_start_time") ? "request_start_time" : "start_time"
        let start = try row.number(key, from: 0, to: 1e12)
        var request = ListedRequest(
            arrival: start, prompt: try row.tokens("prompt_tokens"), output: try row.tokens("output_tokens"))
        guard
            let first = try row.optionalNumber("time_to_first_token_ms", from: 0, to: secondsMax * 1000)
        else { return request }
        // The last token's time where it is written down, else the end of the request.
        let timings = (row.object["info"] as? [String: Any])?["timings"] as? [String: Any]
        let known = [timings?["last_token_iteration"], row.object["last_token_time"]]
        var end = known.compactMap { ($0 as? NSNumber)?.doubleValue }.first.map { $0 - start }
        if end == nil { end = try row.number("request_latency", from: 0, to: secondsMax) }
        request.firstToken = first / 1000
        request.lastToken = try ordered(end ?? 0, after: first / 1000, row, "time_to_first_token_ms")
        return request
    }

    // MARK: AIPerf

    /// A line of AIPerf's `profile_export.jsonl`; nil for a request of another phase than the measured one.
    static func aiperf(_ row: LogRow) throws(FileError) -> Found? {
        let metadata = try row.inner("metadata")
        if let phase = metadata.object["benchmark_phase"] as? String, phase != "profiling" { return nil }
        if row.has("error") || metadata.object["was_cancelled"] as? Bool == true { return Found(failed: 1) }
        let metrics = try row.inner("metrics")
        func value(_ key: String, _ units: [String: Double], from lower: Double) throws(FileError) -> Double {
            let metric = try metrics.inner(key)
            guard let unit = metric.object["unit"] as? String, let scale = units[unit] else {
                throw metric.refusal(
                    "unit", expected: "one of \(units.keys.sorted().joined(separator: ", "))")
            }
            return try metric.number("value", from: lower, to: 1e15) * scale
        }
        func tokens(_ key: String) throws(FileError) -> Int {
            let number = try value(key, ["tokens": 1], from: 1)
            guard number == number.rounded(), number <= LogRow.tokensMax else {
                throw metrics.refusal(key, expected: "a whole number of tokens")
            }
            return Int(number)
        }
        let start = try metadata.number("request_start_ns", from: 0, to: 9.2e18) / 1e9
        var request = ListedRequest(
            arrival: start, prompt: try tokens("input_sequence_length"),
            output: try tokens("output_sequence_length"))
        if metrics.has("time_to_first_token") {
            let first = try value("time_to_first_token", spans, from: 0)
            let end = try value("request_latency", spans, from: 0)
            request.firstToken = first
            request.lastToken = try ordered(end, after: first, metrics, "time_to_first_token")
        }
        return Found(requests: [request])
    }

    private static let spans = ["s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9]

    /// The time of a last token, which does not come before the first.
    private static func ordered(
        _ last: Double, after first: Double, _ row: LogRow, _ key: String
    ) throws(FileError) -> Double {
        // Both were rounded on their way into the file.
        guard last >= first - 1e-6, last <= secondsMax else {
            throw row.refusal(
                key, expected: "no more than the time to the last token, \(last) s, on the same clock")
        }
        return max(first, last)
    }
}
