import Quantities
import Vocabulary

extension ServingReport {
    /// What is supposed of an engine beyond its step times, each with where it comes from.
    static func features(of engine: ServingEngine) -> String {
        var texts: [String] = []
        if let drafts = engine.drafts {
            texts.append(
                "Speculative decoding is a model: \(drafts.tokens) drafted tokens, each accepted with "
                    + "probability \(drafts.acceptance.short()) as stated; steps yield the mean of that")
        }
        if engine.plansAhead {
            texts.append("Steps are planned while the one before runs: host and device work side by side")
        }
        let rules = engine.rules
        if let link = engine.interconnect {
            let origin = link.assumesLatency ? "assumed" : "stated"
            let latency = (link.latencySeconds * 1e6).short()
            texts.append(
                "Accelerators send one another \((link.bandwidth / 1e9).short()) GB/s (\(link.source)) and "
                    + "take \(latency) us a step of a collective, \(origin)")
        } else if rules.devices > 1 {
            texts.append(
                "No time is counted for what its \(rules.devices) accelerators send one another: its "
                    + "description has no interconnect")
        }
        for tier in engine.tiers {
            texts.append("Blocks are kept in \(tier.name) as stated (\(tier.source))")
        }
        if let power = engine.power { texts.append("Power by a stated law (\(power.source))") }
        return texts.map { " \($0)." }.joined()
    }
}
