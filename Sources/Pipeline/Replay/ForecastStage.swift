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
        public var horizonIntervals = 1
        public var season = Nanoseconds(seconds: 86_400)
        public var longSeason: Nanoseconds?
        /// The share of intervals whose load may exceed the forecast with headroom.
        public var violationFraction = 0.01
        public var windowIntervals = 288
        public var adaptation = 0.0
        /// What is learnt from and not scored.
        public var warmUp: Nanoseconds?

        public init() {}
    }

    /// The scores of every forecaster on every load of a trace, side by side.
    public static func scores(
        of change: ScenarioChanges.TraceChange, days: Double?, _ question: Question, as rendering: Rendering
    ) throws -> String {
        var (trace, _) = try TraceReading.trace(change)
        if let days { trace = try ScenarioChanges.head(of: trace, days: days) }
        let names = question.forecasters.isEmpty ? Forecasters.names : question.forecasters
        var scores: [ForecastScore] = []
        for name in names {
            for model in trace.models {
                scores.append(try score(name, model, of: trace, question))
            }
        }
        let report = ForecastReport(trace: trace, scores: scores).report(
            seed: nil, versions: [Report.NamedText(name: "hercules", text: Recorder.toolVersion)], inputs: [])
        return rendering.render(report) { ForecastJSON(trace: trace, scores: scores).text }
    }

    private static func score(
        _ name: String, _ model: ModelID, of trace: Trace, _ question: Question
    ) throws -> ForecastScore {
        guard question.violationFraction > 0, question.violationFraction < 1 else {
            throw PipelineError.badOption(
                name: "--violations", found: "\(question.violationFraction)",
                expected: "a share between 0 and 1")
        }
        guard question.horizonIntervals >= 1, question.horizonIntervals <= trace.intervalCount else {
            throw PipelineError.badOption(
                name: "--horizon", found: "\(question.horizonIntervals)",
                expected: "a whole number from 1 to the \(trace.intervalCount) intervals of the trace")
        }
        guard question.windowIntervals >= 1, question.adaptation >= 0, question.adaptation < 1 else {
            throw PipelineError.badOption(
                name: "--window or --adaptation",
                found: "\(question.windowIntervals), \(question.adaptation)",
                expected: "at least 1 interval, and a share from 0 to below 1")
        }
        let quantile = Quantile(1 - question.violationFraction)
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
            adaptation: Fraction(question.adaptation), horizon: question.horizonIntervals,
            warmUp: Int((warmUp.seconds / trace.interval.seconds).rounded())
        ).score(forecaster, on: series, model: model)
    }
}

extension TraceReading {
    /// Reads a trace as its own columns name it.
    static func trace(_ change: ScenarioChanges.TraceChange) throws -> (Trace, String) {
        let (trace, summary) = try TraceImporter(options: change.options).read(path: change.path)
        return (trace, "\(summary)")
    }
}
