import Quantities
import ServerModels
import Vocabulary

/// Loads of language models whose requests change in length, as requests of the model's own lengths.
///
/// A request that takes twice the work counts as two. So one number stands for rate and lengths: forecasts
/// are of both, and capacities, which hold for the model's own lengths, need not change. The work of a mean
/// request is the ratio of the rates that a server's engines sustain in a steady state of either lengths, on
/// the type of the fleet on which it is largest: the load is never taken for less than on any of them.
struct TokenWork {
    private let scenario: Scenario
    private let settings: ServerModelSettings

    init(_ scenario: Scenario) {
        self.scenario = scenario
        settings = ServerModelSettings(
            batches: scenario.search.batches, queries: .atLeast(scenario.search.queries), seed: scenario.seed)
    }

    /// The trace with the loads of models that have a mix weighed by it. What is weighed already stays as it
    /// is.
    func weighed(_ trace: Trace) throws(PipelineError) -> Trace {
        var mix = trace.tokenMix ?? [:]
        var loads = trace.loads
        for model in scenario.models {
            guard let own = mix[model.id], own.work == nil, model.service != nil,
                let work = try work(of: model, own)
            else { continue }
            mix[model.id] = TokenMix(prompts: own.prompts, outputs: own.outputs, work: work)
            loads[model.id] = zip(loads[model.id] ?? [], work).map { $0 * $1 }
        }
        return loads == trace.loads ? trace : trace.with(loads, mix: mix)
    }

    /// nil where no server of the fleet can be asked.
    /// - Throws: `badValue` for requests that no server's engines can hold.
    private func work(of model: Model, _ mix: TokenMix) throws(PipelineError) -> [Double]? {
        let limits = ServiceLimits(target: model.latencyTarget)
        let servers = scenario.serverTypes.compactMap { type -> (LanguageServerModel, Schedule)? in
            guard let server = try? LanguageServerModel(model, on: type, settings: settings),
                let schedule = server.likelySchedule(within: limits)
            else { return nil }
            return (server, schedule)
        }
        guard !servers.isEmpty else { return nil }
        var known: [SIMD2<Double>: Double] = [:]
        var all: [Double] = []
        for (prompt, output) in zip(mix.prompts, mix.outputs) {
            let lengths = SIMD2(prompt, output)
            if let work = known[lengths] {
                all.append(work)
                continue
            }
            let found = servers.compactMap { $0.work(prompt: prompt, output: output, $1) }.max()
            guard let found else {
                throw .badValue(
                    name: "trace",
                    found:
                        "requests of \(model.id) with \(Int(prompt)) and \(Int(output)) tokens in the mean",
                    expected: "lengths that engines of the fleet can hold")
            }
            known[lengths] = found
            all.append(found)
        }
        return all
    }
}
