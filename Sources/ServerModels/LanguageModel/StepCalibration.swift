import Foundation
import Optimization
import Quantities
import Simulation
import Vocabulary

/// Plays a measured run again, request by request, and fits constants to it.
///
/// Constants are fitted to served requests and not to kernels: a law that follows kernels within 13 % may
/// still be useless end to end, as queues magnify what is left.
public struct StepCalibration: Sendable {
    private let cluster: ServingSimulation
    private let requests: [ListedRequest]
    private let workload: TokenWorkload
    /// Which of the requests are compared; all are played.
    private let compared: Range<Int>
    /// What clients add to the engines' times in the log; nil where it counts from the engines' queues.
    private let client: ClientOverhead?
    private let anchor: ArrivalAnchor

    /// - Parameters:
    ///   - requests: of the log, with measured times.
    ///   - compared: which of them errors are taken of, for fits that are tried on the others. All are
    ///     played, as each was measured among the others; nil compares all.
    ///   - anchor: where the log's times count from. The cluster's client overhead is added to simulated
    ///     times where that is the client.
    /// - Precondition: at least one request is compared, and all have measured times.
    public init(
        _ cluster: ServingSimulation, requests: [ListedRequest], compared: Range<Int>? = nil,
        anchor: ArrivalAnchor = .engine
    ) {
        precondition(
            !requests.isEmpty && requests.allSatisfy { $0.firstToken != nil && $0.lastToken != nil },
            "a run that is compared was measured")
        self.cluster = cluster
        self.requests = requests
        self.compared = (compared ?? requests.indices).clamped(to: requests.indices)
        precondition(!self.compared.isEmpty, "some request is compared")
        self.anchor = anchor
        client = anchor == .client ? cluster.cluster.client : nil
        workload = TokenWorkload(content: .listed(requests, source: "the log"), count: requests.count)
    }

    /// The run as the cluster is described.
    public func comparison() -> RunComparison { comparison(cluster.simulation, client) }

    private func comparison(_ simulation: TokenSimulation, _ client: ClientOverhead?) -> RunComparison {
        var simulation = simulation
        simulation.names = requests.flatMap(\.names)
        let source = TokenWorkloadSource(
            workload, contextMax: cluster.cluster.pools[0].model.contextMax, seed: cluster.cluster.seed)
        var records: [TokenRecord?] = Array(repeating: nil, count: requests.count)
        let outcome = simulation.play(source) { records[Int($0.request.id)] = $0 }
        var (first, output, end): ([RunComparison.Pair], [RunComparison.Pair], [RunComparison.Pair]) = (
            [], [], []
        )
        for (request, record) in zip(requests[self.compared], records[self.compared]) {
            guard let record, let firstToken = request.firstToken, let lastToken = request.lastToken else {
                continue
            }
            let simulatedFirst = record.timeToFirstToken.seconds + (client?.toFirstToken ?? 0)
            let simulatedEnd = record.endToEnd.seconds + (client?.toEnd(tokens: request.output) ?? 0)
            first.append(.init(measured: firstToken, simulated: simulatedFirst))
            end.append(.init(measured: lastToken, simulated: simulatedEnd))
            if request.output > 1 {
                let gaps = Double(request.output - 1)
                output.append(
                    .init(
                        measured: (lastToken - firstToken) / gaps,
                        simulated: (simulatedEnd - simulatedFirst) / gaps))
            }
        }
        return RunComparison(
            firstToken: first, outputToken: output, endToEnd: end, preemptions: outcome.preemptions)
    }

    /// What was fitted to a run.
    public struct Fit: Sendable {
        public var constants: StepConstants
        /// What lies before the engines' queue, where the run counts from clients and the cluster says
        /// nothing of them.
        public var client: ClientOverhead?
        public var comparison: RunComparison
    }

    /// Constants that bring all engines of the cluster closest to the run: MFU, MBU and the host's time; of
    /// a run that counts from clients also the time before the queue, unless the cluster states it.
    ///
    /// Found by the simplex method from several starts, as what is minimised has kinks. About 600 replays.
    /// Of llama.cpp's server also the time of each sequence of a step, which on processors is not small.
    /// - Throws: where the device's description lacks a figure.
    public func fit(source: String) throws -> Fit {
        let space = Space(
            fitsSequences: cluster.cluster.engines.contains { $0.batching == .llamaCpp },
            // No request waits longer before the queue than it waits for its first token.
            clientSeconds: anchor == .client && client == nil
                ? max(1e-5, requests.compactMap(\.firstToken).min() ?? 0) : nil)
        // Whatever is missing is missing at every point.
        _ = try simulation(StepConstants.assumed)
        func loss(_ point: [Double]) -> Double {
            guard let simulation = try? simulation(space.constants(point)) else { return .infinity }
            // Times below zero are not tried again.
            let below = point.dropFirst(2).reduce(0) { $0 + max(0, -$1) }
            return comparison(simulation, space.client(point) ?? client).loss + below
        }
        var search = NelderMead()
        search.step = 0.2
        search.evaluationsMax = space.extras == 0 ? 150 : 300
        search.tolerance = 1e-5
        var best: (point: [Double], value: Double) = ([], .infinity)
        for start in [[log(0.6), log(0.8), 0.5], [log(0.9), log(0.85), 0.1], [log(0.4), log(0.7), 2]] {
            let whole = start + Array(repeating: 0.5, count: space.extras)
            let first = search.minimum(from: whole, of: loss)
            let found = search.minimum(from: first.point, of: loss)
            if best.point.isEmpty || found.value < best.value { best = (found.point, found.value) }
        }
        var constants = space.constants(best.point)
        var overhead = space.client(best.point)
        let found = comparison(try simulation(constants), overhead ?? client)
        let origin = StepConstants.Origin.fitted(to: source, error: found.endToEnd.absoluteError)
        constants.origin = origin
        overhead?.origin = origin
        return Fit(constants: constants, client: overhead, comparison: found)
    }

    /// What the numbers of a point mean: logarithms of MFU and MBU, ms of the host, then what else is
    /// fitted.
    private struct Space {
        var fitsSequences: Bool
        /// The unit of the time before the queue; nil where it is not fitted.
        var clientSeconds: Double?

        var extras: Int { (fitsSequences ? 1 : 0) + (clientSeconds == nil ? 0 : 1) }

        func constants(_ point: [Double]) -> StepConstants {
            StepConstants(
                arithmetic: min(exp(point[0]), 1.5), bandwidth: min(exp(point[1]), 1.2),
                hostSeconds: max(0, point[2]) * 1e-3,
                sequenceSeconds: fitsSequences ? max(0, point[3]) * 1e-3 : 0, origin: .assumed)
        }

        func client(_ point: [Double]) -> ClientOverhead? {
            clientSeconds.map {
                ClientOverhead(beforeSeconds: max(0, point[point.count - 1]) * $0, origin: .assumed)
            }
        }
    }

    private func simulation(_ constants: StepConstants) throws(ServingSimulation.Fault) -> TokenSimulation {
        var simulation = cluster.simulation
        let law = try cluster.law(of: 0, constants)
        for index in simulation.pools[0].engines.indices { simulation.pools[0].engines[index].law = law }
        return simulation
    }
}
