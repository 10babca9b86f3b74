import Catalog
import Files
import Foundation
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// Simulates clusters that serve language models, without any database.
public struct ServingStage: Sendable {
    private let cluster: ServingCluster
    private let simulation: ServingSimulation
    private let seed: UInt64

    /// - Parameters:
    ///   - path: the cluster's file.
    ///   - seed: in place of the cluster's own.
    /// - Throws: `FileError`; `PipelineError.unplayable` where the model does not fit, or a figure is
    ///   missing.
    public init(clusterAt path: String, seed: UInt64? = nil) throws {
        let catalog = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
        let cluster = try catalog.servingCluster(at: path)
        do {
            simulation = try ServingSimulation(cluster)
        } catch {
            throw PipelineError.unplayable(file: path, fault: "\(error)")
        }
        self.cluster = cluster
        self.seed = seed ?? cluster.seed
    }

    // MARK: Simulation

    /// What is played of a cluster's workload.
    public struct Question: Sendable {
        /// Conversations per second to play beside, ascending.
        public var rates: [Double] = []
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
        if !question.rates.isEmpty, case .listed(_, let source) = workload.content {
            throw PipelineError.badValue(
                name: "rates", found: "a workload from \(source)", expected: "classes, which have a rate")
        }
        let played = workload
        let outcome = simulation.outcome(played, seed: seed)
        let rated = try question.rates.concurrentMap { rate in
            RatedServing(rate: rate, outcome: simulation.outcome(played, rate: rate, seed: seed))
        }
        let report = ServingReport(cluster: cluster, outcome: outcome, rated: rated).report(
            seed: seed, versions: Self.versions)
        if let html { try ReportStage.write(report, to: html, database: nil) }
        return rendering.render(report) {
            ServingJSON(cluster: cluster, outcome: outcome, rated: rated).text
        }
    }

    // MARK: Measured runs

    /// Plays a measured run again and says how far off it is.
    public func compared(with log: String, as rendering: Rendering, html: String? = nil) throws -> String {
        let calibration = StepCalibration(simulation, requests: try measured(log))
        let comparison = calibration.comparison()
        return try document(comparison, log: log, fitted: nil, as: rendering, html: html)
    }

    /// Fits constants to a measured run.
    public func calibrated(to log: String, as rendering: Rendering, html: String? = nil) throws -> String {
        let calibration = StepCalibration(simulation, requests: try measured(log))
        let (constants, comparison) = try calibration.fit(source: log)
        return try document(comparison, log: log, fitted: constants, as: rendering, html: html)
    }

    private func measured(_ log: String) throws -> [ListedRequest] {
        let requests = try RequestLogReader.requests(at: log)
        guard requests.allSatisfy({ $0.firstToken != nil && $0.lastToken != nil }) else {
            throw PipelineError.badValue(
                name: log, found: "requests without measured times",
                expected: "a log with queued_ts, first_token_ts and last_token_ts")
        }
        return requests
    }

    private func document(
        _ comparison: RunComparison, log: String, fitted: StepConstants?, as rendering: Rendering,
        html: String?
    ) throws -> String {
        let report = RunComparisonReport(
            cluster: cluster, source: log, comparison: comparison, fitted: fitted
        ).report(seed: nil, versions: Self.versions)
        if let html { try ReportStage.write(report, to: html, database: nil) }
        let text = rendering.render(report) { RunComparisonJSON(comparison, fitted: fitted).text }
        guard rendering.isText, let fitted else { return text }
        // What a cluster's file takes, to be copied.
        return text + """

            constants:
              mfu: \(fitted.arithmetic.short(significantDigits: 4))
              mbu: \(fitted.bandwidth.short(significantDigits: 4))
              host_ms: \((fitted.hostSeconds * 1000).short(significantDigits: 4))
              source: "fitted to \(log), \(comparison.requests) requests, off by \
            \((comparison.endToEnd.absoluteError * 100).short()) % end to end"

            """
    }

    private static var versions: [Report.NamedText] {
        [Report.NamedText(name: "hercules", text: Recorder.toolVersion)]
    }

    // MARK: What is known

    /// The language models of a catalogue.
    public static func models(inCatalogueOf folder: String?, as rendering: Rendering) throws -> String {
        let catalog = try catalogue(folder)
        let names = try catalog.languageModelNames()
        return LanguageModelTable(try names.map { try catalog.languageModel(named: $0) }).text(as: rendering)
    }

    /// The accelerators that language models can be simulated on.
    public static func devices(inCatalogueOf folder: String?, as rendering: Rendering) throws -> String {
        let catalog = try catalogue(folder)
        let devices = try catalog.deviceNames(.accelerator).map { try catalog.device(.accelerator, $0) }
        return ServingDeviceTable(
            devices.filter {
                ($0[.bf16] ?? $0[.fp16]) != nil && $0[.bandwidth] != nil && $0[.memory] != nil
            }
        ).text(as: rendering)
    }

    private static func catalogue(_ folder: String?) throws -> Catalog {
        let shipped = ShippedCatalogue.folder
        guard let first = folder ?? shipped else {
            throw PipelineError.badValue(
                name: "catalogue", found: "none", expected: "a folder such as Workloads")
        }
        return try Catalog(directory: first, others: shipped.map { [$0] } ?? [])
    }
}
