import Catalog
import Files
import Forecasting
import Provisioning
import Quantities
import Scheduling
import Traces
import Vocabulary

/// What a command line says differently from a scenario file.
public struct ScenarioChanges: Sendable {
    public var seed: UInt64?
    /// Whether to measure beside other processes on the same cores; no part of the scenario.
    public var sharesHost = false
    /// Of load in each cell of a profile.
    public var cellDuration: Nanoseconds?
    /// Of each live check of a best schedule.
    public var confirmationDuration: Nanoseconds?
    /// Another engine instead of the scenario's, with settings of its own.
    public var engine: EngineSettings?
    /// Only this length of the trace, from its start; above zero.
    public var traceLength: Nanoseconds?
    /// The name of a search method.
    public var method: String?
    /// Names of policies, in the order to report them.
    public var policies: [String] = []
    public var baseline: String?
    /// The relative optimality gap at which planning may stop.
    public var gap: Fraction?
    public var trace: TraceChange?

    /// No change.
    public init() {}

    /// Another trace instead of the scenario's.
    public struct TraceChange: Sendable {
        public var path: String
        public var options: TraceImportOptions
        /// Whether each model's loads are scaled so that their maximum is that of the scenario's own trace.
        public var scalesToPeak: Bool
        /// How much later a model's load comes than its column says, by names that people know models by.
        public var shifts: [ModelID: Nanoseconds]

        /// - Parameters:
        ///   - path: a CSV file.
        ///   - options: how it is to be read.
        ///   - scalesToPeak: whether the scenario's peaks are kept.
        ///   - shifts: how much later the loads of some models come.
        public init(
            path: String, options: TraceImportOptions, scalesToPeak: Bool = false,
            shifts: [ModelID: Nanoseconds] = [:]
        ) {
            self.path = path
            self.options = options
            self.scalesToPeak = scalesToPeak
            self.shifts = shifts
        }
    }

    /// A scenario with these changes.
    /// - Parameter known: the policies, methods and engines there are.
    /// - Throws: `PipelineError.unknownName` or `.badValue`; `FileError` where the trace cannot be read.
    package func applied(to original: Scenario, known: KnownNames) throws -> Scenario {
        var scenario = original
        scenario.seed = seed ?? scenario.seed
        scenario.profile.cellDuration = cellDuration ?? scenario.profile.cellDuration
        scenario.profile.confirmationDuration = confirmationDuration ?? scenario.profile.confirmationDuration
        if let engine {
            _ = try Self.checked(engine.name, kind: "engine", known.engines)
            scenario.profile.engine = engine
        }
        if let method {
            scenario.search.method = try Self.checked(method, kind: "search method", known.searchMethods)
        }
        scenario.replay.gap = gap ?? scenario.replay.gap
        try changePolicies(of: &scenario, known.policies)
        if let trace { scenario.trace = try trace.trace(for: scenario) }
        if let traceLength { scenario.trace = try scenario.requiredTrace().head(traceLength) }
        if let trace = scenario.trace { scenario.trace = try TokenWork(scenario).weighed(trace) }
        try ReplayLimits.check(scenario)
        return scenario
    }

    private func changePolicies(of scenario: inout Scenario, _ known: [String]?) throws {
        if !policies.isEmpty {
            scenario.replay.policies = try policies.map { try Self.checked($0, kind: "policy", known) }
        }
        if let baseline {
            scenario.replay.baseline = try Self.checked(baseline, kind: "policy", known)
        }
        for needed in [scenario.replay.subject, scenario.replay.baseline]
        where !scenario.replay.policies.contains(needed) {
            scenario.replay.policies.append(needed)
        }
    }

    /// - Parameter known: nil where every name may be.
    private static func checked(_ name: String, kind: String, _ known: [String]?) throws -> String {
        if let known, !known.contains(name) {
            throw PipelineError.unknownName(kind: kind, found: name, known: known)
        }
        return name
    }
}

extension ScenarioChanges.TraceChange {
    /// Reads the file as its own columns name the loads.
    /// - Throws: `PipelineError.unknownName` where a column was asked for that the file does not have,
    ///   `FileError` where the file is of no use.
    func read() throws -> (trace: Trace, summary: TraceImportSummary) {
        do throws(FileError) {
            return try TraceImporter(options: options).read(path: path)
        } catch {
            guard case .unknownName(_, _, let found, let known) = error, namedColumns.contains(found) else {
                throw error
            }
            throw PipelineError.unknownName(kind: "column of \(path)", found: found, known: known)
        }
    }

    private var namedColumns: [String] {
        let loads: [String] =
            switch options.loads {
            case .allOtherColumns: []
            case .columns(let names): names
            case .models(let columns): Array(columns.values)
            }
        return loads + [options.timeColumn, options.modelColumn, options.valueColumn].compactMap { $0 }
    }

    /// The name of the one series that the file has, however it is read; nil where there may be several.
    private var onlySeries: String? {
        let read = options.layout.applied(to: options)
        if read.sumsSeries { return "sum" }
        return read.loadKind == .arrivals && read.modelColumn == nil ? "arrivals" : nil
    }

    /// Reads the file for a scenario's models. One load column gives every model its shape.
    func trace(for scenario: Scenario) throws -> Trace {
        var change = self
        let models = scenario.asked
        switch options.loads {
        case .columns(let columns) where columns.count == 1:
            change.options.loads = .models(Dictionary(uniqueKeysWithValues: models.map { ($0, columns[0]) }))
        case .columns(let columns):
            let named = Dictionary(columns.map { (ModelID($0), $0) }) { first, _ in first }
            change.options.loads = .models(try scenario.byModel(named))
        case .models(let columns): change.options.loads = .models(try scenario.byModel(columns))
        case .allOtherColumns:
            if let only = onlySeries {
                // One stream of arrivals is the load of one model. It gives several their shape, never all of
                // it to each of them.
                guard models.count == 1 || scalesToPeak else {
                    throw PipelineError.badValue(
                        name: "trace", found: "one series of loads for \(models.count) models",
                        expected: "a column of models that splits it, its shape alone (scaled to the peaks), "
                            + "or '\(only)' named as the column of loads of each model")
                }
                change.options.loads = .models(Dictionary(uniqueKeysWithValues: models.map { ($0, only) }))
            }
        }
        let shifts = try scenario.byModel(shifts)
        let trace = try change.read().trace.shifted(by: shifts)
        for model in trace.models where !models.contains(model) {
            throw FileError.unknownName(
                Place(file: path, line: nil, key: ""), kind: "a column named like a model of the scenario",
                found: model.name, known: models.map(\.name))
        }
        guard scalesToPeak else { return trace }
        return trace.scaledToPeak(try scenario.requiredTrace().peakDemand.loads)
    }
}

extension KnownNames {
    /// What this version of the tool has built in.
    public static var builtIn: KnownNames {
        KnownNames(
            policies: ProvisioningPolicies.names + VariantPolicy.names, searchMethods: SearchMethods.names,
            engines: Engines.names, serverEngines: Engines.serverNames,
            forecasters: Forecasters.names, variantPolicies: VariantPolicy.names)
    }
}
