import Catalog
import Foundation
import Reporting
import ServerModels
import Vocabulary

/// How far times to the first token move where every step takes 3 % longer, over the load.
enum NearSaturation {
    private static let slower = 1.03

    static func run(_ board: inout BenchmarkBoard) throws {
        var cluster = try Catalog(directory: "Workloads").servingCluster(at: "Workloads/llm/chat.yaml")
        cluster.pools[0].engines[0].count = 1
        guard var workload = cluster.workload,
            case .constants(let constants) = cluster.pools[0].engines[0].timing
        else { return }
        workload.count = 6_000
        let exact = try ServingSimulation(cluster)
        cluster.pools[0].engines[0].timing = .constants(
            StepConstants(
                arithmetic: constants.arithmetic / slower, bandwidth: constants.bandwidth / slower,
                hostSeconds: constants.hostSeconds * slower, origin: .stated("3 % slower")))
        let off = try ServingSimulation(cluster)
        // What an endless backlog is served at.
        let backlog = exact.outcome(workload, rate: 1e4, seed: 11)
        let capacity = Double(backlog.arrived) / backlog.seconds
        var rows: [[Table.Cell]] = []
        for share in [0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 1.05] {
            func mean(_ simulation: ServingSimulation) -> (Double, Double, Double) {
                let all = simulation.outcome(workload, rate: share * capacity, seed: 11).all
                return (
                    all.firstToken?.mean ?? .nan, all.outputToken?.mean ?? .nan, all.endToEnd?.mean ?? .nan
                )
            }
            let (one, other) = (mean(exact), mean(off))
            rows.append([
                .number(share), .number(one.0 * 1000), .number(other.0 / one.0 - 1),
                .number(other.1 / one.1 - 1), .number(other.2 / one.2 - 1),
            ])
            board.figure("firstTokenChangeAt\(Int(share * 100))Percent", .number(other.0 / one.0 - 1))
        }
        board.show(
            Table(
                caption: "Chat on one RTX 4090: what 3 % on every step does, simulated",
                columns: [
                    .init("load", "load over capacity", .plain), .init("ttft", "mean TTFT", .milliseconds),
                    .init("ttftChange", "TTFT", .fraction), .init("tpotChange", "TPOT", .fraction),
                    .init("e2eChange", "E2E", .fraction),
                ], rows: rows))
    }
}
