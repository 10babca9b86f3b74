import Controlling
import Quantities
import Testing

@testable import hercules_controller

@Suite struct OpenMetricsTests {
    @Test func `samples are read with labels, escapes and times`() throws {
        let text = """
            # TYPE requests counter
            requests_total{model="rm1",path="a\\"b\\\\c\\n"} 5.5 1795900000.5
            requests_total{model="ncf"} NaN
            up 1 # {trace="x"} 1
            # EOF
            """
        let lines = try OpenMetricsText.lines(Array(text.utf8), isOpenMetrics: true)
        #expect(lines.count == 3)
        #expect(lines[0].labels == ["model": "rm1", "path": "a\"b\\c\n"])
        #expect(lines[0].at == WallTime(unixMilliseconds: 1_795_900_000_500))
        #expect(lines[1].value.isNaN && lines[1].at == nil && lines[2].value == 1)
    }

    @Test(arguments: [
        "1a 5", "a{b=c} 5", "a{b=\"c} 5", "a{b=\"c\",b=\"d\"} 5", "a", "a x", "a 1 2 3", "a{b=\"\\q\"} 1",
        "{} 1",
    ])
    func `a line that is none is named`(line: String) {
        let error = #expect(throws: OpenMetricsError.self) {
            try OpenMetricsText.lines(Array("up 1\n\(line)\n".utf8), isOpenMetrics: true)
        }
        #expect(error?.line == 2)
    }

    @Test func `pushed counters are kept for a window, by sender, and never from the future`() async throws {
        let selector = try #require(PushedSelector("requests_total{model=\"rm1\"}"))
        let counters = PushedCounters(selectors: ["rm1": selector], windowSeconds: 60)
        let start = WallTime(unixMilliseconds: 1_795_900_000_000)
        for index in 0..<10 {
            let now = ControlTime(
                monotonic: Nanoseconds(seconds: Double(index) * 10),
                wall: start.adding(seconds: Double(index) * 10))
            let text = "requests_total{model=\"rm1\",pod=\"a\"} \(index * 100) 9999999999\nother 1\n"
            let kept = try counters.take(Array(text.utf8), isOpenMetrics: true, from: "w", at: now)
            #expect(kept == 1)
        }
        let now = ControlTime(monotonic: Nanoseconds(seconds: 90), wall: start.adding(seconds: 90))
        let readings = await counters.read(at: now)
        guard case .counters(let series)? = readings.first?.answer else { throw CancellationError() }
        #expect(series.count == 1 && series[0].name.hasPrefix("w:requests_total"))
        #expect(series[0].samples.map(\.value) == [400, 500, 600, 700, 800, 900])
        // The same sample again says nothing new.
        let again = Array("requests_total{model=\"rm1\",pod=\"a\"} 900\n".utf8)
        #expect(try counters.take(again, isOpenMetrics: true, from: "w", at: now) == 0)
    }

    @Test func `only equality selects what is pushed`() {
        #expect(PushedSelector("a{b=~\"c\"}") == nil)
        #expect(PushedSelector("rate(a[1m])") == nil)
        #expect(PushedSelector("a")?.labels == [:])
    }
}
