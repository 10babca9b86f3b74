import Files
import Quantities
import Vocabulary

/// Reads `scenarios/<name>.yaml` and resolves what it refers to through the catalogue.
struct ScenarioReader {
    let catalog: Catalog
    let host: DetectedHost?
    let known: KnownNames
    let traces: TraceFolder

    private enum Key: String, SectionKey {
        case id, title, seed, models, fleet, trace, profile, search, plan, replay, imports, evidence
        case efficiencySpread = "efficiency_spread"
        case tasks, pipelines
    }

    private enum ImportKey: String, SectionKey {
        case kind, file, mapping, source, licence, own, derating
    }

    private enum TraceKey: String, SectionKey {
        case file
        case timeColumn = "time_column"
        case timeFormat = "time_format"
        case timeZone = "time_zone"
        case layout
        case columns
        case peaks = "peak_queries_per_second"
        case loadKind = "load_kind"
        case modelColumn = "model_column"
        case valueColumn = "value_column"
        case sumSeries = "sum_series"
        case interval = "interval_seconds"
        case rowInterval = "row_interval_seconds"
        case gapFill = "gap_fill"
        case gapRowsMax = "gap_rows_max"
        case shifts = "shift_hours"
        case loadScale = "load_scale"
        case days
    }

    private typealias Served = ServedModels.Served

    /// - Parameter document: what the file comes to after changes; nil for what it says.
    /// - Throws: everything that is wrong with parts that do not depend on one another.
    func scenario(at path: String, document: YAMLValue? = nil) throws(FileError) -> ResolvedScenario {
        let section = try section(at: path, document)
        var problems = FileProblems()
        let settings = SettingsReader(known: known, traces: traces)
        var scenario = Scenario(
            id: FileContents.stem(of: path), title: FileContents.stem(of: path), seed: 1, models: [],
            fleet: Fleet(id: "", counts: [:]), serverTypes: [], trace: nil, profile: ProfileSettings(),
            search: SearchSettings(), replay: ReplaySettings())
        if let error = Self.wrongName(section, of: path) { problems.add(error) }
        problems.put(section.optional(.title), into: &scenario.title) { (value) throws(FileError) in
            try value.text()
        }
        problems.put(section.optional(.seed), into: &scenario.seed) { (value) throws(FileError) in
            try value.seed()
        }
        let served = problems.reading { () throws(FileError) in
            try ServedModels(catalog: catalog).models(section[.models])
        }
        scenario.models = served?.map(\.model) ?? []
        if let served { readLoads(&scenario, section, &problems, among: served.map(\.model)) }
        let asked = served.map { Self.asked($0, scenario) }
        let fleet = problems.reading { () throws(FileError) in
            try self.fleet(section[.fleet], ofScenario: scenario.id)
        }
        scenario.fleet = fleet ?? scenario.fleet
        let reader = catalog.serverTypeReader(host: host)
        scenario.serverTypes = scenario.fleet.serverTypes.compactMap { type in
            problems.reading { () throws(FileError) in try catalog.serverType(type, reader: reader) }
        }
        var summary: TraceImportSummary?
        if let value = section.optional(.trace), let asked {
            let read = problems.reading { () throws(FileError) in try self.trace(value, served: asked) }
            scenario.trace = read?.0
            summary = read?.1
        }
        problems.put(section.optional(.profile), into: &scenario.profile, settings.profile)
        problems.put(section.optional(.search), into: &scenario.search, settings.search)
        var current: CurrentAllocationReader?
        if let served, let fleet {
            let names = FleetNames(
                models: served.map { (name: $0.baseName, id: $0.model.id) }, serverTypes: fleet.serverTypes)
            problems.put(section.optional(.plan), into: &scenario.plan) { (value) throws(FileError) in
                try PlanGoalReader(names: names).goal(value)
            }
            current = CurrentAllocationReader(names: names, fleet: fleet, traces: traces)
        }
        problems.put(section.optional(.replay), into: &scenario.replay) { (value) throws(FileError) in
            let replay = try settings.replay(value, current: current)
            try Self.requirePrices(of: replay, at: value)
            return replay
        }
        _ = problems.reading { () throws(FileError) in try choosePolicies(&scenario, section) }
        problems.put(section.optional(.imports), into: &scenario.imports, imports)
        problems.put(section.optional(.evidence), into: &scenario.evidence, Self.evidence)
        problems.put(section.optional(.efficiencySpread), into: &scenario.efficiencySpread) {
            (value) throws(FileError) in try value.number(.from(0, to: Self.spreadMax))
        }
        try problems.throwAll()
        return ResolvedScenario(scenario: scenario, traceSummary: summary)
    }

    /// What loads are given for beside models themselves.
    private func readLoads(
        _ scenario: inout Scenario, _ section: YAMLSection<Key>, _ problems: inout FileProblems,
        among models: [Model]
    ) {
        problems.put(section.optional(.tasks), into: &scenario.tasks) { (value) throws(FileError) in
            try TaskReader.tasks(value, among: models)
        }
        problems.put(section.optional(.pipelines), into: &scenario.pipelines) { (value) throws(FileError) in
            guard section.optional(.tasks) == nil else {
                throw value.refusal(expected: "no pipelines beside tasks")
            }
            return try ServedPipelineReader.pipelines(value, among: models)
        }
    }

    private func section(at path: String, _ document: YAMLValue?) throws(FileError) -> YAMLSection<Key> {
        if let document { return try document.section(Key.self) }
        return try YAMLValue(path: path).section(Key.self)
    }

    /// What loads are given for: tasks, pipelines, and models that belong to none.
    private static func asked(_ served: [Served], _ scenario: Scenario) -> [Served] {
        let tasks = scenario.tasks ?? []
        let pipelines = scenario.pipelines ?? []
        let parts = Set(
            tasks.flatMap { $0.variants.map(\.model) } + pipelines.flatMap { $0.stages.map(\.model) })
        func own(_ id: ModelID, like model: ModelID?) -> Served? {
            served.first { $0.model.id == model }.map { one in
                Served(
                    baseName: id.name,
                    model: Model(
                        id: id, title: id.name, source: one.model.source, kind: .figures,
                        latencyTarget: one.model.latencyTarget, querySizes: one.model.querySizes))
            }
        }
        return served.filter { !parts.contains($0.model.id) }
            + tasks.compactMap { own($0.id, like: $0.variants[0].model) }
            + pipelines.compactMap { own($0.id, like: $0.stages[0].model) }
    }

    /// Tasks have policies of their own, which are played where the scenario names none.
    private func choosePolicies(
        _ scenario: inout Scenario, _ section: YAMLSection<Key>
    ) throws(FileError) {
        guard let chosen = known.variantPolicies, let all = known.policies else { return }
        let isOfTasks = scenario.tasks != nil
        let usual = ReplaySettings()
        if isOfTasks, scenario.replay.policies == usual.policies {
            scenario.replay.policies = chosen
            scenario.replay.subject = chosen.last ?? usual.subject
            scenario.replay.baseline = chosen.first ?? usual.baseline
        }
        let expected = isOfTasks ? chosen : all.filter { !chosen.contains($0) }
        let found = scenario.replay.policies + [scenario.replay.subject, scenario.replay.baseline]
        guard let wrong = found.first(where: { !expected.contains($0) }),
            let value = section.optional(.replay)
        else { return }
        throw .unknownName(
            Place(file: value.file, line: value.line, key: "replay.policies"),
            kind: isOfTasks ? "a policy that chooses variants" : "a policy of models without tasks",
            found: wrong, known: expected)
    }

    /// Efficiencies that differ by a factor of ten are then a factor of ten thousand apart.
    private static let spreadMax = 4.0

    /// A scenario's name is its file's, by which results are found again.
    private static func wrongName(_ section: YAMLSection<Key>, of path: String) -> FileError? {
        let name = FileContents.stem(of: path)
        do throws(FileError) {
            try section.optional(.id)?.requireName(name)
        } catch {
            return error
        }
        guard !NameRule.allows(name) else { return nil }
        return .unreadable(
            file: path, found: "the name '\(name)'",
            expected: "a file name of lower-case letters, digits, '-', '_' and '.'")
    }

    /// Refuses to minimise what nothing prices: zero everywhere would look like a saving.
    private static func requirePrices(of replay: ReplaySettings, at value: YAMLValue) throws(FileError) {
        let tariff = replay.online?.tariff ?? EnergyTariff()
        let priced: (cost: PlanGoal.Cost, isPriced: Bool, keys: String)? =
            switch replay.objective {
            case .money: (.money, tariff.price != nil, "price_per_kilowatt_hour or price_file")
            case .carbon:
                (.carbon, tariff.carbonGrams != nil, "carbon_grams_per_kilowatt_hour or carbon_file")
            default: nil
            }
        guard let priced, UnpricedCost(priced.cost, isEnergyPriced: priced.isPriced) != nil else { return }
        throw .invalidValue(
            Place(file: value.file, line: value.line, key: "replay.objective"),
            found: "\(priced.cost.rawValue), and no price of it", expected: "\(priced.keys) in replay.tariff")
    }

    /// The files themselves are looked at when they are imported.
    private func imports(_ value: YAMLValue) throws(FileError) -> [ScenarioImport] {
        var imports: [ScenarioImport] = []
        for item in try value.filledList() {
            let section = try item.section(ImportKey.self)
            imports.append(
                ScenarioImport(
                    kind: try section[.kind].name(), file: try section[.file].path(),
                    mapping: try section.optional(.mapping)?.path(),
                    source: try section.optional(.source)?.text(),
                    licence: try section.optional(.licence)?.text(),
                    isOwn: try section.optional(.own)?.truth(),
                    derating: try section.optional(.derating).map { (value) throws(FileError) in
                        Fraction(try value.number(.positiveFraction))
                    }))
        }
        return imports
    }

    /// The name of a fleet, or its server types with their numbers.
    private func fleet(
        _ value: YAMLValue, ofScenario scenario: String
    ) throws(FileError) -> Fleet {
        if case .mapping = value.tree.content {
            let known = try catalog.serverTypeNames()
            return Fleet(id: scenario, counts: try FleetReader.counts(value, known: known))
        }
        let name = try value.name()
        let names = try catalog.fleetNames()
        guard names.contains(name) else {
            throw .unknownName(value.place, kind: "a fleet", found: name, known: names)
        }
        return try catalog.fleet(name)
    }

    private func trace(
        _ value: YAMLValue, served: [Served]
    ) throws(FileError) -> (Trace, TraceImportSummary) {
        let section = try value.section(TraceKey.self)
        var problems = FileProblems()
        let options = problems.reading { () throws(FileError) in try traceOptions(section) }
        var columns: [ModelID: String]?
        problems.put(section.optional(.columns), into: &columns) { (value) throws(FileError) in
            try perModel(value, served: served) { (value) throws(FileError) in try value.text() }
        }
        var peaks: [ModelID: QueriesPerSecond]?
        problems.put(section.optional(.peaks), into: &peaks) { (value) throws(FileError) in
            try perModel(value, served: served) { (value) throws(FileError) in
                QueriesPerSecond(try value.number(.positive))
            }
        }
        let shifts = problems.reading { () throws(FileError) in try self.shifts(section, served: served) }
        let path = problems.reading { () throws(FileError) in try self.path(ofTrace: section[.file]) }
        var scale: Double?
        problems.put(section.optional(.loadScale), into: &scale) { (value) throws(FileError) in
            try value.number(.positive)
        }
        var length: Nanoseconds?
        problems.put(section.optional(.days), into: &length) { (value) throws(FileError) in
            try value.duration(unitSeconds: 86_400)
        }
        try problems.throwAll()
        guard var options, let path, let shifts else { throw .missingKey(value.place) }
        options.loads = columns.map { .models($0) } ?? .allOtherColumns
        var (trace, summary) = try traces.read(path, options)
        if columns == nil { trace = try Self.byModel(trace, of: served, section) }
        func finished(_ trace: Trace) -> Trace {
            let scaled = scale.map(trace.scaled) ?? trace
            return length.map(scaled.head) ?? scaled
        }
        // Without peaks, the loads are what the file says.
        guard let peaks else { return (finished(trace.shifted(by: shifts)), summary) }
        if let empty = summary.series.first(where: { $0.maximum == .zero }) {
            throw .invalidValue(
                section.place(of: .columns),
                found:
                    "the column '\(empty.column)' of \(FileContents.name(of: path)), which is zero "
                    + "throughout",
                expected: "loads above zero to scale to a peak")
        }
        return (finished(trace.shifted(by: shifts).scaledToPeak(peaks)), summary)
    }

    private func traceOptions(
        _ section: YAMLSection<TraceKey>
    ) throws(FileError) -> TraceImportOptions {
        var options = TraceImportOptions()
        options.layout = try section.optional(.layout)?.word() ?? options.layout
        options.timeColumn = try section.optional(.timeColumn)?.text()
        options.timeZone = try section.optional(.timeZone)?.timeZone()
        options.timeFormat = try section.optional(.timeFormat)?.word() ?? options.timeFormat
        options.loadKind = try section.optional(.loadKind)?.word() ?? options.loadKind
        options.gapFill = try section.optional(.gapFill)?.word() ?? options.gapFill
        options.gapRowsMax = try section.optional(.gapRowsMax)?.wholeNumber() ?? options.gapRowsMax
        options.interval = try section.optional(.interval)?.duration(unitSeconds: 1)
        options.rowInterval = try section.optional(.rowInterval)?.duration(unitSeconds: 1)
        options.modelColumn = try section.optional(.modelColumn)?.text()
        options.valueColumn = try section.optional(.valueColumn)?.text()
        options.sumsSeries = try section.optional(.sumSeries)?.truth() ?? false
        try Self.requireEffect(of: options, section)
        return options
    }

    private func path(ofTrace value: YAMLValue) throws(FileError) -> String {
        guard try !value.text().hasSuffix(".yaml") else {
            throw value.refusal(expected: "a CSV file; a recipe has to be made into one first")
        }
        return try traces.path(of: value)
    }

    /// The loads of columns that are called like their models; the only column is the only model's.
    private static func byModel(
        _ trace: Trace, of served: [Served], _ section: YAMLSection<TraceKey>
    ) throws(FileError) -> Trace {
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        var lengths: [ModelID: TokenLengths] = [:]
        var mix: [ModelID: TokenMix] = [:]
        var problems = FileProblems()
        for one in served {
            let isOnly = served.count == 1 && trace.models.count == 1
            let name = isOnly ? trace.models[0] : ModelID(one.baseName)
            if let series = trace.loads[name] {
                loads[one.model.id] = series
                lengths[one.model.id] = trace.tokenLengths?[name]
                mix[one.model.id] = trace.tokenMix?[name]
            } else {
                problems.add(
                    .unknownName(
                        section.place(of: .columns), kind: "the column of the model's load",
                        found: one.baseName,
                        known: trace.models.map(\.name)))
            }
        }
        try problems.throwAll()
        var named = Trace(
            name: trace.name, startUnixSeconds: trace.startUnixSeconds, interval: trace.interval,
            loads: loads, tokenLengths: lengths.isEmpty ? nil : lengths)
        named.tokenMix = mix.isEmpty ? nil : mix
        return named
    }

    /// What is said of a trace has an effect, or is refused.
    private static func requireEffect(
        of options: TraceImportOptions, _ section: YAMLSection<TraceKey>
    ) throws(FileError) {
        let keys: [(TraceSaying, TraceKey)] = [
            (.timeColumn, .timeColumn), (.timeFormat, .timeFormat), (.timeZone, .timeZone),
            (.loadKind, .loadKind), (.modelColumn, .modelColumn), (.sumSeries, .sumSeries),
            (.gaps, .gapFill), (.gapRowsMax, .gapRowsMax),
        ]
        let said = Set(keys.filter { section.optional($0.1) != nil }.map(\.0))
        guard let (saying, reason) = options.saidInVain(said),
            let key = keys.first(where: { $0.0 == saying })?.1, let value = section.optional(key)
        else { return }
        throw value.refusal(expected: "no such key here, as \(reason)")
    }

    /// How much later each model's load comes than its column says; a model that is not named stays.
    private func shifts(
        _ section: YAMLSection<TraceKey>, served: [Served]
    ) throws(FileError) -> [ModelID: Nanoseconds] {
        guard let value = section.optional(.shifts) else { return [:] }
        return try perModel(value, served: served, isComplete: false) { (value) throws(FileError) in
            try value.duration(unitSeconds: 3600)
        }
    }

    /// A value for every model of the scenario, keyed in the file by the model's base name.
    private func perModel<Value>(
        _ value: YAMLValue, served: [Served], isComplete: Bool = true,
        reading read: (YAMLValue) throws(FileError) -> Value
    ) throws(FileError) -> [ModelID: Value] {
        var values: [ModelID: Value] = [:]
        var problems = FileProblems()
        for (name, value) in try value.entries() {
            guard let one = served.first(where: { $0.baseName == name }) else {
                problems.add(
                    .unknownName(
                        value.place, kind: "one of this scenario's models", found: name,
                        known: served.map(\.baseName)))
                continue
            }
            if let found = problems.reading({ () throws(FileError) in try read(value) }) {
                values[one.model.id] = found
            }
        }
        let named = Set(try value.entries().map(\.name))
        for missing in served where isComplete && !named.contains(missing.baseName) {
            problems.add(
                .missingKey(
                    Place(file: value.file, line: value.line, key: "\(value.key).\(missing.baseName)")))
        }
        try problems.throwAll()
        return values
    }

    /// Kinds of evidence, the strongest first, each once.
    private static func evidence(_ value: YAMLValue) throws(FileError) -> [EvidenceKind] {
        var kinds: [EvidenceKind] = []
        for item in try value.filledList() {
            let kind: EvidenceKind = try item.word()
            guard !kinds.contains(kind) else { throw item.refusal(expected: "each kind at most once") }
            kinds.append(kind)
        }
        return kinds
    }
}
