import Catalog
import Forecasting
import Provisioning
import Quantities
import Reporting
import Traces
import Vocabulary

/// Back-tests forecasters on a trace, without any database.
public enum ForecastStage {
    /// What is asked of the forecasters.
    public struct Question: Sendable {
        /// Names; all but the oracle unless given.
        public var forecasters: [String] = []
        /// At least 1, at most those of the trace.
        public var horizonIntervals = 1
        public var season = Nanoseconds(seconds: 86_400)
        public var longSeason: Nanoseconds?
        /// The share of intervals whose load may exceed the forecast with headroom.
        public var violations = Fraction(0.01)
        /// At least 1.
        public var windowIntervals = 288
        /// From 0 to below 1.
        public var adaptation = Fraction(0)
        /// What is learnt from and not scored.
        public var warmUp: Nanoseconds?

        public init() {}
    }

    /// The scores of every forecaster on every load of a trace, side by side.
    /// - Parameter length: only this length of the trace, from its start.
    /// - Throws: `PipelineError.badValue` where the trace is shorter than the horizon.
    public static func scores(
        of change: ScenarioChanges.TraceChange, length: Nanoseconds?, _ question: Question,
        as rendering: Rendering
    ) throws -> String {
        var (trace, _) = try change.read()
        if let length { trace = trace.head(length) }
        let names = question.forecasters.isEmpty ? Forecasters.names : question.forecasters
        var scores: [ForecastScore] = []
        for name in names {
            for model in trace.models {
                scores.append(try score(name, model, of: trace, question))
            }
        }
        let report = ForecastReport(trace: trace, scores: scores).report(
            seed: nil, versions: [Report.NamedText.tool], inputs: [])
        return rendering.render(report) { ForecastJSON(trace: trace, scores: scores).text }
    }

    private static func score(
        _ name: String, _ model: ModelID, of trace: Trace, _ question: Question
    ) throws -> ForecastScore {
        guard question.horizonIntervals >= 1, question.horizonIntervals <= trace.intervalCount else {
            throw PipelineError.badValue(
                name: "horizon", found: "\(question.horizonIntervals)",
                expected: "a whole number from 1 to the \(trace.intervalCount) intervals of the trace")
        }
        let quantile = Quantile(1 - question.violations.value)
        let series = trace.loads[model, default: []]
        var settings = OnlineSettings()
        settings.season = question.season
        settings.longSeason = question.longSeason
        let forecaster = try Forecasters.named(
            name,
            configuration: ForecasterConfiguration(settings, interval: trace.interval, quantile: quantile),
            truth: series.map(\.value))
        let warmUp = question.warmUp ?? min(question.season * 2, Nanoseconds(trace.span.count / 4))
        return ForecastBacktest(
            rule: OverProvisionRule(
                initial: Fraction(0.1), quantile: quantile, window: question.windowIntervals),
            adaptation: question.adaptation, horizon: question.horizonIntervals,
            warmUp: Int((warmUp.seconds / trace.interval.seconds).rounded())
        ).score(forecaster, on: series, model: model)
    }
}
