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

    /// - Parameters:
    ///   - requests: of the log, with measured times.
    ///   - compared: which of them errors are taken of, for fits that are tried on the others. All are
    ///     played, as each was measured among the others; nil compares all.
    /// - Precondition: at least one request is compared, and all have measured times.
    public init(_ cluster: ServingSimulation, requests: [ListedRequest], compared: Range<Int>? = nil) {
        precondition(
            !requests.isEmpty && requests.allSatisfy { $0.firstToken != nil && $0.lastToken != nil },
            "a run that is compared was measured")
        self.cluster = cluster
        self.requests = requests
        self.compared = (compared ?? requests.indices).clamped(to: requests.indices)
        precondition(!self.compared.isEmpty, "some request is compared")
        workload = TokenWorkload(content: .listed(requests, source: "the log"), count: requests.count)
    }

    /// The run as the cluster is described.
    public func comparison() -> RunComparison { comparison(cluster.simulation) }

    private func comparison(_ simulation: TokenSimulation) -> RunComparison {
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
            first.append(.init(measured: firstToken, simulated: record.timeToFirstToken.seconds))
            end.append(.init(measured: lastToken, simulated: record.endToEnd.seconds))
            if let time = record.timePerOutputToken, request.output > 1 {
                output.append(
                    .init(
                        measured: (lastToken - firstToken) / Double(request.output - 1), simulated: time))
            }
        }
        return RunComparison(
            firstToken: first, outputToken: output, endToEnd: end, preemptions: outcome.preemptions)
    }

    /// Constants that bring all engines of the cluster closest to the run: MFU, MBU and the host's time.
    ///
    /// Found by the simplex method from several starts, as what is minimised has kinks. About 600 replays.
    /// - Throws: where the device's description lacks a figure.
    public func fit(source: String) throws -> (constants: StepConstants, comparison: RunComparison) {
        func constants(_ point: [Double]) -> StepConstants {
            StepConstants(
                arithmetic: min(exp(point[0]), 1.5), bandwidth: min(exp(point[1]), 1.2),
                hostSeconds: max(0, point[2]) * 1e-3, origin: .assumed)
        }
        func simulation(_ constants: StepConstants) throws(ServingSimulation.Fault) -> TokenSimulation {
            var simulation = cluster.simulation
            let law = try cluster.law(of: 0, constants)
            for index in simulation.pools[0].engines.indices { simulation.pools[0].engines[index].law = law }
            return simulation
        }
        // Whatever is missing is missing at every point.
        _ = try simulation(StepConstants.assumed)
        func loss(_ point: [Double]) -> Double {
            guard let simulation = try? simulation(constants(point)) else { return .infinity }
            // Host times below zero are not tried again.
            return comparison(simulation).loss + max(0, -point[2])
        }
        var search = NelderMead()
        search.step = 0.2
        search.evaluationsMax = 150
        search.tolerance = 1e-5
        var fitted = StepConstants.assumed
        var least = Double.infinity
        for start in [[log(0.6), log(0.8), 0.5], [log(0.9), log(0.85), 0.1], [log(0.4), log(0.7), 2]] {
            let first = search.minimum(from: start, of: loss)
            let found = search.minimum(from: first.point, of: loss)
            if found.value < least { (fitted, least) = (constants(found.point), found.value) }
        }
        let fit = comparison(try simulation(fitted))
        fitted.origin = .fitted(to: source, error: fit.endToEnd.absoluteError)
        return (fitted, fit)
    }
}
