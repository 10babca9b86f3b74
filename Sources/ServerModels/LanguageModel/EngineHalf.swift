import Quantities
import Simulation
import Vocabulary

/// An engine that does one part of a request: it reads prompts for others, or generates from the keys and
/// values that others have made (disaggregated serving; Zhong et al., "DistServe", OSDI 2024).
public struct EngineHalf: Hashable, Sendable {
    /// With the role `prefill` or `decode`.
    public let rules: EngineRules
    /// Requests per second of one engine, within its part of the targets.
    public let rate: QueriesPerSecond
    /// What one engine adds to the power of an idle server at that rate.
    public let watts: Watts
}

extension LanguageServerModel {
    static let readingBudgets = [2048, 8192]
    private static let readingSequences = 64
    /// Engines that read, so that one that generates never waits for them for long.
    private static let readersMax = 64
    /// Of their rate, that they are loaded with then.
    private static let readersLoad = 0.5

    /// Of each degree of tensor parallelism, the engine that reads most prompts within the limit on the first
    /// token, and the engine that generates most answers within the limit on output tokens.
    ///
    /// A request has to keep both limits. Each part keeps its own for so many requests that not more than are
    /// allowed break either, whichever they are: of 1 in 20, 1 in 40 each.
    ///
    /// - Parameter link: what carries keys and values, in bytes per second.
    /// - Returns: nothing where there is no limit on output tokens, or one on whole requests, of which no
    ///   part alone can say whether it is kept.
    public func halves(over link: BytesPerSecond) throws -> [EngineHalf] {
        guard service.outputTokenMax != nil, service.endToEndMax == nil else { return [] }
        let quantile = Quantile(1 - (1 - model.latencyTarget.quantile.value) / 2)
        var halves: [EngineHalf] = []
        for degree in degrees {
            guard let reader = try reader(degree, quantile) else { continue }
            halves.append(reader)
            if let generator = try generator(degree, quantile, fedBy: reader, over: link) {
                halves.append(generator)
            }
        }
        return halves
    }

    /// Reads prompts: an engine whose answers end with the first token.
    private func reader(_ degree: Int, _ quantile: Quantile) throws -> EngineHalf? {
        var reading = service
        for index in reading.classes.indices { reading.classes[index].output = .fixed(1) }
        let found = try Self.readingBudgets.compactMap { budget -> EngineHalf? in
            let played = EngineRules(
                tensorParallel: degree, sequencesMax: Self.readingSequences, tokenBudget: budget)
            guard
                let simulation = try playable(
                    [engine(played)],
                    TokenTargets(
                        firstToken: model.latencyTarget.limit.seconds), over: nil)
            else { return nil }
            let play = EnginePlay(
                simulation: simulation, service: reading, requests: requests(quantile), seed: seed)
            return half(play, quantile, played, role: .prefill)
        }
        return found.max { $0.rate < $1.rate }
    }

    /// Generates, behind engines enough that read.
    private func generator(
        _ degree: Int, _ quantile: Quantile, fedBy reader: EngineHalf, over link: BytesPerSecond
    ) throws -> EngineHalf? {
        let found = try Self.sequences.compactMap { sequences -> EngineHalf? in
            let played = EngineRules(
                tensorParallel: degree, sequencesMax: sequences, tokenBudget: Self.readingBudgets[0],
                role: .decode)
            let one = try engine(played)
            guard let most = SteadyState(service, one, mean: meanTokens, readsPrompts: false)?.rate, most > 0
            else { return nil }
            let readers = (most / (reader.rate.value * Self.readersLoad)).rounded(.up)
            guard readers <= Double(Self.readersMax) else { return nil }
            var feeding = try engine(reader.rules)
            feeding.count = max(1, Int(readers))
            guard
                let simulation = try playable(
                    [feeding, one], TokenTargets(outputToken: service.outputTokenMax), over: link)
            else { return nil }
            let play = EnginePlay(
                simulation: simulation, service: service, requests: requests(quantile), seed: seed,
                measured: feeding.count..<(feeding.count + 1))
            return half(play, quantile, played, role: .decode)
        }
        return found.max { $0.rate < $1.rate }
    }

    private func half(
        _ play: EnginePlay, _ quantile: Quantile, _ rules: EngineRules, role: EngineRules.Role
    ) -> EngineHalf? {
        guard let found = play.highestRate(attaining: quantile.value, admits: { _ in true }) else {
            return nil
        }
        let added = power(found.point, rules) - serverType.power.idle
        return EngineHalf(
            rules: EngineRules(
                tensorParallel: rules.tensorParallel, sequencesMax: rules.sequencesMax,
                tokenBudget: rules.tokenBudget, role: role),
            rate: QueriesPerSecond(found.rate),
            watts: Watts(max(0, added.value) / Double(engines(rules))))
    }

    /// nil where an engine's memory is too small or its law not one of it.
    private func playable(
        _ engines: [ServingEngine], _ targets: TokenTargets, over link: BytesPerSecond?
    ) throws -> ServingSimulation? {
        let constraints = LanguageConstraints(
            self, ServiceLimits(target: model.latencyTarget, powerBudget: nil))
        guard engines.allSatisfy({ constraints.unfit($0).isEmpty }) else { return nil }
        return try simulation(engines, targets, over: link)
    }
}
