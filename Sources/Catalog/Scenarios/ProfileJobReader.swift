import Files
import Quantities
import Vocabulary

/// A job as its file says it, and how long it may take.
public struct ResolvedProfileJob: Hashable, Sendable {
    public let job: ProfileJob
    public let limits: JobLimits
}

/// Reads `jobs/<name>.yaml` and resolves the models it names through the catalogue.
struct ProfileJobReader {
    let catalog: Catalog
    let known: KnownNames

    private enum Key: String, SectionKey {
        case id, title, seed, models, engines, server, hosts, schedules, loads, repetitions
        case cell = "cell_seconds"
        case timeBudget = "time_budget_minutes"
        case attemptsMax = "attempts_max"
    }

    private enum HostKey: String, SectionKey {
        case name, server
    }

    private enum GridKey: String, SectionKey {
        case grid
    }

    private enum GridPartKey: String, SectionKey {
        case batches
    }

    private enum ScheduleKey: String, SectionKey {
        case threads, workers, batch, precision
        case joinWait = "join_wait_ms"
    }

    private enum LoadKey: String, SectionKey {
        case saturationFraction = "saturation_fraction"
        case rate = "queries_per_second"
    }

    /// What a closed loop is called.
    private static let closedWord = "closed"

    func job(at path: String) throws(FileError) -> ResolvedProfileJob {
        let section = try YAMLValue(path: path).section(Key.self)
        let id = FileContents.stem(of: path)
        try section[.id].requireName(id)
        let job = ProfileJob(
            id: id, title: try section[.title].text(), seed: try section[.seed].seed(),
            models: try models(section[.models]), engines: try engines(section[.engines]),
            hosts: try hosts(section), schedules: try schedules(section[.schedules]),
            loads: try loads(section[.loads]),
            repetitions: try section.optional(.repetitions)?.wholeNumber(to: 1000) ?? 1,
            cellDuration: try section[.cell].duration(unitSeconds: 1, from: 0.05, to: 86_400))
        let limits = JobLimits(
            timeBudget: try section.optional(.timeBudget)?.duration(
                unitSeconds: 60, from: 1e-6, to: 1_000_000),
            attemptsMax: try section.optional(.attemptsMax)?.wholeNumber(to: 100) ?? 3)
        return ResolvedProfileJob(job: job, limits: limits)
    }

    private func models(_ value: YAMLValue) throws(FileError) -> [Model] {
        let served = try ServedModels(catalog: catalog)
        return try served.models(value).map(\.model)
    }

    private func engines(_ value: YAMLValue) throws(FileError) -> [EngineSettings] {
        var engines: [EngineSettings] = []
        for item in try value.filledList() {
            let engine = try EngineSettingsReader.engine(item, known: known)
            guard !engines.contains(where: { $0.deciding == engine.deciding }) else {
                throw .invalidValue(
                    item.place, found: "\(engine.name) a second time", expected: "every engine once")
            }
            engines.append(engine)
        }
        return engines
    }

    /// `server: TYPE` for every host, or a list of `hosts` by name.
    private func hosts(_ section: YAMLSection<Key>) throws(FileError) -> [HostRule] {
        let (key, value) = try section.either(.server, .hosts)
        if key == .server { return [HostRule(pattern: "*", serverType: try serverType(value))] }
        var rules: [HostRule] = []
        for item in try value.filledList() {
            let section = try item.section(HostKey.self)
            rules.append(
                HostRule(
                    pattern: try section[.name].text(), serverType: try serverType(section[.server])))
        }
        return rules
    }

    private func serverType(_ value: YAMLValue) throws(FileError) -> ServerTypeID {
        let name = try value.name()
        let names = try catalog.serverTypeNames()
        guard names.contains(name) else {
            throw .unknownName(value.place, kind: "a server type", found: name, known: names)
        }
        return ServerTypeID(name)
    }

    /// A grid over the host's cores, or a list of schedules.
    private func schedules(_ value: YAMLValue) throws(FileError) -> JobSchedules {
        if case .mapping = value.tree.content {
            let grid = try value.section(GridKey.self)[.grid].section(GridPartKey.self)
            var batches: [Int] = []
            for item in try grid[.batches].filledList(max: BatchBounds.countMax) {
                batches.append(
                    try item.wholeNumber(from: (batches.last ?? 0) + 1, to: BatchBounds.itemsMax))
            }
            return .grid(batches: batches)
        }
        var schedules: [Schedule] = []
        for item in try value.filledList() {
            let section = try item.section(ScheduleKey.self)
            let schedule = Schedule(
                partition: .whole, threads: try section[.threads].wholeNumber(to: 100_000),
                workers: try section.optional(.workers)?.wholeNumber(to: 100_000) ?? 1,
                batch: try section[.batch].wholeNumber(to: BatchBounds.itemsMax),
                precision: try section.optional(.precision).map { (value) throws(FileError) in
                    try SettingsReader.choice(value, "a precision", among: Precision.allCases)
                } ?? .default,
                joinWait: try section.optional(.joinWait).map { (value) throws(FileError) in
                    Nanoseconds(milliseconds: try value.number(.waitMilliseconds))
                })
            guard !schedules.contains(schedule) else {
                throw .invalidValue(
                    item.place, found: "\(schedule) a second time", expected: "every schedule once")
            }
            schedules.append(schedule)
        }
        return .list(schedules)
    }

    private func loads(_ value: YAMLValue) throws(FileError) -> [OfferedLoad] {
        var loads: [OfferedLoad] = []
        for item in try value.filledList() {
            let load = try load(item)
            guard !loads.contains(load) else {
                throw .invalidValue(
                    item.place, found: "\(load) a second time", expected: "every load once")
            }
            loads.append(load)
        }
        return loads
    }

    private func load(_ value: YAMLValue) throws(FileError) -> OfferedLoad {
        guard case .mapping = value.tree.content else {
            guard value.plainText == Self.closedWord else {
                throw value.refusal(
                    expected: "\(Self.closedWord), \(LoadKey.names.joined(separator: ": ... or ")): ...")
            }
            return .closed
        }
        let (key, number) = try value.section(LoadKey.self).either(.saturationFraction, .rate)
        switch key {
        case .saturationFraction: return .saturationFraction(Fraction(try number.number(.openFraction)))
        case .rate: return .rate(QueriesPerSecond(try number.number(.positive)))
        }
    }
}
