import Quantities
import Reporting
import Testing
import Vocabulary

@Suite struct RequestLevelPlotTests {
    private func result(_ policy: String, _ model: ModelID, _ loads: [(load: Double, failed: Int)])
        -> RequestLevelResult
    {
        let second = Nanoseconds(seconds: 1)
        return RequestLevelResult(
            policy: policy, model: model,
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
            segments: loads.enumerated().map { index, one in
                .init(
                    start: second * index, duration: second, load: QueriesPerSecond(one.load),
                    capacity: QueriesPerSecond(100),
                    queries: .init(arrived: Int(one.load), late: one.failed))
            }, tailLatency: nil, retried: 0)
    }

    private func outcome(_ results: [RequestLevelResult]) -> RequestLevelOutcome {
        RequestLevelOutcome(
            trace: "t", start: .zero, duration: Nanoseconds(seconds: 2), dispatch: "power-of-two", seed: 1,
            results: results)
    }

    @Test func everyModelHasAFigureAndTheWorstComesFirst() throws {
        let plot = try #require(
            RequestLevelPlot(
                outcome: outcome([
                    result("hercules", "a", [(50, 1)]), result("hercules", "b", [(50, 0), (400, 300)]),
                    result("greedy", "b", [(80, 8)]),
                ]), colours: ["hercules": "#123456"]
            ).plot)
        #expect(plot.figures.map(\.options) == [["a"], ["b"]])
        #expect(plot.figures.map(\.isPreferred) == [false, true])
        let text = "\(plot.figures[1])"
        // Load over capacity, far beyond it cut off, and the share of queries late or lost in percent.
        #expect(plot.figures[1].traces.count == 2)
        guard case .object(let trace) = plot.figures[1].traces[0] else {
            Issue.record("no trace: \(text)")
            return
        }
        #expect(trace["x"] == .numbers([0.5, 2]) && trace["y"] == .numbers([0, 75]))
        #expect(text.contains("#123456"))
        guard case .array(let lines)? = plot.figures[1].layout["shapes"], lines.count == 2,
            case .object(let level) = lines[1], case .number(let height)? = level["y0"]
        else {
            Issue.record("no lines: \(text)")
            return
        }
        // What the target's quantile forgives.
        #expect(abs(height - 5) < 1e-9)
    }

    @Test func aWindowWithoutQueriesHasNoPlot() {
        #expect(
            RequestLevelPlot(outcome: outcome([result("static", "a", [(0, 0)])]), colours: [:]).plot == nil)
    }
}
