import Files
import Quantities
import Vocabulary

/// Reads `controller/<name>.yaml` and the scenario that it controls.
struct ControllerReader {
    let catalog: Catalog
    let scenarios: ScenarioReader

    private enum Key: String, SectionKey {
        case id, title, scenario, mode
        case interval = "interval_seconds"
        case input, models, limits, interface, database, baseline, alarms
        case failSafe = "fail_safe"
        case retention = "retention_days"
    }

    private enum InputKey: String, SectionKey {
        case prometheus, trace, push
    }

    private enum PrometheusKey: String, SectionKey {
        case url, headers, certificate, key
        case bearer = "bearer_file"
        case basicUser = "basic_user"
        case basicPassword = "basic_password_file"
        case authority = "ca_file"
        case deadline = "deadline_seconds"
    }

    private enum ModelKey: String, SectionKey {
        case counter, expression, companion, trust
        case scrape = "scrape_seconds"
        case window = "window_seconds"
        case stale = "stale_scrapes"
        case complete = "complete_fraction"
        case series = "series_max"
        case skew = "skew_seconds"
        case delay = "delay_seconds"
    }

    private enum LimitKey: String, SectionKey {
        case starts = "starts_fraction"
        case startsLeast = "starts_least"
        case stops = "stops_fraction"
        case stopsLeast = "stops_least"
        case windowStops = "window_stops_fraction"
        case window = "window_seconds"
        case stopWindow = "stop_window_seconds"
        case watts = "watts_max"
        case servers, models, pairs
    }

    private enum BoundKey: String, SectionKey {
        case min, max
    }

    private enum AlarmKey: String, SectionKey {
        case webhook
        case bearer = "bearer_file"
        case authority = "ca_file"
    }

    private enum InterfaceKey: String, SectionKey {
        case listen, names, certificate, key, tokens
    }

    /// - Throws: everything that is wrong with the file and with its scenario.
    func controller(
        at path: String
    ) throws(FileError) -> (document: ControllerDocument, scenario: ResolvedScenario) {
        let section = try YAMLValue(path: path).section(Key.self)
        let id = FileContents.stem(of: path)
        var problems = FileProblems()
        _ = problems.reading { () throws(FileError) in try section.optional(.id)?.requireName(id) }
        let file = problems.reading { () throws(FileError) in
            try catalog.scenarioPath(section[.scenario])
        }
        let resolved = file.flatMap { file in
            problems.reading { () throws(FileError) in try scenarios.scenario(at: file) }
        }
        let input = problems.reading { () throws(FileError) in
            try self.input(section[.input], trace: resolved.map { $0.scenario.trace != nil })
        }
        var document = ControllerDocument(
            id: id, title: id, scenarioPath: file ?? "", input: input ?? .trace)
        common(section, &document, &problems)
        if let resolved {
            let names = FleetNames(
                models: resolved.scenario.models.map { ($0.id.name, $0.id) },
                serverTypes: resolved.scenario.fleet.serverTypes)
            problems.put(section.optional(.limits), into: &document.limits) { (value) throws(FileError) in
                try self.limits(value, names)
            }
            if case .trace? = input {
                if let stray = section.optional(.models) {
                    problems.add(stray.refusal(expected: "no queries beside a trace"))
                }
                for model in resolved.scenario.models { document.models[model.id] = .init() }
            } else if let models = problems.reading({ () throws(FileError) in
                try self.models(section[.models], names, place: section.place(of: .models))
            }) {
                document.models = models
            }
        }
        try problems.throwAll()
        guard let resolved else { throw .missingKey(section.place(of: .scenario)) }
        return (document, resolved)
    }

    private func common(
        _ section: YAMLSection<Key>, _ document: inout ControllerDocument, _ problems: inout FileProblems
    ) {
        problems.put(section.optional(.title), into: &document.title) { (value) throws(FileError) in
            try value.text()
        }
        problems.put(section.optional(.mode), into: &document.mode) { (value) throws(FileError) in
            try value.word()
        }
        problems.put(section.optional(.interval), into: &document.interval) { (value) throws(FileError) in
            try value.duration(unitSeconds: 1, from: 1, to: 86_400)
        }
        problems.put(section.optional(.failSafe), into: &document.failSafe) { (value) throws(FileError) in
            try value.word()
        }
        problems.put(section.optional(.database), into: &document.database) { (value) throws(FileError) in
            try value.path()
        }
        problems.put(section.optional(.retention), into: &document.retentionDays) {
            (value) throws(FileError) in try value.wholeNumber(from: 1, to: 3660)
        }
        problems.put(section.optional(.baseline), into: &document.baseline) { (value) throws(FileError) in
            try value.choice(of: ["reactive", "greedy", "static"])
        }
        problems.put(section.optional(.interface), into: &document.interface, interface)
        problems.put(section.optional(.alarms), into: &document.alarms) { (value) throws(FileError) in
            try alarms(value)
        }
    }
}

// MARK: - Sections

extension ControllerReader {
    private func input(
        _ value: YAMLValue, trace hasTrace: Bool?
    ) throws(FileError) -> ControllerDocument.Input {
        let section = try value.section(InputKey.self)
        let (key, given) = try section.only(of: [.prometheus, .trace, .push], none: "none of them")
        switch key {
        case .prometheus: return .prometheus(try prometheus(given))
        case .trace, .push:
            guard try given.truth() else { throw given.refusal(expected: "true") }
            guard key == .push || hasTrace != false else {
                throw given.refusal(expected: "a scenario that has a trace")
            }
            return key == .push ? .push : .trace
        }
    }

    private func prometheus(_ value: YAMLValue) throws(FileError) -> ControllerDocument.Prometheus {
        let section = try value.section(PrometheusKey.self)
        var problems = FileProblems()
        let url = problems.reading { () throws(FileError) in try address(section[.url]) }
        var settings = ControllerDocument.Prometheus(url: url ?? "")
        func path(_ key: PrometheusKey, _ setting: inout String?) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.path()
            }
        }
        path(.bearer, &settings.bearerFile)
        path(.basicPassword, &settings.basicPasswordFile)
        path(.authority, &settings.caFile)
        path(.certificate, &settings.certificate)
        path(.key, &settings.key)
        problems.put(section.optional(.basicUser), into: &settings.basicUser) { (value) throws(FileError) in
            try value.text()
        }
        problems.put(section.optional(.deadline), into: &settings.deadlineSeconds) {
            (value) throws(FileError) in try value.number(.from(0.1, to: 3600))
        }
        problems.put(section.optional(.headers), into: &settings.headers) { (value) throws(FileError) in
            var headers: [String: String] = [:]
            for (name, each) in try value.entries() { headers[name] = each.scalarText ?? "" }
            return headers
        }
        if (settings.certificate == nil) != (settings.key == nil) {
            problems.add(
                .invalidValue(
                    section.place, found: "one of certificate and key", expected: "both, or neither"))
        }
        if (settings.basicUser == nil) != (settings.basicPasswordFile == nil) {
            problems.add(
                .invalidValue(
                    section.place, found: "one of basic_user and basic_password_file",
                    expected: "both, or neither"))
        }
        try problems.throwAll()
        return settings
    }

    private func models(
        _ value: YAMLValue, _ names: FleetNames, place: Place
    ) throws(FileError) -> [ModelID: ControllerDocument.ModelInput] {
        var problems = FileProblems()
        var inputs: [ModelID: ControllerDocument.ModelInput] = [:]
        for (name, each) in try value.entries() {
            let read = problems.reading { () throws(FileError) in
                (try names.model(name, each), try modelInput(each))
            }
            if let read { inputs[read.0] = read.1 }
        }
        for (name, id) in names.models where inputs[id] == nil {
            problems.add(
                .missingKey(Place(file: place.file, line: place.line, key: "\(place.key).\(name)")))
        }
        try problems.throwAll()
        return inputs
    }

    private func modelInput(_ value: YAMLValue) throws(FileError) -> ControllerDocument.ModelInput {
        let section = try value.section(ModelKey.self)
        var input = ControllerDocument.ModelInput()
        var problems = FileProblems()
        _ = problems.reading { () throws(FileError) in try section.either(.counter, .expression) }
        func text(_ key: ModelKey, _ setting: inout String?) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.text()
            }
        }
        text(.counter, &input.counter)
        text(.expression, &input.expression)
        text(.companion, &input.companion)
        problems.put(section.optional(.trust), into: &input.trustsAnyway) { (value) throws(FileError) in
            try value.choice(of: ["checked", "anyway"]) == "anyway"
        }
        func number(_ key: ModelKey, _ range: NumberRange, _ setting: inout Double) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.number(range)
            }
        }
        number(.window, .from(1, to: 86_400), &input.windowSeconds)
        number(.stale, .from(1, to: 100), &input.staleScrapes)
        number(.complete, .positiveFraction, &input.completeShare)
        number(.skew, .from(0.1, to: 3600), &input.skewSeconds)
        number(.delay, .from(0, to: 3600), &input.delaySeconds)
        problems.put(section.optional(.scrape), into: &input.scrapeSeconds) { (value) throws(FileError) in
            try value.number(.from(0.05, to: 3600))
        }
        problems.put(section.optional(.series), into: &input.seriesMax) { (value) throws(FileError) in
            try value.wholeNumber()
        }
        try problems.throwAll()
        return input
    }

    private func limits(
        _ value: YAMLValue, _ names: FleetNames
    ) throws(FileError) -> ControllerDocument.Limits {
        let section = try value.section(LimitKey.self)
        var limits = ControllerDocument.Limits()
        var problems = FileProblems()
        func share(_ key: LimitKey, _ setting: inout Double) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.number(.fraction)
            }
        }
        share(.starts, &limits.startsShare)
        share(.stops, &limits.stopsShare)
        share(.windowStops, &limits.windowStopsShare)
        func count(_ key: LimitKey, _ setting: inout Int) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.wholeNumber(from: 0)
            }
        }
        count(.startsLeast, &limits.startsLeast)
        count(.stopsLeast, &limits.stopsLeast)
        problems.put(section.optional(.window), into: &limits.window) { (value) throws(FileError) in
            try value.duration(unitSeconds: 1, from: 1, to: 86_400)
        }
        problems.put(section.optional(.stopWindow), into: &limits.stopWindow) { (value) throws(FileError) in
            Nanoseconds(seconds: try value.number(.from(0, to: 86_400)))
        }
        problems.put(section.optional(.watts), into: &limits.watts) { (value) throws(FileError) in
            try value.number(.positive)
        }
        problems.put(section.optional(.servers), into: &limits.fleet, bounds)
        problems.put(section.optional(.models), into: &limits.models) { (value) throws(FileError) in
            var models: [ModelID: ControllerDocument.Bounds] = [:]
            for (name, each) in try value.entries() { models[try names.model(name, each)] = try bounds(each) }
            return models
        }
        problems.put(section.optional(.pairs), into: &limits.pairs) { (value) throws(FileError) in
            var pairs: [ModelOnServer: ControllerDocument.Bounds] = [:]
            for (name, types) in try value.entries() {
                let model = try names.model(name, types)
                for (type, each) in try types.entries() {
                    pairs[ModelOnServer(model: model, serverType: try names.type(type, each))] =
                        try bounds(each)
                }
            }
            return pairs
        }
        try problems.throwAll()
        return limits
    }

    private func bounds(_ value: YAMLValue) throws(FileError) -> ControllerDocument.Bounds {
        let section = try value.section(BoundKey.self)
        let least = try section.optional(.min)?.wholeNumber(from: 0)
        let most = try section.optional(.max)?.wholeNumber(from: 0)
        if let least, let most, least > most {
            throw .invalidValue(
                section.place(of: .min), found: "\(least)", expected: "at most \(most), which is max")
        }
        return ControllerDocument.Bounds(min: least, max: most)
    }

    private func interface(_ value: YAMLValue) throws(FileError) -> ControllerDocument.Interface {
        let section = try value.section(InterfaceKey.self)
        var interface = ControllerDocument.Interface()
        var problems = FileProblems()
        problems.put(section.optional(.listen), into: &interface.listen) { (value) throws(FileError) in
            try value.text()
        }
        problems.put(section.optional(.names), into: &interface.names) { (value) throws(FileError) in
            var names: [String] = []
            for each in try value.list() { names.append(try each.text()) }
            return names
        }
        func path(_ key: InterfaceKey, _ setting: inout String?) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.path()
            }
        }
        path(.certificate, &interface.certificate)
        path(.key, &interface.key)
        path(.tokens, &interface.tokens)
        try problems.throwAll()
        return interface
    }

    private func alarms(_ value: YAMLValue) throws(FileError) -> ControllerDocument.Alarms {
        let section = try value.section(AlarmKey.self)
        var problems = FileProblems()
        let webhook = problems.reading { () throws(FileError) in try address(section[.webhook]) }
        var alarms = ControllerDocument.Alarms(webhook: webhook ?? "")
        func path(_ key: AlarmKey, _ setting: inout String?) {
            problems.put(section.optional(key), into: &setting) { (value) throws(FileError) in
                try value.path()
            }
        }
        path(.bearer, &alarms.bearerFile)
        path(.authority, &alarms.caFile)
        try problems.throwAll()
        return alarms
    }

    private func address(_ value: YAMLValue) throws(FileError) -> String {
        let text = try value.text()
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw value.refusal(expected: "an address that begins with http:// or https://")
        }
        return text
    }
}
