import Quantities
import Vocabulary

/// Names that a scenario may use and that the catalogue itself cannot know; nil leaves them unchecked.
public struct KnownNames: Hashable, Sendable {
    /// The policies that can be replayed.
    public var policies: [String]?
    /// The search methods there are.
    public var searchMethods: [String]?
    /// The engines that models can be measured with.
    public var engines: [String]?

    /// Names to check against.
    public init(policies: [String]? = nil, searchMethods: [String]? = nil, engines: [String]? = nil) {
        self.policies = policies
        self.searchMethods = searchMethods
        self.engines = engines
    }
}

/// Reads the `profile`, `search` and `replay` sections of a scenario.
struct SettingsReader {
    let known: KnownNames

    private enum ProfileKey: String, SectionKey {
        case batches
        case cell = "cell_seconds"
        case loadFraction = "load_fraction"
        case confirmation = "confirmation_seconds"
        case engine
    }

    private enum SearchKey: String, SectionKey {
        case method, batches, queries
    }

    private enum ReplayKey: String, SectionKey {
        case policies, subject, baseline
        case gap = "gap_fraction"
        case overProvision = "over_provision"
    }

    private enum OverProvisionKey: String, SectionKey {
        case initial = "initial_fraction"
        case quantile
        case window = "window_intervals"
    }

    func profile(_ value: YAMLValue) throws(CatalogError) -> ProfileSettings {
        let section = try value.section(ProfileKey.self)
        return ProfileSettings(
            batches: try batches(section[.batches]),
            cellDuration: try section[.cell].duration(unitSeconds: 1),
            loadFraction: Fraction(try section[.loadFraction].number(.openFraction)),
            confirmationDuration: try section[.confirmation].duration(unitSeconds: 1),
            engine: try section.optional(.engine).map { (value) throws(CatalogError) in
                try EngineSettingsReader.engine(value, known: known)
            })
    }

    func search(_ value: YAMLValue) throws(CatalogError) -> SearchSettings {
        let section = try value.section(SearchKey.self)
        let method = try section[.method].name()
        if let methods = known.searchMethods, !methods.contains(method) {
            throw .unknownName(
                try section[.method].place, kind: "a search method", found: method, known: methods)
        }
        return SearchSettings(
            method: method, batches: try batches(section[.batches]),
            queries: try section[.queries].wholeNumber(to: 100_000_000))
    }

    func replay(_ value: YAMLValue) throws(CatalogError) -> ReplaySettings {
        let section = try value.section(ReplayKey.self)
        var policies: [String] = []
        for item in try section[.policies].filledList() {
            let policy = try item.name()
            if let names = known.policies, !names.contains(policy) {
                throw .unknownName(item.place, kind: "a policy", found: policy, known: names)
            }
            guard !policies.contains(policy) else {
                throw .invalidValue(
                    item.place, found: "\(policy) a second time", expected: "every policy once")
            }
            policies.append(policy)
        }
        return ReplaySettings(
            policies: policies, subject: try policy(section[.subject], among: policies),
            baseline: try policy(section[.baseline], among: policies),
            gap: Fraction(try section[.gap].number(.openFraction)),
            overProvision: try overProvision(section[.overProvision]))
    }

    private func policy(_ value: YAMLValue, among policies: [String]) throws(CatalogError) -> String {
        let policy = try value.name()
        guard policies.contains(policy) else {
            throw .unknownName(
                value.place, kind: "one of this scenario's policies", found: policy, known: policies)
        }
        return policy
    }

    private func overProvision(_ value: YAMLValue) throws(CatalogError) -> OverProvisionRule {
        let section = try value.section(OverProvisionKey.self)
        return OverProvisionRule(
            initial: Fraction(try section[.initial].number(.notNegative)),
            quantile: Quantile(try section[.quantile].number(.openFraction)),
            window: try section[.window].wholeNumber(to: 1_000_000))
    }

    /// Batch sizes in ascending order, none twice.
    private func batches(_ value: YAMLValue) throws(CatalogError) -> [Int] {
        var batches: [Int] = []
        for item in try value.filledList() {
            let batch = try item.wholeNumber(to: 1_000_000)
            if let last = batches.last, batch <= last {
                throw item.refusal(expected: "a whole number above \(last), as batches ascend")
            }
            batches.append(batch)
        }
        return batches
    }
}
