import Provisioning
import Quantities
import Vocabulary

/// How much may happen in a replay: settings that are harmless by themselves come to more than any machine
/// plays when the trace is long, or the fleet is large.
struct ReplayLimits {
    private static let decisionsMax = 2_000_000.0
    private static let failuresMax = 1_000_000.0
    private static let outagesMax = 100_000.0
    private static let disturbancesMax = 1_000_000.0

    /// - Throws: `PipelineError.badValue` with the key, what it comes to, and what it may come to.
    static func check(_ scenario: Scenario) throws(PipelineError) {
        guard let online = scenario.replay.online, let trace = scenario.trace else { return }
        let span = trace.span.seconds
        func require(
            _ key: String, every period: Nanoseconds?, _ things: String, count: Double = 1, max: Double
        ) throws(PipelineError) {
            guard let period else { return }
            let number = count * span / period.seconds
            guard number > max else { return }
            let bound = Int((count * span / max).rounded(.up))
            throw .badValue(
                name: "replay.\(key)", found: "\(period.seconds) s, which makes \(Int(number)) \(things)",
                expected: "at most \(Int(max)), so at least \(bound) s for this trace and fleet")
        }
        let servers = Double(scenario.fleet.counts.values.reduce(0, +))
        try require(
            "decisions.period_seconds", every: online.decisionPeriod, "decisions", max: decisionsMax)
        if scenario.replay.policies.contains(ReactivePolicy.name) {
            try require(
                "reactive.period_seconds", every: online.reactive.period, "decisions", max: decisionsMax)
        }
        if scenario.replay.policies.contains(TargetTrackingPolicy.name) {
            try require(
                "target_tracking.period_seconds", every: online.tracking?.period, "decisions",
                max: decisionsMax)
        }
        try require(
            "failures.server_mean_seconds", every: online.failures?.meanTimeBetweenServerFailures, "failures",
            count: servers, max: failuresMax)
        try require(
            "failures.rack_mean_seconds", every: online.failures?.meanTimeBetweenRackFailures, "failures",
            // Each strikes all servers of a rack.
            count: servers, max: failuresMax)
        try require(
            "outages.mean_seconds", every: online.outages?.meanTimeBetween, "outages", max: outagesMax)
        let disturbances = online.disturbances.reduce(0) { $0 + $1.perDay } * span / 86_400
        guard disturbances <= disturbancesMax else {
            throw .badValue(
                name: "replay.disturbances.per_day", found: "\(Int(disturbances)) disturbances in all",
                expected: "at most \(Int(disturbancesMax))")
        }
    }
}
