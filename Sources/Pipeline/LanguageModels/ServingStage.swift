import Catalog
import Files
import Foundation
import Quantities
import Reporting
import ServerModels
import Store
import Vocabulary

/// Simulates clusters that serve language models; where a database is named, outcomes are kept there.
public struct ServingStage: Sendable {
    private let cluster: ServingCluster
    private let simulation: ServingSimulation
    private let seed: UInt64
    /// Where outcomes are kept and calibrations are found; nil for nowhere.
    private let store: Store?

    /// - Parameters:
    ///   - path: the cluster's file.
    ///   - seed: in place of the cluster's own.
    ///   - database: where outcomes are kept and calibrations are found; nil keeps nothing.
    ///   - calibration: the number of the calibration that all engines take in place of their constants.
    /// - Throws: `FileError`; `PipelineError.unplayable` where the model does not fit, or a figure is
    ///   missing.
    public init(
        clusterAt path: String, seed: UInt64? = nil, database: String? = nil, calibration: Int64? = nil
    ) throws {
        let catalog = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
        var cluster = try catalog.servingCluster(at: path)
        store = try database.map { try Store(path: $0) }
        try Self.lookUp(calibration, in: store, at: path, for: &cluster)
        simulation = try Self.simulation(cluster, path)
        self.cluster = cluster
        self.seed = seed ?? cluster.seed
    }

    /// One engine in place of a cluster's file.
    /// - Throws: `PipelineError.unknownName`; `PipelineError.unplayable` as above.
    public init(engine: SingleEngine, seed: UInt64? = nil, database: String? = nil) throws {
        cluster = try engine.cluster()
        simulation = try Self.simulation(cluster, cluster.name)
        self.seed = seed ?? cluster.seed
        store = try database.map { try Store(path: $0) }
    }

    private static func simulation(_ cluster: ServingCluster, _ place: String) throws -> ServingSimulation {
        do {
            return try ServingSimulation(cluster)
        } catch {
            throw PipelineError.unplayable(file: place, fault: "\(error)")
        }
    }

    /// Puts stored constants where the cluster asks for them.
    private static func lookUp(
        _ number: Int64?, in store: Store?, at path: String, for cluster: inout ServingCluster
    ) throws {
        for pool in cluster.pools.indices {
            for index in cluster.pools[pool].engines.indices {
                let engine = cluster.pools[pool].engines[index]
                guard number != nil || engine.timing == .calibrated else { continue }
                let place = "\(path): \(cluster.engineKey(ofPool: pool))[\(index)].constants"
                let found = try constants(
                    number, of: subject(of: engine, cluster.pools[pool]), in: store, place: place)
                cluster.pools[pool].engines[index].timing = .constants(found.constants)
                if cluster.client == nil, let before = found.clientBeforeSeconds {
                    cluster.client = ClientOverhead(beforeSeconds: before, origin: found.constants.origin)
                }
            }
        }
    }

    private static func constants(
        _ number: Int64?, of subject: StoredCalibration.Subject, in store: Store?, place: String
    ) throws -> StoredCalibration {
        guard let store else {
            throw PipelineError.badValue(
                name: place, found: "calibrated and no database", expected: "a database with a calibration")
        }
        let found =
            if let number { try store.calibration(number: number) } else {
                try store.calibration(for: subject)
            }
        guard let found else {
            throw PipelineError.badValue(
                name: place,
                found: number.map { "no calibration \($0)" } ?? "no calibration of \(subject.text)",
                expected: "one that the verb calibrate kept in the same database")
        }
        return found
    }

    private static func subject(of engine: ServingEngine, _ pool: ServingPool) -> StoredCalibration.Subject {
        StoredCalibration.Subject(
            model: pool.model.name, device: engine.device.name,
            tensorParallel: engine.rules.tensorParallel, batching: engine.batching)
    }

    // MARK: Simulation

    /// What is played of a cluster's workload.
    public struct Question: Sendable {
        /// Conversations per second to play beside, ascending.
        public var rates: [Double] = []
        /// Numbers of clients in a closed loop to play beside, ascending.
        public var clients: [Int] = []
        /// Conversations in place of the workload's own.
        public var requests: Int?

        public init() {}
    }

    /// Plays the workload, and where rates are asked for, at each of them, side by side on all cores.
    /// - Parameter html: a file for the report; nil writes none.
    public func simulated(
        _ question: Question, as rendering: Rendering, html: String? = nil
    ) throws -> String {
        guard var workload = cluster.workload else {
            throw PipelineError.badValue(
                name: cluster.name, found: "a cluster without a workload", expected: "the key workload")
        }
        if let requests = question.requests { workload.count = requests }
        if !question.clients.isEmpty, case .clients(_, let source) = workload.content {
            throw PipelineError.badValue(
                name: "concurrency", found: "a workload of recorded clients (\(source))",
                expected: "classes or a file")
        }
        let played = workload
        let outcome = simulation.outcome(played, seed: seed)
        let loads = question.rates.map { ServingLoad.rate($0) } + question.clients.map { .clients($0) }
        let rated = try loads.concurrentMap { load in
            RatedServing(load: load, outcome: self.outcome(played, under: load))
        }
        let bare = try withoutTiers(played)
        let report = ServingReport(
            cluster: cluster, outcome: outcome, rated: rated, withoutTiers: bare
        ).report(
            seed: seed, versions: [.tool])
        if let html { try ReportStage.write(report, to: html, database: nil) }
        let json = ServingJSON(
            cluster: cluster, outcome: outcome, rated: rated, withoutTiers: bare
        ).text
        if let store { try Recorder(store: store, run: nil).keepServing(json, of: cluster, seed: seed) }
        return rendering.render(report) { json }
    }

    /// The same workload on the same engines without tiers below their devices; nil where there are none.
    private func withoutTiers(_ workload: TokenWorkload) throws -> ServingOutcome? {
        guard cluster.hasTiers else { return nil }
        return try ServingSimulation(cluster.withoutTiers).outcome(workload, seed: seed)
    }

    /// Plays every router on the cluster's one pool, with all requests present and as they arrive.
    /// - Parameters:
    ///   - rate: conversations per second in place of the workload's own.
    ///   - requests: conversations in place of the workload's own.
    public func routers(rate: Double?, requests: Int?, as rendering: Rendering) throws -> String {
        guard var workload = cluster.workload, cluster.pools.count == 1, cluster.pipelines.isEmpty else {
            throw PipelineError.badValue(
                name: cluster.name,
                found: cluster.workload == nil
                    ? "a cluster without a workload"
                    : "\(cluster.pools.count.counted("pool")) and "
                        + "\(cluster.pipelines.count.counted("pipeline"))",
                expected: "engines of one model with a workload, and no pipelines")
        }
        if let requests { workload.count = requests }
        let contest = RouterContest(cluster, workload, seed: seed)
        let runs = contest.entries.flatMap { [($0, true), ($0, false)] }
        let figures = try runs.concurrentMap { entry, isPresent in
            try contest.figures(entry, isPresent: isPresent, rate: rate)
        }
        let comparison = RouterComparison(
            speeds: try contest.speeds(),
            present: stride(from: 0, to: figures.count, by: 2).map { figures[$0] },
            arriving: stride(from: 1, to: figures.count, by: 2).map { figures[$0] }, rate: rate)
        return RouterTable(comparison).text(as: rendering)
    }

    private func outcome(_ workload: TokenWorkload, under load: ServingLoad) -> ServingOutcome {
        switch load {
        case .rate(let rate): return simulation.outcome(workload, rate: rate, seed: seed)
        case .clients(let clients):
            var closed = workload
            closed.arrivals = .closed(clients: clients)
            return simulation.outcome(closed, seed: seed)
        }
    }

    // MARK: Measured runs

    /// Plays a measured run again and says how far off it is.
    public func compared(with path: String, as rendering: Rendering, html: String? = nil) throws -> String {
        let log = try measured(path)
        let comparison = calibration(log).comparison()
        return try document(comparison, log: log, path: path, fit: nil, as: rendering, html: html)
    }

    private func calibration(_ log: RequestLog) -> StepCalibration {
        StepCalibration(simulation, requests: log.requests, anchor: log.anchor ?? .engine)
    }

    /// Fits constants to a measured run.
    public func calibrated(to path: String, as rendering: Rendering, html: String? = nil) throws -> String {
        guard cluster.pools.count == 1, cluster.pipelines.isEmpty else {
            throw PipelineError.badValue(
                name: cluster.name,
                found: "\(cluster.pools.count.counted("pool")) and "
                    + "\(cluster.pipelines.count.counted("pipeline"))",
                expected: "engines of one model without pipelines, which a log of requests tells of")
        }
        let log = try measured(path)
        let fit = try calibration(log).fit(source: path)
        try keep(fit, of: log, path: path)
        return try document(fit.comparison, log: log, path: path, fit: fit, as: rendering, html: html)
    }

    /// Keeps a fit where there is a database.
    private func keep(_ fit: StepCalibration.Fit, of log: RequestLog, path: String) throws {
        guard let store, let pool = cluster.pools.first, let engine = pool.engines.first else { return }
        let found = fit.comparison
        try Recorder(store: store, run: nil).keep(
            StoredCalibration(
                subject: Self.subject(of: engine, pool), cluster: cluster.name, source: path,
                anchor: log.anchor ?? .engine, requests: found.requests, constants: fit.constants,
                clientBeforeSeconds: fit.client?.beforeSeconds,
                firstTokenError: found.firstToken.mean.error,
                outputTokenError: found.outputToken?.mean.error, endToEndError: found.endToEnd.mean.error,
                requestError: found.endToEnd.absoluteError))
    }

    private func measured(_ path: String) throws -> RequestLog {
        let log = try RequestLogReader.log(at: path)
        guard log.hasArrivals, log.requests.allSatisfy({ $0.firstToken != nil && $0.lastToken != nil }) else {
            throw PipelineError.badValue(
                name: path,
                found: "requests of \(log.writer) without times of \(log.hasArrivals ? "tokens" : "arrival")",
                expected: "when each request arrived, and when its first and last token came")
        }
        let context = cluster.contextMax
        if let index = log.requests.firstIndex(where: { $0.prompt + $0.output > context }) {
            let request = log.requests[index]
            throw PipelineError.badValue(
                name: path,
                found: "a request of \(request.prompt) and \(request.output) tokens (number \(index + 1) by "
                    + "arrival)",
                expected: "at most the \(context) tokens of the context of \(cluster.modelNames.enumerated)"
            )
        }
        return log
    }

    private func document(
        _ comparison: RunComparison, log: RequestLog, path: String, fit: StepCalibration.Fit?,
        as rendering: Rendering, html: String?
    ) throws -> String {
        let report = RunComparisonReport(
            cluster: cluster, source: path, log: log, comparison: comparison, fitted: fit?.constants,
            client: fit?.client
        ).report(seed: nil, versions: [.tool])
        if let html { try ReportStage.write(report, to: html, database: nil) }
        let text = rendering.render(report) {
            RunComparisonJSON(comparison, anchor: log.anchor, fitted: fit?.constants, client: fit?.client)
                .text
        }
        guard rendering.isText, let fit else { return text }
        let source =
            "fitted to \(path), \(comparison.requests) requests, off by "
            + "\((comparison.endToEnd.absoluteError * 100).short()) % end to end"
        // What a cluster's file takes, to be copied.
        var lines = """

            constants:
              mfu: \(fit.constants.arithmetic.short(significantDigits: 4))
              mbu: \(fit.constants.bandwidth.short(significantDigits: 4))
              host_ms: \((fit.constants.hostSeconds * 1000).short(significantDigits: 4))
              sequence_us: \((fit.constants.sequenceSeconds * 1e6).short(significantDigits: 4))
              source: "\(source)"

            """
        if let client = fit.client {
            lines += """
                client:
                  before_ms: \((client.beforeSeconds * 1000).short(significantDigits: 4))
                  source: "\(source)"

                """
        }
        return text + lines
    }

    // MARK: What is known

    /// The language models of a catalogue.
    public static func models(inCatalogueOf folder: String?, as rendering: Rendering) throws -> String {
        let catalog = try Catalog(folderOrShipped: folder)
        let names = try catalog.languageModelNames()
        return LanguageModelTable(try names.map { try catalog.languageModel(named: $0) }).text(as: rendering)
    }

    /// The accelerators that language models can be simulated on.
    public static func devices(inCatalogueOf folder: String?, as rendering: Rendering) throws -> String {
        let catalog = try Catalog(folderOrShipped: folder)
        let devices = try catalog.deviceNames(.accelerator).map { try catalog.device(.accelerator, $0) }
        return ServingDeviceTable(
            devices.filter {
                ($0[.bf16] ?? $0[.fp16]) != nil && $0[.bandwidth] != nil && $0[.memory] != nil
            }
        ).text(as: rendering)
    }
}
