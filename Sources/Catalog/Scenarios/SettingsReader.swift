import Files
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
    /// Those of the engines that ask a server.
    public var serverEngines: [String]?
    /// The load forecasters there are.
    public var forecasters: [String]?

    /// Names to check against.
    public init(
        policies: [String]? = nil, searchMethods: [String]? = nil, engines: [String]? = nil,
        serverEngines: [String]? = nil, forecasters: [String]? = nil
    ) {
        self.policies = policies
        self.searchMethods = searchMethods
        self.engines = engines
        self.serverEngines = serverEngines
        self.forecasters = forecasters
    }
}

/// Reads the `profile`, `search` and `replay` sections of a scenario.
struct SettingsReader {
    let known: KnownNames
    /// Where the files that a section names lie.
    let traces: TraceFolder

    private enum ProfileKey: String, SectionKey {
        case batches
        case cell = "cell_seconds"
        case loadFraction = "load_fraction"
        case confirmation = "confirmation_seconds"
        case engine, partitions
    }

    private enum SearchKey: String, SectionKey {
        case method, batches, queries
    }

    private enum ReplayKey: String, SectionKey {
        case policies, subject, baseline
        case gap = "gap_fraction"
        case overProvision = "over_provision"
        case forecast, dynamics, decisions, failures, outages, disturbances, reactive, tariff, objective,
            current
    }

    private enum OverProvisionKey: String, SectionKey {
        case initial = "initial_fraction"
        case quantile
        case violations = "target_violation_fraction"
        case window = "window_intervals"
        case maximum = "maximum_fraction"
        case adaptation = "adaptation_fraction"
        case rule
    }

    func profile(_ value: YAMLValue) throws(FileError) -> ProfileSettings {
        let section = try value.section(ProfileKey.self)
        return ProfileSettings(
            batches: try batches(section[.batches]),
            cellDuration: try section[.cell].duration(unitSeconds: 1),
            loadFraction: Fraction(try section[.loadFraction].number(.openFraction)),
            confirmationDuration: try section[.confirmation].duration(unitSeconds: 1),
            engine: try section.optional(.engine).map { (value) throws(FileError) in
                try EngineSettingsReader.engine(value, known: known)
            },
            partitions: try section.optional(.partitions).map { (value) throws(FileError) in
                try partitions(value)
            })
    }

    /// The partitions that can be measured on this machine, none twice.
    private func partitions(_ value: YAMLValue) throws(FileError) -> [ThreadSchedule.Partition] {
        let known: [ThreadSchedule.Partition] = [.whole, .sparseDense]
        var partitions: [ThreadSchedule.Partition] = []
        for item in try value.filledList() {
            let partition = try Self.choice(
                item, "a partition that this machine can be measured with", among: known)
            guard !partitions.contains(partition) else {
                throw .invalidValue(
                    item.place, found: "\(partition.rawValue) a second time",
                    expected: "every partition once")
            }
            partitions.append(partition)
        }
        return partitions
    }

    func search(_ value: YAMLValue) throws(FileError) -> SearchSettings {
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

    /// - Parameter current: reads what runs today.
    func replay(_ value: YAMLValue, current: CurrentAllocationReader) throws(FileError) -> ReplaySettings {
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
            overProvision: try overProvision(section[.overProvision]), online: try online(section),
            objective: try section.optional(.objective).map { (value) throws(FileError) in
                try Self.choice(value, "an objective of a replay", among: PlanGoal.Cost.allCases)
            },
            headroomRule: try section[.overProvision].section(OverProvisionKey.self).optional(.rule).map {
                (value) throws(FileError) in
                try Self.choice(value, "a rule of headroom", among: HeadroomRule.allCases)
            }, current: try self.current(section, policies: policies, reader: current))
    }

    /// What runs today: said where the policy of that name is played, and only there.
    private func current(
        _ section: YAMLSection<ReplayKey>, policies: [String], reader: CurrentAllocationReader
    ) throws(FileError) -> CurrentAllocation? {
        let name = ReplayKey.current.rawValue
        guard policies.contains(name) else {
            guard let value = section.optional(.current) else { return nil }
            throw value.refusal(expected: "the policy '\(name)' among the policies, or no such section")
        }
        return try reader.schedule(section[.current])
    }

    /// One of a few words; another one is refused with the nearest of them.
    private static func choice<Choice: RawRepresentable<String>>(
        _ value: YAMLValue, _ kind: String, among choices: [Choice]
    ) throws(FileError) -> Choice {
        let name = try value.text()
        guard let choice = choices.first(where: { $0.rawValue == name }) else {
            throw .unknownName(value.place, kind: kind, found: name, known: choices.map(\.rawValue))
        }
        return choice
    }

    /// What goes beyond instant servers and last-value forecasts; nil where a scenario says nothing of it.
    private func online(_ section: YAMLSection<ReplayKey>) throws(FileError) -> OnlineSettings? {
        let reader = OnlineSettingsReader(traces: traces, forecasters: known.forecasters)
        var settings = OnlineSettings()
        let plain = settings
        let overProvision = try section[.overProvision].section(OverProvisionKey.self)
        settings.overProvisionMax = try overProvision.optional(.maximum).map { (value) throws(FileError) in
            Fraction(try value.number(.notNegative))
        }
        settings.overProvisionAdaptation = Fraction(
            try overProvision.optional(.adaptation)?.number(.openFraction) ?? 0)
        if let value = section.optional(.forecast) { try reader.forecast(value, into: &settings) }
        if let value = section.optional(.dynamics) { settings.dynamics = try reader.dynamics(value) }
        if let value = section.optional(.decisions) { try reader.decisions(value, into: &settings) }
        if let value = section.optional(.failures) { settings.failures = try reader.failures(value) }
        if let value = section.optional(.outages) { settings.outages = try reader.outages(value) }
        if let value = section.optional(.disturbances) {
            settings.disturbances = try reader.disturbances(value)
        }
        if let value = section.optional(.reactive) { settings.reactive = try reader.reactive(value) }
        if let value = section.optional(.tariff) { settings.tariff = try reader.tariff(value) }
        return settings == plain ? nil : settings
    }

    private func policy(_ value: YAMLValue, among policies: [String]) throws(FileError) -> String {
        let policy = try value.name()
        guard policies.contains(policy) else {
            throw .unknownName(
                value.place, kind: "one of this scenario's policies", found: policy, known: policies)
        }
        return policy
    }

    private func overProvision(_ value: YAMLValue) throws(FileError) -> OverProvisionRule {
        let section = try value.section(OverProvisionKey.self)
        let (key, share) = try section.either(.quantile, .violations)
        let number = try share.number(.openFraction)
        return OverProvisionRule(
            initial: Fraction(try section[.initial].number(.notNegative)),
            quantile: Quantile(key == .quantile ? number : 1 - number),
            window: try section[.window].wholeNumber(to: 1_000_000))
    }

    /// Batch sizes in ascending order, none twice.
    private func batches(_ value: YAMLValue) throws(FileError) -> [Int] {
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
