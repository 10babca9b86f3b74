import Quantities
import Vocabulary

/// An engine that answers one class of a language model's requests and no other.
public struct ClassEngine: Hashable, Sendable {
    /// The name of the class.
    public let requestClass: String
    public let rules: EngineRules
    /// Requests of the class per second of one engine, within the targets.
    public let rate: QueriesPerSecond
    /// What one engine adds to the power of an idle server at that rate.
    public let watts: Watts
}

/// What the engines of a server do for each class of a model's requests by itself: classes of unlike lengths
/// are better served by unlike devices (Griggs et al., "Melange", arXiv 2404.14527).
public struct ClassEngines: Sendable {
    /// Of each class and number of accelerators, the engine that serves most of it.
    public let dedicated: [ClassEngine]
    /// What engines that serve every class do of each alone, in requests per second; a class that they cannot
    /// serve alone is left out.
    public let ofMixed: [EngineRules: [String: QueriesPerSecond]]
}

extension LanguageServerModel {
    /// - Parameter mixed: rules of engines that serve every class, for whose classes rates are wanted.
    /// - Complexity: two simulated searches for a rate of each class and number of accelerators.
    public func classEngines(beside mixed: [EngineRules]) throws -> ClassEngines {
        let limits = ServiceLimits(target: model.latencyTarget, powerBudget: nil)
        var dedicated: [ClassEngine] = []
        var ofMixed: [EngineRules: [String: QueriesPerSecond]] = [:]
        for part in service.classes {
            let server = try alone(part)
            let likely = server.likelyRules(within: limits)
            for devices in Set(mixed.map(\.devices)).union(likely.keys).sorted() {
                let known = mixed.filter { $0.devices == devices }
                var best: (evaluation: ScheduleEvaluation, rules: EngineRules)?
                for rules in known + (likely[devices].map { known.contains($0) ? [] : [$0] } ?? []) {
                    let found = try server.evaluate(.engine(rules), within: limits)
                    guard found.throughput > .zero else { continue }
                    if known.contains(rules) {
                        let rate = found.throughput.value / Double(engines(rules))
                        ofMixed[rules, default: [:]][part.name] = QueriesPerSecond(rate)
                    }
                    if found.throughput > best?.evaluation.throughput ?? .zero { best = (found, rules) }
                }
                guard let best else { continue }
                let engines = Double(engines(best.rules))
                dedicated.append(
                    ClassEngine(
                        requestClass: part.name, rules: best.rules,
                        rate: QueriesPerSecond(best.evaluation.throughput.value / engines),
                        watts: Watts(
                            max(0, (best.evaluation.power - serverType.power.idle).value) / engines)))
            }
        }
        return ClassEngines(dedicated: dedicated, ofMixed: ofMixed)
    }

    /// The same server for one class alone.
    private func alone(_ part: TokenWorkload.Class) throws -> LanguageServerModel {
        var service = service
        service.classes = [part]
        service.classes[0].share = 1
        let model = Model(
            id: model.id, title: model.title, source: model.source, kind: .language(service),
            latencyTarget: model.latencyTarget, querySizes: model.querySizes, accuracy: model.accuracy)
        return try LanguageServerModel(model, on: serverType, settings: settings)
    }

    /// Of each number of accelerators the rules of which most is expected.
    private func likelyRules(within limits: ServiceLimits) -> [Int: EngineRules] {
        guard let prior = prior(within: limits) else { return [:] }
        var best: [Int: (rules: EngineRules, rate: QueriesPerSecond)] = [:]
        for schedule in space(within: limits).schedules {
            guard let rules = schedule.engineRules else { continue }
            let rate = prior.estimate(schedule)
            if rate > best[rules.devices]?.rate ?? .zero { best[rules.devices] = (rules, rate) }
        }
        return best.mapValues(\.rules)
    }
}
