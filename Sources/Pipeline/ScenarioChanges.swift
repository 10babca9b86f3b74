import Catalog
import Provisioning
import Quantities
import Scheduling
import Vocabulary

/// What a command line says differently from a scenario file.
public struct ScenarioChanges: Sendable {
    public var seed: UInt64?
    /// Whether to measure beside other processes on the same cores; no part of the scenario.
    public var sharesHost = false
    public var cellSeconds: Double?
    public var confirmationSeconds: Double?
    /// Another engine instead of the scenario's, with settings of its own.
    public var engine: EngineSettings?
    /// Only this many days of the trace, from its start.
    public var days: Double?
    public var method: String?
    /// Names of policies, in the order to report them.
    public var policies: [String] = []
    public var baseline: String?
    public var gap: Double?
    public var trace: TraceChange?

    /// No change.
    public init() {}

    /// Another trace instead of the scenario's.
    public struct TraceChange: Sendable {
        public var path: String
        public var options: TraceImportOptions
        /// Whether each model's loads are scaled so that their maximum is that of the scenario's own trace.
        public var scalesToPeak: Bool
        /// `model=hours` texts: how much later a model's load comes than its column says.
        public var shifts: [String]

        /// - Parameters:
        ///   - path: a CSV file.
        ///   - options: how it is to be read.
        ///   - scalesToPeak: whether the scenario's peaks are kept.
        ///   - shifts: `model=hours` texts.
        public init(path: String, options: TraceImportOptions, scalesToPeak: Bool, shifts: [String] = []) {
            self.path = path
            self.options = options
            self.scalesToPeak = scalesToPeak
            self.shifts = shifts
        }
    }

    func applied(to original: Scenario, known: KnownNames) throws -> Scenario {
        var scenario = original
        if let seed { scenario.seed = seed }
        if let cellSeconds {
            scenario.profile.cellDuration = try Self.duration(cellSeconds, option: "--cell-seconds")
        }
        if let confirmationSeconds {
            scenario.profile.confirmationDuration = try Self.duration(
                confirmationSeconds, option: "--confirmation-seconds")
        }
        if let engine {
            _ = try Self.checked(engine.name, kind: "engine", Engines.names)
            scenario.profile.engine = engine
        }
        if let method {
            scenario.search.method = try Self.checked(
                method, kind: "search method", SearchMethods.all.map(\.name))
        }
        if let gap {
            guard gap.isFinite, gap >= 0, gap < 1 else {
                throw PipelineError.badOption(name: "--gap", found: "\(gap)", expected: "a number in 0..<1")
            }
            scenario.replay.gap = Fraction(gap)
        }
        try changePolicies(of: &scenario)
        if let trace { scenario.trace = try Self.trace(trace, for: scenario) }
        if let days { scenario.trace = try Self.head(of: scenario.trace, days: days) }
        return scenario
    }

    private func changePolicies(of scenario: inout Scenario) throws {
        let names = ProvisioningPolicies.names
        if !policies.isEmpty {
            scenario.replay.policies = try policies.map { try Self.checked($0, kind: "policy", names) }
        }
        if let baseline {
            scenario.replay.baseline = try Self.checked(baseline, kind: "policy", names)
        }
        for needed in [scenario.replay.subject, scenario.replay.baseline]
        where !scenario.replay.policies.contains(needed) {
            scenario.replay.policies.append(needed)
        }
    }

    private static func checked(_ name: String, kind: String, _ known: [String]) throws -> String {
        guard known.contains(name) else {
            throw PipelineError.unknownName(kind: kind, found: name, known: known)
        }
        return name
    }

    private static func duration(_ seconds: Double, option: String) throws -> Nanoseconds {
        guard seconds.isFinite, seconds >= 0.05, seconds <= 86_400 else {
            throw PipelineError.badOption(
                name: option, found: "\(seconds)", expected: "seconds in 0.05...86400")
        }
        return Nanoseconds(seconds: seconds)
    }

    static func head(of trace: Trace, days: Double) throws -> Trace {
        guard days.isFinite, days > 0 else {
            throw PipelineError.badOption(name: "--days", found: "\(days)", expected: "a positive number")
        }
        let intervals = Int(
            min((days * 86_400 / trace.interval.seconds).rounded(), Double(trace.intervalCount)))
        return Trace(
            name: trace.name, startUnixSeconds: trace.startUnixSeconds, interval: trace.interval,
            loads: trace.loads.mapValues { Array($0.prefix(max(intervals, 1))) })
    }

    /// Reads a trace for a scenario's models. A file with one load column gives every model its shape.
    private static func trace(_ change: TraceChange, for scenario: Scenario) throws -> Trace {
        var options = change.options
        let models = scenario.models.map(\.id)
        if case .columns(let columns) = options.loads, columns.count == 1 {
            options.loads = .models(Dictionary(uniqueKeysWithValues: models.map { ($0, columns[0]) }))
        } else if options.loadKind == .arrivals {
            // Arrivals give every model their shape.
            options.loads = .models(Dictionary(uniqueKeysWithValues: models.map { ($0, "") }))
        }
        let shifts = try shifts(change.shifts, for: scenario)
        let trace = try TraceImporter(options: options).read(path: change.path).trace.shifted(by: shifts)
        for model in trace.models where !models.contains(model) {
            throw PipelineError.unknownName(
                kind: "model of the trace", found: model.name, known: models.map(\.name))
        }
        guard change.scalesToPeak else { return trace }
        return trace.scaledToPeak(scenario.trace.peakDemand.loads)
    }

    private static func shifts(_ texts: [String], for scenario: Scenario) throws -> [ModelID: Nanoseconds] {
        var shifts: [ModelID: Nanoseconds] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let hours = Double(parts[1]), hours >= 0, hours <= 1e6 else {
                throw PipelineError.badOption(
                    name: "--shift", found: text, expected: "model=hours, for example ncf=6")
            }
            let model = try DemandOption.model(parts[0], in: scenario)
            guard shifts.updateValue(Nanoseconds(seconds: hours * 3600), forKey: model) == nil else {
                throw PipelineError.badOption(
                    name: "--shift", found: text, expected: "each model at most once")
            }
        }
        return shifts
    }
}

extension KnownNames {
    /// What this version of the tool has built in.
    static var builtIn: KnownNames {
        KnownNames(
            policies: ProvisioningPolicies.names, searchMethods: SearchMethods.all.map(\.name),
            engines: Engines.names, serverEngines: Engines.serverNames,
            forecasters: Forecasters.names)
    }
}
