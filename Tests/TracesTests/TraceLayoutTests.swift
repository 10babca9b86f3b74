import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Traces in the shapes that people already have, from files made up after the formats' definitions.
@Suite struct TraceLayoutTests {
    private func read(
        _ text: String, _ layout: TraceLayout, interval: Double? = nil, name: String = "trace"
    ) throws -> (trace: Trace, summary: TraceImportSummary) {
        var options = TraceImportOptions(interval: interval.map { Nanoseconds(seconds: $0) })
        options.layout = layout
        let copy = try WorkingCopy()
        return try TraceImporter(options: options).read(path: copy.write(text, to: name))
    }

    private func loads(_ trace: Trace) throws -> [Double] {
        (trace.loads[try #require(trace.models.first)] ?? []).map(\.value)
    }

    @Test(arguments: [
        (
            TraceLayout.azureLLM,
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:00:00.5,1,2\n2023-11-16 18:00:01,1,2\n"
                + "2023-11-16 18:00:12,1,2\n"
        ),
        (.vidur, "arrived_at,num_prefill_tokens,num_decode_tokens\n0.5,1,2\n1,1,2\n12,1,2\n"),
        (
            .burstGPT,
            """
            Timestamp,Model,Request tokens,Response tokens,Total tokens,Log \
            Type\n0.5,m,1,2,3,x\n1,m,1,2,3,x\n
            """
                + "12,m,1,2,3,x\n"
        ),
        (
            .mooncake,
            #"{"timestamp": 500, "input_length": 1, "output_length": 2, "hash_ids": [0]}"# + "\n"
                + #"{"timestamp": 1000, "input_length": 1, "output_length": 2}"# + "\n"
                + #"{"timestamp": 12000, "input_length": 1, "output_length": 2}"# + "\n"
        ),
    ])
    func requestsAreCounted(layout: TraceLayout, text: String) throws {
        let (trace, summary) = try read(text, layout, interval: 10)
        // Two in the first ten seconds, and one in the next 7.25: the record ends as long after the last as
        // they are apart. The last 2.75 of the second ten go on at the mean of three in 17.25.
        let rates = try loads(trace)
        #expect(rates.count == 2 && rates[0] == 0.2)
        #expect(abs(rates[1] - (1 + 3 * 2.75 / 17.25) / 10) < 1e-12)
        #expect(abs((rates[0] + rates[1]) / 2 - 3 / 17.25) < 1e-12)
        #expect(summary.rowsRead == 3 && trace.interval == Nanoseconds(seconds: 10))
        #expect(summary.oddities.arrivalsSpan == Nanoseconds(seconds: 11.5))
    }

    @Test func serveGenRatesAreRates() throws {
        let (trace, _) = try read("window_start_s,total_rate_rps\n0,2.5\n600,3.5\n", .serveGen)
        #expect(try loads(trace) == [2.5, 3.5] && trace.interval == Nanoseconds(seconds: 600))
    }

    @Test func mooncakeRowsMayBeOutOfOrder() throws {
        let (trace, summary) = try read(
            #"{"timestamp": 10500}"# + "\n" + #"{"timestamp": 500}"# + "\n", .mooncake, interval: 10)
        #expect(summary.unsortedRows == 1)
        #expect(try loads(trace) == [0.1, 0.1])
    }

    @Test func prometheusSeriesBecomeColumns() throws {
        let (trace, summary) = try read(
            """
            {"status": "success", "data": {"resultType": "matrix", "result": [
              {"metric": {"__name__": "q", "job": "b"}, "values": [[1700000000, "2"], [1700000060, "4"]]},
              {"metric": {"job": "a"}, "values": [[1700000000, "1.5"], [1700000060, "0"]]}]}}
            """, .prometheus)
        #expect(trace.models == ["job=a", "job=b"] && trace.startUnixSeconds == 1_700_000_000)
        #expect(
            trace.loads["job=a"]?.map(\.value) == [1.5, 0] && trace.loads["job=b"]?.map(\.value) == [2, 4])
        #expect(
            trace.interval == Nanoseconds(seconds: 60) && summary.series.map(\.column) == ["job=a", "job=b"])
    }

    @Test func aValueThatIsNoNumberIsAGap() throws {
        let (trace, summary) = try read(
            """
            {"data": {"result": [{"metric": {}, "values":
              [[0, "2"], [60, "3"], [120, "4"], [180, "NaN"], [240, "6"]]}]}}
            """, .prometheus)
        #expect(summary.gapRowsFilled == 1)
        #expect(try loads(trace) == [2, 3, 4, 5, 6])
    }

    @Test(arguments: [
        (TraceLayout.mooncake, "", "found an empty file, expected a JSON object, or a list of them"),
        (
            .mooncake, "{\"timestamp\": -1}\n",
            ":1: timestamp: found '-1', expected milliseconds since the start"
        ),
        (.mooncake, "\u{0}", ":1: found text that is not a JSON object"),
        (.mooncake, "{\"input_length\": 1}\n", "timestamp: found nothing, expected milliseconds"),
        (.mooncake, "{\"timestamp\": 1}\nnonsense\n", ":2: found text that is not a JSON object"),
        (
            .prometheus, "{\"data\": {\"result\": []}}",
            "found no series under data.result, expected the answer of a Prometheus"
        ),
        (
            .prometheus, "{\"data\": {\"result\": [{\"values\": [[0, \"-5\"]]}]}}",
            "found the value '-5' of series 1, expected a load"
        ),
        (
            .prometheus, "{\"data\": {\"result\": [{\"values\": [[0, 5]]}]}}",
            "found a value of series 1 that is no pair"
        ),
        (
            .prometheus, "{\"status\":\"error\",\"error\":\"parse error\"}",
            "found an answer of status 'error': parse error, expected"
        ),
        (
            .prometheus, "{\"data\": {\"resultType\": \"vector\", \"result\": []}}",
            "found a result of type 'vector', expected"
        ),
        (.prometheus, "[1]", "found text that is no JSON object, expected"),
        (.mooncake, "{\"timestamp\": 0.5}\n", "timestamp: found '0.5', expected whole milliseconds"),
        (
            .burstGPT, "Timestamp,Model\n1,a\n2,b\n",
            "found 2 arrivals within 1 s, expected at least one interval"
        ),
        (.vidur, "time,x\n1,2\n", "found 'arrived_at', expected a column"),
    ])
    func whatIsWrongIsNamed(layout: TraceLayout, text: String, message: String) throws {
        #expect {
            try read(text, layout, interval: 10)
        } throws: { error in
            "\(error)".contains(message)
        }
    }
}
