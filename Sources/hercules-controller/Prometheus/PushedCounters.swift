import Controlling
import Quantities
import Synchronization
import Vocabulary

/// A series selector of exact labels, for counters that are pushed.
struct PushedSelector: Hashable, Sendable {
    let name: String
    let labels: [String: String]

    /// Reads `requests_total{model="rm1"}`; other matchers than equality are refused, as nothing evaluates
    /// them here.
    init?(_ text: String) {
        guard LoadQuery.isSelector(text),
            let line = try? OpenMetricsText.lines(Array("\(text) 0".utf8), isOpenMetrics: true).first
        else { return nil }
        name = line.name
        labels = line.labels
    }

    func matches(_ line: OpenMetricsText.Line) -> Bool {
        line.name == name && labels.allSatisfy { line.labels[$0.key] == $0.value }
    }
}

/// Counters that clients push, kept for one window: nothing of it survives the process.
///
/// Pushed data has no mark for the end of a series; age and completeness alone tell that it ended.
final class PushedCounters: LoadSource {
    static let seriesMax = 10_000
    static let samplesMax = 2_000

    private struct State {
        /// By model, then by series.
        var series: [ModelID: [String: [SampleSeries.Sample]]] = [:]
    }

    private let selectors: [ModelID: PushedSelector]
    private let windowSeconds: Double
    private let state = Mutex(State())

    init(selectors: [ModelID: PushedSelector], windowSeconds: Double) {
        self.selectors = selectors
        self.windowSeconds = windowSeconds
    }

    /// Whether these are the counters that it keeps.
    func reads(_ selectors: [ModelID: PushedSelector], windowSeconds: Double) -> Bool {
        self.selectors == selectors && self.windowSeconds == windowSeconds
    }

    /// Takes what was pushed; samples that no model is read from are passed over.
    ///
    /// - Parameters:
    ///   - isOpenMetrics: whether times are in seconds, not in milliseconds.
    ///   - sender: part of a series' name, so that two senders do not share a counter.
    /// - Returns: samples that were kept.
    func take(
        _ bytes: [UInt8], isOpenMetrics: Bool, from sender: String, at time: ControlTime
    ) throws(OpenMetricsError) -> Int {
        let lines = try OpenMetricsText.lines(bytes, isOpenMetrics: isOpenMetrics)
        var kept = 0
        state.withLock { state in
            for line in lines {
                for (model, selector) in selectors where selector.matches(line) {
                    // A time to come would make a dead sender look alive.
                    let at = min(line.at ?? time.wall, time.wall)
                    let name = Self.name(line, sender)
                    if Self.add(.init(at: at, value: line.value), to: name, of: model, &state) { kept += 1 }
                }
            }
            Self.trim(&state, before: time.wall.adding(seconds: -2 * windowSeconds))
        }
        return kept
    }

    private static func name(_ line: OpenMetricsText.Line, _ sender: String) -> String {
        let labels = line.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        return "\(sender):\(line.name){\(labels.joined(separator: ","))}"
    }

    private static func add(
        _ sample: SampleSeries.Sample, to name: String, of model: ModelID, _ state: inout State
    ) -> Bool {
        var series = state.series[model] ?? [:]
        guard series[name] != nil || series.count < seriesMax else { return false }
        var samples = series[name] ?? []
        // Samples arrive in order; one that is not later says nothing new.
        if let last = samples.last, sample.at <= last.at { return false }
        samples.append(sample)
        if samples.count > samplesMax { samples.removeFirst(samples.count - samplesMax) }
        series[name] = samples
        state.series[model] = series
        return true
    }

    private static func trim(_ state: inout State, before time: WallTime) {
        for (model, series) in state.series {
            state.series[model] = series.mapValues { $0.filter { $0.at >= time } }.filter {
                !$0.value.isEmpty
            }
        }
    }

    func read(at time: ControlTime) async -> [InputReading] {
        let start = time.wall.adding(seconds: -windowSeconds)
        return state.withLock { state in
            selectors.keys.sorted().map { model in
                let series = (state.series[model] ?? [:]).sorted { $0.key < $1.key }.compactMap {
                    name, samples in
                    let inside = samples.filter { $0.at > start && $0.at <= time.wall }
                    return inside.isEmpty ? nil : SampleSeries(name: name, samples: inside)
                }
                return InputReading(model: model, answer: .counters(series))
            }
        }
    }
}
