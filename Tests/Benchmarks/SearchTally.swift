import Foundation
import Quantities
import Reporting
import Scheduling
import Vocabulary

/// What the methods came to over many problems.
struct SearchTally {
    private let results: [ContestResult]
    private let methods: [String]

    init(_ results: [ContestResult]) {
        self.results = results.filter { $0.share != nil }
        var methods: [String] = []
        for result in results where !methods.contains(result.method) { methods.append(result.method) }
        self.methods = methods
        infeasible = results.filter { $0.share == nil && $0.method == "gradient" }.count
    }

    let infeasible: Int
    var problems: Int { of("gradient").count }

    private func of(_ method: String) -> [ContestResult] { results.filter { $0.method == method } }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private struct Figures {
        var median = 0.0
        var worst = 0.0
        var solved = 0.0
        var evaluations = 0.0
        var evaluationsShare = 0.0
    }

    private func figures(_ method: String) -> Figures {
        let own = of(method)
        let shares = own.map { $0.share ?? 0 }
        return Figures(
            median: Self.median(shares), worst: shares.min() ?? 0,
            solved: Double(shares.filter { $0 >= 0.99 }.count) / Double(max(shares.count, 1)),
            evaluations: Self.median(own.map { Double($0.evaluations) }),
            evaluationsShare: Self.median(own.map { Double($0.evaluations) / Double($0.spaceSize) }))
    }

    func methodTable(_ caption: String) -> Table {
        let spaces = of("gradient").map { Double($0.spaceSize) }
        return Table(
            caption:
                "\(caption); spaces of \(Int(spaces.min() ?? 0)) to \(Int(spaces.max() ?? 0)) schedules, "
                + "median \(Int(Self.median(spaces)))",
            columns: [
                .init("method", "method", .text), .init("medianShare", "of the optimum, median", .fraction),
                .init("worstShare", "worst", .fraction), .init("solved", "solved to 99 %", .fraction),
                .init("evaluations", "evaluations, median", .count),
                .init("evaluationsShare", "of the space, median", .gap),
                .init("problems", "problems", .count),
            ],
            rows: methods.map { method in
                let found = figures(method)
                return [
                    .text(method), .number(found.median), .number(found.worst), .number(found.solved),
                    .number(found.evaluations), .number(found.evaluationsShare), .integer(of(method).count),
                ]
            })
    }

    func worst(_ method: String) -> Table {
        Table(
            caption: "The problems on which \(method) fell furthest behind",
            columns: [
                .init("model", "model", .text), .init("server", "server type", .text),
                .init("target", "target", .text), .init("share", "of the optimum", .fraction),
                .init("evaluations", "evaluations", .count), .init("of", "of", .count),
                .init("schedule", "schedule", .text),
            ],
            rows: of(method).sorted { ($0.share ?? 0) < ($1.share ?? 0) }.prefix(6).map {
                [
                    .text($0.model.name), .text($0.serverType.name), .text($0.target.description),
                    .number($0.share ?? 0), .integer($0.evaluations), .integer($0.spaceSize),
                    .text($0.schedule?.description ?? ""),
                ]
            })
    }

    func stops(_ method: String) -> Table {
        Table(
            caption: "Why \(method) stopped",
            columns: [.init("stop", "stop", .text), .init("problems", "problems", .count)],
            rows: SearchStop.allCases.compactMap { stop in
                let count = of(method).filter { $0.stop == stop }.count
                return count == 0 ? nil : [.text(stop.rawValue), .integer(count)]
            })
    }

    func seconds(of method: String) -> (choosing: Double, evaluations: Double, problems: Double) {
        let own = of(method)
        return (
            own.reduce(0) { $0 + $1.choosingSeconds }, own.reduce(0) { $0 + Double($1.evaluations) },
            Double(own.count)
        )
    }

    func report(on board: inout BenchmarkBoard, prefix: String) {
        for method in methods {
            let found = figures(method)
            board.figure(
                "\(prefix).\(method)",
                [
                    "medianShare": .number(found.median), "worstShare": .number(found.worst),
                    "solvedShare": .number(found.solved), "evaluationsMedian": .number(found.evaluations),
                    "evaluationsOfSpaceMedian": .number(found.evaluationsShare),
                ])
        }
        let gradient = figures("gradient")
        board.bar("\(prefix): gradient's median share of the optimum", gradient.median, atLeast: 0.99)
        board.bar("\(prefix): gradient's worst share of the optimum", gradient.worst, atLeast: 0.97)
        board.bar("\(prefix): gradient's share of the space, median", gradient.evaluationsShare, atMost: 0.05)
        for peer in ["random", "optuna-tpe"] where methods.contains(peer) {
            let found = figures(peer)
            board.bar(
                "\(prefix): gradient's lead over \(peer), median share", gradient.median - found.median,
                atLeast: 0)
            board.bar(
                "\(prefix): gradient's lead over \(peer), solved to 99 %", gradient.solved - found.solved,
                atLeast: 0)
        }
    }
}

/// The best schedule against the DeepRecSys climb, per model and server type, at the model's own target.
struct SearchHeadline {
    private let ratios: [(model: String, server: String, ratio: Double)]
    /// Pairs that the climb cannot serve at all and ours can.
    private let unserved: Int

    init(_ results: [ContestResult]) {
        func first(_ method: String) -> [ContestResult] {
            var seen: Set<String> = []
            // The model's own target comes first.
            return results.filter {
                $0.method == method && seen.insert("\($0.model) \($0.serverType)").inserted
            }
        }
        let baseline = first("deeprecsys")
        var ratios: [(String, String, Double)] = []
        var unserved = 0
        for ours in first("gradient") {
            guard
                let base = baseline.first(where: {
                    $0.model == ours.model && $0.serverType == ours.serverType
                })
            else { continue }
            if base.throughput > 0 {
                ratios.append((ours.model.name, ours.serverType.name, ours.throughput / base.throughput))
            } else if ours.throughput > 0 {
                unserved += 1
            }
        }
        self.ratios = ratios
        self.unserved = unserved
    }

    private var geometricMean: Double {
        Foundation.exp(ratios.reduce(0) { $0 + Foundation.log($1.ratio) } / Double(max(ratios.count, 1)))
    }

    var table: Table {
        let models = ratios.map(\.model).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let servers = ratios.map(\.server).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return Table(
            caption:
                """
                Latency-bounded throughput of our best schedule over that of the DeepRecSys climb \
                (modelled)
                """,
            columns: [.init("server", "server type", .text)] + models.map { .init($0, $0, .text) },
            rows: servers.sorted().map { server in
                [.text(server)]
                    + models.map { model in
                        ratios.first { $0.model == model && $0.server == server }.map {
                            .text(String(format: "%.2f", $0.ratio))
                        } ?? .missing
                    }
            })
    }

    func report(on board: inout BenchmarkBoard) {
        let most = ratios.max { $0.ratio < $1.ratio }
        board.note(
            "Over the DeepRecSys climb: at most \(SearchBenchmark.text(most?.ratio ?? .nan))x "
                + "(\(most?.model ?? "-") on \(most?.server ?? "-")), geometric mean "
                + "\(SearchBenchmark.text(geometricMean))x, "
                + "over \(ratios.count) pairs; \(unserved) more pairs the climb cannot serve within the "
                + "target at all.\n"
        )
        board.figure("speedUpMax", .number(most?.ratio ?? .nan))
        board.figure("speedUpGeometricMean", .number(geometricMean))
        board.figure("pairsTheClimbCannotServe", .integer(unserved))
    }
}
