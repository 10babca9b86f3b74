import Catalog
import Files
import Foundation
import Profiling
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// Sends a cluster's workload to a real server and keeps every request, for fits and comparisons.
public struct ServingMeasurement: Sendable {
    /// What is sent, and where.
    public struct Question: Sendable {
        public var settings: EngineSettings
        /// The model's name at the server.
        public var served: String
        /// In place of the workload's own.
        public var requests: Int?
        public var rate: Double?

        public init(settings: EngineSettings, served: String) {
            self.settings = settings
            self.served = served
        }
    }

    /// Requests in flight of an open loop; what comes beyond is sent late, and that is said.
    private static let connectionsMax = 128
    /// No live run is longer.
    private static let requestsMax = 100_000

    private let cluster: ServingCluster
    private let seed: UInt64

    /// - Parameters:
    ///   - path: the cluster's file, of which the workload counts.
    ///   - seed: in place of the cluster's own.
    public init(clusterAt path: String, seed: UInt64? = nil) throws {
        let catalog = try Catalog(forScenarioAt: path, shipped: ShippedCatalogue.folder)
        cluster = try catalog.servingCluster(at: path)
        self.seed = seed ?? cluster.seed
    }

    /// Sends the workload.
    /// - Parameter log: the file that gets a line for each request.
    /// - Returns: what was sent and how it was answered, in words.
    public func measured(_ question: Question, to log: String) throws -> String {
        let file = OutputFile(
            path: log, kind: .earlier("a log of requests", beginning: Self.beginning), database: nil)
        do { try file.check() } catch { throw PipelineError.notWritten(error) }
        let (requests, pace) = try planned(question)
        let run = try CompletionRun(settings: question.settings, served: question.served, seed: seed)
        let outcome = try run.outcome(requests, pace: pace)
        do { try file.write(Self.lines(outcome.requests)) } catch { throw PipelineError.notWritten(error) }
        return summary(outcome, log: log)
    }

    /// The requests of the workload; conversations are sent as single requests of their first turn.
    private func planned(_ question: Question) throws -> ([ListedRequest], CompletionRun.Pace) {
        guard var workload = cluster.workload else {
            throw PipelineError.badValue(
                name: cluster.name, found: "a cluster without a workload", expected: "the key workload")
        }
        if let requests = question.requests { workload.count = requests }
        workload.count = min(workload.count, Self.requestsMax)
        var pace = CompletionRun.Pace.timed(connections: Self.connectionsMax)
        if case .closed(let clients) = workload.arrivals, question.rate == nil {
            pace = .closed(clients: clients)
            // Whoever is free sends the next: no time is needed.
            workload.arrivals = .drawn(ratePerSecond: 1, burstiness: 1)
        }
        return (
            TokenWorkloadSource.listed(
                workload, rate: question.rate, contextMax: cluster.contextMax, seed: seed), pace
        )
    }

    /// How every log that this writes begins.
    private static let beginning = "{\"input_toks\":"

    private static func lines(_ requests: [ListedRequest]) -> String {
        requests.map { request in
            func at(_ seconds: Double?) -> String { "\(request.arrival + (seconds ?? 0))" }
            return "\(beginning)\(request.prompt),\"output_toks\":\(request.output),\"sent_ts\":\(at(0)),"
                + "\"first_token_ts\":\(at(request.firstToken)),\"last_token_ts\":\(at(request.lastToken))}\n"
        }.joined()
    }

    private func summary(_ outcome: CompletionRun.Outcome, log: String) -> String {
        let requests = outcome.requests
        let count = Double(requests.count)
        func mean(_ value: (ListedRequest) -> Double?) -> String {
            Nanoseconds(seconds: requests.reduce(0) { $0 + (value($1) ?? 0) } / count).readableSpan
        }
        let end = requests.map { $0.arrival + ($0.lastToken ?? 0) }.max() ?? 0
        var text =
            "\(requests.count.counted("request")) to \(outcome.server) in "
            + "\(Nanoseconds(seconds: end).readableSpan): first token after \(mean(\.firstToken)), end after "
            + "\(mean(\.lastToken)) in the mean, counted from the client. Written to \(log).\n"
        if outcome.latestSeconds > 0.02 {
            text +=
                "One was sent \(Nanoseconds(seconds: outcome.latestSeconds).readableSpan) after its time: "
                + "the log has the times of sending.\n"
        }
        return text
    }
}
