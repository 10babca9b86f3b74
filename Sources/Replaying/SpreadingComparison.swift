import Quantities
import Vocabulary

extension Replay {
    /// What a policy would draw in the mean if its load were spread by another rule over the servers that it
    /// had; nil where the timeline does not say which servers served when. O(intervals x pairs).
    public func meanDrawnPower(of timeline: Timeline, spreading rule: LoadSpreading) -> Watts? {
        if rule == figures.spreading { return timeline.meanDrawnPower }
        let steps = timeline.servingSteps
        guard !steps.isEmpty, timeline.records.count == trace.intervalCount else { return nil }
        let types = Dictionary(uniqueKeysWithValues: figures.types.enumerated().map { ($1, $0) })
        let models = Dictionary(uniqueKeysWithValues: figures.models.enumerated().map { ($1, $0) })
        let places = steps.pairs.map { pair in
            models[pair.model].flatMap { model in types[pair.serverType].map { figures.pair(model, $0) } }
        }
        let series = figures.models.map { trace.loads[$0] ?? [] }
        var counts = figures.throughput.map { _ in 0 }
        var joules = 0.0
        steps.forEachStretch(until: trace.span.count) { stretch, servers in
            for (place, count) in zip(places, servers) { if let place { counts[place] = Int(count) } }
            var start = stretch.lowerBound
            while start < stretch.upperBound {
                let interval = Int(start / trace.interval.count)
                let end = min(stretch.upperBound, Int64(interval + 1) * trace.interval.count)
                let loads = series.map { $0[min(interval, $0.count - 1)].value }
                let change = drawn(loads, counts, rule) - drawn(loads, counts, figures.spreading)
                joules += change * Double(end - start) / 1e9
                start = end
            }
        }
        return Watts(timeline.meanDrawnPower.value + joules / trace.span.seconds)
    }

    /// Watts beyond idle power of servers that serve.
    private func drawn(_ loads: [Double], _ counts: [Int], _ rule: LoadSpreading) -> Double {
        var fullness = figures.throughput.map { _ in 0.0 }
        var watts = 0.0
        let types = figures.types.count
        for model in figures.models.indices {
            let pairs = (model * types..<(model + 1) * types).filter { counts[$0] > 0 }
            let whole = pairs.reduce(0) { $0 + Double(counts[$1]) * figures.throughput[$1] }
            figures.spread(
                loads[model], of: model, by: rule, whole: whole, over: counts, into: &fullness)
            for pair in pairs {
                watts +=
                    (figures.power[pair] - figures.idlePower[pair]) * fullness[pair]
                    * Double(counts[pair])
            }
        }
        return watts
    }
}
