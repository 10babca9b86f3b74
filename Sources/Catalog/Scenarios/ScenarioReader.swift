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
    }

    private enum ImportKey: String, SectionKey {
        case kind, file, mapping
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
        case interval = "interval_seconds"
        case rowInterval = "row_interval_seconds"
        case gapFill = "gap_fill"
        case gapRowsMax = "gap_rows_max"
        case shifts = "shift_hours"
    }

    private typealias Served = ServedModels.Served

    func scenario(at path: String) throws(FileError) -> ResolvedScenario {
        let section = try YAMLValue(path: path).section(Key.self)
        let id = FileContents.stem(of: path)
        try section[.id].requireName(id)
        let settings = SettingsReader(known: known, traces: traces)
        let title = try section[.title].text()
        let seed = try section[.seed].seed()
        let profile = try settings.profile(section[.profile])
        let search = try settings.search(section[.search])
        let served = try ServedModels(catalog: catalog).models(section[.models])
        let fleet = try fleet(section[.fleet])
        let modelNames = served.map { (name: $0.baseName, id: $0.model.id) }
        let replay = try settings.replay(
            section[.replay],
            current: CurrentAllocationReader(models: modelNames, fleet: fleet, traces: traces))
        try Self.requirePrices(of: replay, at: section[.replay])
        let reader = catalog.serverTypeReader(host: host)
        var serverTypes: [ServerType] = []
        for type in fleet.serverTypes { serverTypes.append(try catalog.serverType(type, reader: reader)) }
        let plan = try section.optional(.plan).map { (value) throws(FileError) in
            try PlanGoalReader(names: FleetNames(models: modelNames, serverTypes: fleet.serverTypes))
                .goal(value)
        }
        let (trace, summary) = try trace(section[.trace], served: served)
        let imports = try section.optional(.imports).map { (value) throws(FileError) in
            try self.imports(value)
        }
        let evidence = try section.optional(.evidence).map { (value) throws(FileError) in
            try Self.evidence(value)
        }
        return ResolvedScenario(
            scenario: Scenario(
                id: id, title: title, seed: seed, models: served.map(\.model), fleet: fleet,
                serverTypes: serverTypes,
                trace: trace, profile: profile, search: search, plan: plan, replay: replay, imports: imports,
                evidence: evidence),
            traceSummary: summary)
    }

    /// Refuses to minimise what nothing prices: zero everywhere would look like a saving.
    private static func requirePrices(of replay: ReplaySettings, at value: YAMLValue) throws(FileError) {
        let tariff = replay.online?.tariff ?? EnergyTariff()
        let missing: (cost: PlanGoal.Cost, key: String)? =
            switch replay.objective {
            case .money where tariff.price == nil: (.money, "price_per_kilowatt_hour or price_file")
            case .carbon where tariff.carbonGrams == nil:
                (.carbon, "carbon_grams_per_kilowatt_hour or carbon_file")
            default: nil
            }
        guard let missing else { return }
        throw .invalidValue(
            Place(file: value.file, line: value.line, key: "replay.objective"),
            found: "\(missing.cost.rawValue), and no price of it", expected: "\(missing.key) in replay.tariff"
        )
    }

    /// The files themselves are looked at when they are imported.
    private func imports(_ value: YAMLValue) throws(FileError) -> [ScenarioImport] {
        var imports: [ScenarioImport] = []
        for item in try value.filledList() {
            let section = try item.section(ImportKey.self)
            imports.append(
                ScenarioImport(
                    kind: try section[.kind].name(), file: try section[.file].path(),
                    mapping: try section.optional(.mapping)?.path()))
        }
        return imports
    }

    private func fleet(_ value: YAMLValue) throws(FileError) -> Fleet {
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
        var options = TraceImportOptions()
        options.layout = try section.optional(.layout)?.word() ?? options.layout
        // The other layouts know theirs.
        if options.layout == .table || section.optional(.timeColumn) != nil {
            options.timeColumn = try section[.timeColumn].text()
        }
        options.timeZone = try section.optional(.timeZone)?.timeZone()
        options.timeFormat = try section.optional(.timeFormat)?.word() ?? options.timeFormat
        options.loadKind = try section.optional(.loadKind)?.word() ?? options.loadKind
        options.gapFill = try section.optional(.gapFill)?.word() ?? options.gapFill
        options.gapRowsMax = try section.optional(.gapRowsMax)?.wholeNumber() ?? options.gapRowsMax
        options.interval = try section.optional(.interval)?.duration(unitSeconds: 1)
        options.rowInterval = try section.optional(.rowInterval)?.duration(unitSeconds: 1)
        let columns = try perModel(section[.columns], served: served) { (value) throws(FileError) in
            try value.text()
        }
        options.loads = .models(columns)
        let peaks = try perModel(section[.peaks], served: served) { (value) throws(FileError) in
            QueriesPerSecond(try value.number(.positive))
        }
        let file = try section[.file].text()
        guard !file.hasSuffix(".yaml") else {
            throw try section[.file].refusal(expected: "a CSV file; a recipe has to be made into one first")
        }
        if !file.contains("/") {
            let files = try FileContents.names(in: traces.path, suffix: ".csv").map {
                $0 + ".csv"
            }
            guard files.contains(file) else {
                throw .unknownName(try section[.file].place, kind: "a trace", found: file, known: files)
            }
        }
        let (trace, summary) = try traces.read(traces.path(of: file), options)
        if let empty = summary.series.first(where: { $0.maximum == .zero }) {
            throw .invalidValue(
                try section[.columns].place,
                found: "the column '\(empty.column)' of \(file), which is zero throughout",
                expected: "loads above zero to scale to a peak")
        }
        return (trace.shifted(by: try shifts(section, served: served)).scaledToPeak(peaks), summary)
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
        for (name, value) in try value.entries() {
            guard let one = served.first(where: { $0.baseName == name }) else {
                throw .unknownName(
                    value.place, kind: "one of this scenario's models", found: name,
                    known: served.map(\.baseName))
            }
            values[one.model.id] = try read(value)
        }
        if isComplete, let missing = served.first(where: { values[$0.model.id] == nil }) {
            throw .missingKey(
                Place(file: value.file, line: value.line, key: "\(value.key).\(missing.baseName)"))
        }
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
