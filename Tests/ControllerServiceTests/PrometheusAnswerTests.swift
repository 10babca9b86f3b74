import Controlling
import Quantities
import Testing

@testable import hercules_controller

@Suite struct PrometheusAnswerTests {
    private func answer(
        _ body: String, status: Int = 200, type: String? = "application/json"
    ) throws(ExchangeFailure) -> PrometheusAnswer {
        try PrometheusAnswer(status: status, type: type, body: Array(body.utf8))
    }

    private func matrix(_ values: String) -> String {
        """
        {"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"requests_total",
        "pod":"a","model":"rm1"},"values":[\(values)]}]}}
        """
    }

    @Test func `raw samples keep their own times and values, numbers that are none too`() throws {
        let text = matrix(
            #"[1795900000.125,"5"],[1795900001,"NaN"],[1795900002,"+Inf"],[1795900003,"-1.5e3"]"#)
        let series = try answer(text).matrix()
        #expect(series.map(\.name) == [#"requests_total{model="rm1",pod="a"}"#])
        #expect(series[0].samples[0].at == WallTime(unixMilliseconds: 1_795_900_000_125))
        let values = series[0].samples.map(\.value)
        #expect(values[0] == 5 && values[1].isNaN && values[2] == .infinity && values[3] == -1500)
    }

    @Test func `an unknown name answers no series, which is not zero`() throws {
        let text = #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#
        #expect(try answer(text).matrix().isEmpty)
        let vector = #"{"status":"success","data":{"resultType":"vector","result":[]}}"#
        #expect(try answer(vector).value() == nil)
    }

    @Test func `one value is taken, two are refused`() throws {
        let one = #"{"metric":{},"value":[1795900000,"2"]}"#
        func vector(_ results: String) -> String {
            #"{"status":"success","data":{"resultType":"vector","result":[\#(results)]}}"#
        }
        #expect(try answer(vector(one)).value()?.value == 2)
        #expect(throws: ExchangeFailure.self) { try answer(vector("\(one),\(one)")).value() }
        #expect(throws: ExchangeFailure.self) { try answer(vector(one)).matrix() }
        #expect(throws: ExchangeFailure.self) { try answer(matrix("")).value() }
    }

    @Test(arguments: [
        (400, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#, "query"),
        (422, #"{"status":"error","errorType":"execution","error":"too many samples"}"#, "query"),
        (404, "not here", "query"), (401, "Unauthorized", "denied"), (403, "", "denied"),
        (429, "", "unavailable"), (500, "", "unavailable"), (503, "starting up", "unavailable"),
        (302, "", "redirect"), (301, "", "redirect"),
    ])
    func `a status is told by its kind`(status: Int, body: String, kind: String) {
        let failure = #expect(throws: ExchangeFailure.self) { try answer(body, status: status) }
        #expect(failure?.kind.rawValue == kind)
    }

    @Test(arguments: [
        ("<html>welcome</html>", "text/html", "shape"), ("<html></html>", "application/json", "shape"),
        (#"{"status":"success","data":{"resultType":"matrix","result":[{"met"#, "application/json", "cut"),
        (#"{"status":"success","data":{"resultType":"streams","result":[]}}"#, "application/json", "shape"),
        (#"{"status":"success"}"#, "application/json", "shape"), ("", "application/json", "shape"),
        (#"{"status":"error","error":"x"}"#, "application/json", "query"),
        (
            #"{"status":"success","data":{"resultType":"scalar","result":[1,"x"]}}"#, "application/json",
            "shape"
        ),
        (
            #"{"status":"success","warnings":["partial"],"data":{"resultType":"matrix","result":[]}}"#,
            "application/json", "warnings"
        ),
        (String(repeating: "[", count: 100_000), "application/json", "shape"),
        ("{\"a\":" + String(repeating: "[", count: 100_000), "application/json", "cut"),
    ])
    func `a bad body with 200 is no answer`(body: String, type: String, kind: String) {
        let failure = #expect(throws: ExchangeFailure.self) { try answer(body, type: type) }
        #expect(failure?.kind.rawValue == kind)
        #expect(failure.map { $0.detail.count <= 300 } == true)
    }

    @Test func `no kind of failure is a trusted load`() {
        let kinds = ExchangeFailure.Kind.allCases
        #expect(kinds.allSatisfy { ExchangeFailure($0, "").cause != .recovering })
        #expect(!ExchangeFailure(.query, "").mayPass && !ExchangeFailure(.denied, "").mayPass)
        #expect(!ExchangeFailure(.redirect, "").mayPass && ExchangeFailure(.unavailable, "").mayPass)
    }
}

@Suite struct LoadQueryTests {
    private func query(
        counter: String? = nil, expression: String? = nil, companion: String? = nil, anyway: Bool = false
    ) throws(LoadQueryError) -> LoadQuery {
        try LoadQuery(
            counter: counter, expression: expression, companion: companion, trustsAnyway: anyway, model: "m")
    }

    @Test func `a counter is asked for by its raw samples`() throws {
        let query = try query(counter: #"requests_total{model="rm1"}"#)
        #expect(query.queries(windowSeconds: 120) == [#"requests_total{model="rm1"}[120s]"#])
        #expect(query.queries(windowSeconds: 1.6) == [#"requests_total{model="rm1"}[1600ms]"#])
    }

    @Test(arguments: [
        "rate(requests_total[1m])", "requests_total[1m]", "1", "a + b", "", "{}", "a{b=\"c\"", "a}", "a{(}",
        "a{b=\"}\"", "a{b='c'}[5m]",
    ])
    func `what is no selector is no counter`(text: String) {
        #expect(throws: LoadQueryError.self) { try query(counter: text) }
    }

    @Test(arguments: [#"a{b="c{}[]()"}"#, "a", "a:b_c", #"{__name__="a"}"#, "a{}", #"a{b="\"x"}"#])
    func `selectors are known`(text: String) { #expect(LoadQuery.isSelector(text)) }

    @Test(arguments: [
        "sum(rate(a[1m])) or vector(0)", "sum(a) OR  vector ( 0 )", "absent(a)", "rate(a[1m])",
        "sum(rate(a[1m]))",
    ])
    func `an expression that may lie is refused, unless the operator says so`(text: String) throws {
        #expect(throws: LoadQueryError.self) { try query(expression: text) }
        #expect(throws: Never.self) { try query(expression: text, companion: "a", anyway: true) }
    }

    @Test func `a rate with its counter, and a rule by its name, are taken`() throws {
        #expect(
            try query(expression: "sum(rate(a[1m]))", companion: "a").queries(windowSeconds: 60).count == 3)
        let rule = try query(expression: "model:load:rate1m")
        #expect(rule.queries(windowSeconds: 60)[2] == "min(count_over_time(model:load:rate1m[60s]))")
        #expect(throws: LoadQueryError.self) { try query() }
        #expect(throws: LoadQueryError.self) { try query(counter: "a", expression: "b") }
    }
}
