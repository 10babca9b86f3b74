import Files
import Quantities
import Vocabulary

/// Names that a scenario may use and that the catalogue itself cannot know; nil leaves them unchecked.
public struct KnownNames: Hashable, Sendable {
    /// The policies that can be replayed.
    public var policies: [String]?
    /// Those of them that choose variants of tasks, and serve nothing else.
    public var variantPolicies: [String]?
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
        serverEngines: [String]? = nil, forecasters: [String]? = nil, variantPolicies: [String]? = nil
    ) {
        self.variantPolicies = variantPolicies
        self.policies = policies
        self.searchMethods = searchMethods
        self.engines = engines
        self.serverEngines = serverEngines
        self.forecasters = forecasters
    }
}

/// How many batch sizes a file may ask for, and how large.
enum BatchBounds {
    static let countMax = 64
    static let itemsMax = 1 << 16
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
        case engine, partitions, precisions
        case joinWaits = "join_waits_ms"
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
        case survives = "survives_loss_of"
        case spreading = "load_spreading"
        case changePrice = "change_price_fraction"
        case keepWithin = "keep_within_fraction"
        case scaleDown = "scale_down_intervals"
        case changesPerDay = "changes_per_day"
        case rackServers = "rack_servers"
        case lostServers = "lost_servers"
        case requestLevel = "request_level"
        case tracking = "target_tracking"
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

    /// - Parameter value: nil where the scenario says nothing of it; so in every section here.
    func profile(_ value: YAMLValue?) throws(FileError) -> ProfileSettings {
        var settings = ProfileSettings()
        guard let section = try value?.section(ProfileKey.self) else { return settings }
        var problems = FileProblems()
        problems.put(section.optional(.batches), into: &settings.batches, batches)
        problems.put(section.optional(.cell), into: &settings.cellDuration) { (value) throws(FileError) in
            try value.duration(unitSeconds: 1, from: 0.05, to: 86_400)
        }
        problems.put(section.optional(.loadFraction), into: &settings.loadFraction) {
            (value) throws(FileError) in Fraction(try value.number(.openFraction))
        }
        problems.put(section.optional(.confirmation), into: &settings.confirmationDuration) {
            (value) throws(FileError) in try value.duration(unitSeconds: 1, from: 0.05, to: 86_400)
        }
        problems.put(section.optional(.engine), into: &settings.engine) { (value) throws(FileError) in
            try EngineSettingsReader.engine(value, known: known)
        }
        problems.put(section.optional(.partitions), into: &settings.partitions) {
            (value) throws(FileError) in try partitions(value)
        }
        problems.put(section.optional(.precisions), into: &settings.precisions) {
            (value) throws(FileError) in try precisions(value)
        }
        problems.put(section.optional(.joinWaits), into: &settings.joinWaits) { (value) throws(FileError) in
            try waits(value)
        }
        try problems.throwAll()
        return settings
    }

    /// In the order given, none twice. Whether an engine has them is asked when it is at hand.
    private func precisions(_ value: YAMLValue) throws(FileError) -> [Precision] {
        var precisions: [Precision] = []
        for item in try value.filledList() {
            let precision = try Self.choice(item, "a precision", among: Precision.allCases)
            guard !precisions.contains(precision) else {
                throw .invalidValue(
                    item.place, found: "\(precision.rawValue) a second time", expected: "every precision once"
                )
            }
            precisions.append(precision)
        }
        return precisions
    }

    /// Ascending; none joins no batches.
    private func waits(_ value: YAMLValue) throws(FileError) -> [Nanoseconds] {
        var waits: [Nanoseconds] = []
        for item in try value.list() {
            let wait = Nanoseconds(milliseconds: try item.number(.waitMilliseconds))
            if let last = waits.last, last >= wait {
                throw item.refusal(expected: "milliseconds above \(last.milliseconds)")
            }
            waits.append(wait)
        }
        return waits
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

    func search(_ value: YAMLValue?) throws(FileError) -> SearchSettings {
        var settings = SearchSettings()
        guard let section = try value?.section(SearchKey.self) else { return settings }
        var problems = FileProblems()
        problems.put(section.optional(.method), into: &settings.method) { (value) throws(FileError) in
            try name(value, "a search method", among: known.searchMethods)
        }
        problems.put(section.optional(.batches), into: &settings.batches, batches)
        problems.put(section.optional(.queries), into: &settings.queries) { (value) throws(FileError) in
            try value.wholeNumber(to: 10_000_000)
        }
        try problems.throwAll()
        return settings
    }

    /// - Parameter current: reads what runs today; nil where models or fleet could not be read.
    func replay(
        _ value: YAMLValue?, current: CurrentAllocationReader?
    ) throws(FileError) -> ReplaySettings {
        var settings = ReplaySettings()
        guard let section = try value?.section(ReplayKey.self) else { return settings }
        var problems = FileProblems()
        problems.put(section.optional(.policies), into: &settings.policies, policies)
        let played = settings.policies
        if !played.contains(settings.subject) { settings.subject = played.last ?? settings.subject }
        if !played.contains(settings.baseline) { settings.baseline = played.first ?? settings.baseline }
        problems.put(section.optional(.subject), into: &settings.subject) { (value) throws(FileError) in
            try policy(value, among: played)
        }
        problems.put(section.optional(.baseline), into: &settings.baseline) { (value) throws(FileError) in
            try policy(value, among: played)
        }
        problems.put(section.optional(.gap), into: &settings.gap) { (value) throws(FileError) in
            Fraction(try value.number(.from(1e-9, to: 0.99)))
        }
        problems.put(section.optional(.objective), into: &settings.objective) { (value) throws(FileError) in
            try Self.choice(value, "an objective of a replay", among: PlanGoal.Cost.allCases)
        }
        settings.survives =
            problems.reading { () throws(FileError) in
                try SurvivalReader.survival(
                    section.optional(.survives),
                    rackServers: (section.optional(.rackServers), section.place(of: .rackServers)),
                    lostServers: (section.optional(.lostServers), section.place(of: .lostServers)))
            } ?? nil
        if let current {
            settings.current =
                problems.reading { () throws(FileError) in
                    try self.current(section, policies: played, reader: current)
                } ?? nil
        }
        let overProvision = problems.reading { () throws(FileError) in
            try section.optional(.overProvision)?.section(OverProvisionKey.self)
        }
        if let overProvision = overProvision ?? nil {
            problems.put(overProvision.optional(.rule), into: &settings.headroomRule) {
                (value) throws(FileError) in
                try Self.choice(value, "a rule of headroom", among: HeadroomRule.allCases)
            }
            settings.overProvision =
                problems.reading { () throws(FileError) in try self.overProvision(overProvision) }
                ?? settings.overProvision
        }
        settings.online =
            problems.reading { () throws(FileError) in try online(section, overProvision ?? nil) } ?? nil
        problems.put(section.optional(.requestLevel), into: &settings.requestLevel) {
            (value) throws(FileError) in
            guard let window = TraceWindow(text: try value.text()) else {
                throw value.refusal(expected: TraceWindow.expectation)
            }
            return window
        }
        readChanges(section, into: &settings, &problems)
        try problems.throwAll()
        return settings
    }

    /// How much the fleet may change, and what a change has to earn.
    private func readChanges(
        _ section: YAMLSection<ReplayKey>, into settings: inout ReplaySettings, _ problems: inout FileProblems
    ) {
        if !settings.startsAtOnce { settings.changePrice = nil }
        problems.put(section.optional(.changePrice), into: &settings.changePrice) {
            (value) throws(FileError) in Fraction(try value.number(.from(0, to: 10)))
        }
        problems.put(section.optional(.keepWithin), into: &settings.keepWithin) {
            (value) throws(FileError) in Fraction(try value.number(.from(0, to: 1)))
        }
        problems.put(section.optional(.scaleDown), into: &settings.scaleDownIntervals) {
            (value) throws(FileError) in try value.wholeNumber(to: 10_000)
        }
        problems.put(section.optional(.changesPerDay), into: &settings.changesPerDay) {
            (value) throws(FileError) in try value.number(.from(0.1, to: 10_000_000))
        }
    }

    private func policies(_ value: YAMLValue) throws(FileError) -> [String] {
        var policies: [String] = []
        for item in try value.filledList() {
            let policy = try name(item, "a policy", among: known.policies)
            guard !policies.contains(policy) else {
                throw .invalidValue(
                    item.place, found: "\(policy) a second time", expected: "every policy once")
            }
            policies.append(policy)
        }
        return policies
    }

    /// - Parameter names: nil where every name may be.
    private func name(
        _ value: YAMLValue, _ kind: String, among names: [String]?
    ) throws(FileError) -> String {
        let name = try value.name()
        if let names, !names.contains(name) {
            throw .unknownName(value.place, kind: kind, found: name, known: names)
        }
        return name
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
    static func choice<Choice: RawRepresentable<String>>(
        _ value: YAMLValue, _ kind: String, among choices: [Choice]
    ) throws(FileError) -> Choice {
        let name = try value.text()
        guard let choice = choices.first(where: { $0.rawValue == name }) else {
            throw .unknownName(value.place, kind: kind, found: name, known: choices.map(\.rawValue))
        }
        return choice
    }

    /// What goes beyond instant servers and last-value forecasts; nil where a scenario says nothing of it.
    private func online(
        _ section: YAMLSection<ReplayKey>, _ overProvision: YAMLSection<OverProvisionKey>?
    ) throws(FileError) -> OnlineSettings? {
        let reader = OnlineSettingsReader(traces: traces, forecasters: known.forecasters)
        var settings = OnlineSettings()
        let plain = settings
        settings.overProvisionMax = try overProvision?.optional(.maximum).map { (value) throws(FileError) in
            Fraction(try value.number(.headroom))
        }
        settings.overProvisionAdaptation = Fraction(
            try overProvision?.optional(.adaptation)?.number(.openFraction) ?? 0)
        if let value = section.optional(.forecast) { try reader.forecast(value, into: &settings) }
        if let value = section.optional(.dynamics) { settings.dynamics = try reader.dynamics(value) }
        if let value = section.optional(.decisions) { try reader.decisions(value, into: &settings) }
        if let value = section.optional(.failures) { settings.failures = try reader.failures(value) }
        if let value = section.optional(.outages) { settings.outages = try reader.outages(value) }
        if let value = section.optional(.disturbances) {
            settings.disturbances = try reader.disturbances(value)
        }
        if let value = section.optional(.reactive) { settings.reactive = try reader.reactive(value) }
        if let value = section.optional(.tracking) { settings.tracking = try reader.tracking(value) }
        if let value = section.optional(.tariff) { settings.tariff = try reader.tariff(value) }
        settings.spreading = try section.optional(.spreading)?.word()
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

    private func overProvision(
        _ section: YAMLSection<OverProvisionKey>
    ) throws(FileError) -> OverProvisionRule {
        var rule = OverProvisionRule()
        var problems = FileProblems()
        problems.put(section.optional(.initial), into: &rule.initial) { (value) throws(FileError) in
            Fraction(try value.number(.headroom))
        }
        if section.optional(.quantile) != nil || section.optional(.violations) != nil {
            rule.quantile =
                problems.reading { () throws(FileError) in
                    let (key, share) = try section.either(.quantile, .violations)
                    let number = try share.number(.openFraction)
                    return Quantile(key == .quantile ? number : 1 - number)
                } ?? rule.quantile
        }
        problems.put(section.optional(.window), into: &rule.window) { (value) throws(FileError) in
            try value.wholeNumber(to: 100_000)
        }
        try problems.throwAll()
        return rule
    }

    /// Batch sizes in ascending order, none twice. Each is a model compiled and measured, or simulated.
    private func batches(_ value: YAMLValue) throws(FileError) -> [Int] {
        var batches: [Int] = []
        for item in try value.filledList(max: BatchBounds.countMax) {
            let batch = try item.wholeNumber(to: BatchBounds.itemsMax)
            if let last = batches.last, batch <= last {
                throw item.refusal(expected: "a whole number above \(last), as batches ascend")
            }
            batches.append(batch)
        }
        return batches
    }
}
