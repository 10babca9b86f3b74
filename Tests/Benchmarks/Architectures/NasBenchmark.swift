import Catalog
import Foundation
import Optimization
import Pipeline
import Provisioning
import Quantities
import Randomness
import Reporting
import ServerModels
import Vocabulary

/// Searches against fronts that are known, the mapping against trying everything, gates against silicon, and
/// plans with variants against their bounds.
enum NasBenchmark: Benchmark {
    static let name = "nas"
    static let purpose = "architecture search, mappings onto NPU and CIM, and plans with variants"

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let catalog = try Catalog(directory: "Workloads")
        try enumerated(catalog, &board)
        try published(&board)
        mapping(&board)
        try silicon(catalog, &board)
        try planner(&board)
    }

    private static let seeds: [UInt64] = Array(1...10)

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    // MARK: - Fronts that are known

    /// What each method finds of a whole space with a tenth of it evaluated.
    private static func contest(
        _ points: [EvaluatedPoint], _ space: GeneSpace
    ) -> [ParetoSearch: [Double]] {
        let table = Dictionary(uniqueKeysWithValues: points.map { ($0.genes, $0) })
        let reference = points[0].objectives.indices.map { index in
            let worst = points.map { $0.objectives[index] }.max() ?? 0
            return worst + 0.01 * abs(worst)
        }
        let free = points.filter { $0.violation == 0 }.map(\.objectives)
        let front = ParetoFront.front(of: points).map(\.objectives)
        let whole = Hypervolume.volume(of: front, reference: reference)
        var shares: [ParetoSearch: [Double]] = [:]
        for method in ParetoSearch.allCases {
            shares[method] = seeds.map { seed in
                let found = method.points(in: space, .init(evaluations: free.count / 10, seed: seed)) {
                    genes in
                    table[genes].map { ($0.objectives, $0.violation) } ?? (reference, 1)
                }
                let own = ParetoFront.front(of: found).map(\.objectives)
                return Hypervolume.volume(of: own, reference: reference) / whole
            }
        }
        return shares
    }

    private static func enumerated(_ catalog: Catalog, _ board: inout BenchmarkBoard) throws {
        guard let device = try catalog.serverType("edge-npu-dimc4").edge else { return }
        let space = ArchitectureSpace(
            name: "enumerable", title: "", source: "", input: [28, 28, 1], stem: 16,
            stages: [
                .init(widths: [16, 24], depths: [1, 2], blocks: [.convolution, .separable3, .separable5]),
                .init(widths: [32, 48], depths: [1, 2], blocks: ArchitectureSpace.Block.allCases),
                .init(widths: [64], depths: [1, 2], blocks: ArchitectureSpace.Block.allCases),
            ], classes: 10, headWidth: 16)
        let genes = ArchitectureSearchStage.geneSpace(space)
        let all = genes.all()
        board.progress("evaluating \(all.count) architectures")
        let points = all.map { one in
            let found = ArchitectureSearchStage.evaluate(one, in: space, on: device, weightKibMax: nil)
            return EvaluatedPoint(genes: one, objectives: found.objectives)
        }
        let shares = contest(points, genes)
        show(shares, "Hypervolume of all \(all.count) architectures, with a tenth evaluated", &board)
        let own = shares[.nsga2] ?? []
        board.figure("enumerableArchitectures", .integer(all.count))
        board.bar("enumerable space: architectures", Double(all.count), atMost: 20_000)
        board.bar("enumerable space: NSGA-II's share of the hypervolume", median(own), atLeast: 0.99)
        for method in [ParetoSearch.random, .regularised] {
            board.bar(
                "enumerable space: p that NSGA-II is no better than \(method.rawValue)",
                RankStatistics.mannWhitney(own, than: shares[method] ?? []), atMost: 0.05)
        }
        predictors(points, &board)
    }

    private static func show(
        _ shares: [ParetoSearch: [Double]], _ caption: String, _ board: inout BenchmarkBoard
    ) {
        board.show(
            Table(
                caption: caption,
                columns: [
                    .init("method", "method", .text), .init("least", "least", .fraction),
                    .init("median", "median", .fraction), .init("most", "most", .fraction),
                ],
                rows: ParetoSearch.allCases.map { method in
                    let own = (shares[method] ?? []).sorted()
                    return [
                        .text(method.rawValue), .number(own.first ?? 0), .number(median(own)),
                        .number(own.last ?? 0),
                    ]
                }))
        for (method, own) in shares {
            board.figure("share.\(caption.prefix(24)).\(method.rawValue)", .number(median(own)))
        }
    }

    /// Kernel ridge on genes, fitted on 200 and asked about the rest.
    private static func predictors(_ points: [EvaluatedPoint], _ board: inout BenchmarkBoard) {
        var words = SplitMix64(seed: 1)
        let shuffled = points.shuffled(using: &words)
        let (train, held) = (shuffled.prefix(200), shuffled.dropFirst(200).prefix(1000))
        func features(_ point: EvaluatedPoint) -> [Double] { point.genes.map(Double.init) }
        for (index, what) in ["latency", "energy"].enumerated() {
            let model = KernelRidge(
                samples: train.map(features), values: train.map { $0.objectives[index] })
            let tau = RankStatistics.kendallTau(
                held.map { model.value(of: features($0)) }, held.map { $0.objectives[index] })
            board.figure("kernelRidgeTau.\(what)", .number(tau))
            board.note("Kernel ridge on 200 architectures, 1,000 others: Kendall's tau of \(what) \(tau)")
        }
    }

    // MARK: - NAS-Bench-201 on HELP's devices

    private struct Cells {
        let genes: [[Int]]
        let latencies: [String: [Double]]
    }

    private static let operators = ["none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "nor_conv_3x3"]
    /// In whole milliseconds: no fronts can be told from these.
    private static let coarse: Set<String> = ["essential_ph_1", "pixel2", "samsung_a50", "samsung_s7"]

    private static func cells() throws -> Cells? {
        let path = "\(ServingBenchmark.data)/help/nasbench201_latency_ms.csv"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8)
        else { return nil }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
        guard let header = lines.first, header.count > 2 else { return nil }
        let genes = lines.dropFirst().map { line in
            line[1].split(whereSeparator: { "|+".contains($0) }).map { edge in
                operators.firstIndex(of: String(edge.split(separator: "~")[0])) ?? 0
            }
        }
        var latencies: [String: [Double]] = [:]
        for (column, device) in header.enumerated().dropFirst(2) where !coarse.contains(device) {
            latencies[device] = lines.dropFirst().map { Double($0[column]) ?? .nan }
        }
        return Cells(genes: genes, latencies: latencies)
    }

    /// Minus the multiply-accumulates of a cell, in those of a 1 x 1 convolution: a proxy of error, no
    /// accuracy.
    private static func proxy(_ genes: [Int]) -> Double {
        -genes.reduce(0) { $0 + ($1 == 4 ? 9 : $1 == 3 ? 1 : 0) }
    }

    private static func published(_ board: inout BenchmarkBoard) throws {
        guard let cells = try cells() else {
            board.note("No HELP latencies at ../shared/data/help: NAS-Bench-201 is not searched.")
            return
        }
        let space = GeneSpace(
            sizes: [Int](repeating: operators.count, count: 6), blocks: [0..<1, 1..<3, 3..<6])
        var rows: [[Table.Cell]] = []
        var worst = 1.0
        var behind = 0.0
        for device in cells.latencies.keys.sorted() {
            let latency = cells.latencies[device] ?? []
            let floor = 0.05 * median(latency)
            let points = zip(cells.genes, latency).map { genes, time in
                // Near-zero times are faults of the measurement.
                EvaluatedPoint(
                    genes: genes, objectives: [time, proxy(genes)], violation: time < floor ? 1 : 0)
            }
            let shares = contest(points, space)
            let own = median(shares[.nsga2] ?? [])
            worst = min(worst, own)
            let p = RankStatistics.mannWhitney(shares[.nsga2] ?? [], than: shares[.random] ?? [])
            if p <= 0.05 { behind += 1 }
            rows.append([
                .text(device), .number(own), .number(median(shares[.regularised] ?? [])),
                .number(median(shares[.local] ?? [])), .number(median(shares[.random] ?? [])), .number(p),
            ])
        }
        board.show(
            Table(
                caption:
                    "NAS-Bench-201 on HELP's devices: hypervolume with a tenth of 15,625 cells evaluated",
                columns: [
                    .init("device", "device", .text), .init("nsga2", "nsga2", .fraction),
                    .init("regularised", "regularised", .fraction), .init("local", "local", .fraction),
                    .init("random", "random", .fraction), .init("p", "p against random", .plain),
                ], rows: rows))
        board.figure("helpDevices", .integer(rows.count))
        board.figure("helpDevicesWhereRandomIsBehind", .number(behind))
        board.bar("HELP: NSGA-II's least median share over devices", worst, atLeast: 0.99)
        tables(cells, &board)
    }

    /// Tables of operators from 100 cells, and another device's from ten.
    private static func tables(_ cells: Cells, _ board: inout BenchmarkBoard) {
        var words = SplitMix64(seed: 2)
        let order = cells.genes.indices.shuffled(using: &words)
        let (train, few) = (order.prefix(100), order.dropFirst(100).prefix(10))
        let held = order.dropFirst(110).prefix(4000)
        let sizes = [Int](repeating: operators.count, count: 6)
        func pick(_ values: [Double], _ places: some Sequence<Int>) -> [Double] { places.map { values[$0] } }
        func spearman(_ table: OperatorTable, _ values: [Double]) -> Double {
            RankStatistics.spearman(held.map { table.value(of: cells.genes[$0]) }, pick(values, held))
        }
        var rows: [[Table.Cell]] = []
        for (own, other) in [
            ("eyeriss", "fpga"), ("silver_4114", "gold_6226"), ("1080ti_1", "2080ti_1"),
            ("eyeriss", "titanxp_1"),
        ] {
            guard let values = cells.latencies[own], let others = cells.latencies[other] else { continue }
            let table = OperatorTable(
                choices: train.map { cells.genes[$0] }, sizes: sizes, values: pick(values, train))
            let moved = table.corrected(
                choices: few.map { cells.genes[$0] }, values: pick(others, few))
            let held = spearman(table, values)
            rows.append([.text(own), .number(held), .text(other), .number(spearman(moved, others))])
            board.figure("operatorTableSpearman.\(own)", .number(held))
        }
        board.show(
            Table(
                caption: "Tables of operators: rank correlation with cells that were not seen",
                columns: [
                    .init("device", "device", .text), .init("spearman", "spearman", .plain),
                    .init("other", "corrected by ten to", .text),
                    .init("otherSpearman", "spearman there", .plain),
                ], rows: rows))
    }

    // MARK: - Mapping and silicon

    /// Random chains of twelve layers with three ways each, against all 531,441 choices.
    private static func mapping(_ board: inout BenchmarkBoard) {
        var words = SplitMix64(seed: 3)
        var equal = 0
        let rounds = 5
        for _ in 0..<rounds {
            func draw(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &words) }
            let options = (0..<12).map { _ in
                [
                    PlacementOption(
                        place: .array, needs: .array, leaves: .array, arraySeconds: 1, macroSeconds: 0,
                        seconds: draw(0.1...1), joules: draw(0.1...1), tiles: 0, isWritten: false),
                    PlacementOption(
                        place: .macrosHeld, needs: .macros, leaves: .macros, arraySeconds: 0, macroSeconds: 1,
                        seconds: draw(0.05...0.8), joules: draw(0.1...1),
                        tiles: Int.random(in: 1...4, using: &words),
                        isWritten: false),
                    PlacementOption(
                        place: .macrosWritten, needs: .macros, leaves: .macros, arraySeconds: 0,
                        macroSeconds: 1, seconds: draw(0.1...1), joules: draw(0.1...1), tiles: 0,
                        isWritten: true),
                ]
            }
            let problem = LayerMapping(
                options: options, moves: options.map { _ in (draw(0...0.2), draw(0...0.2)) },
                lastMove: (0.1, 0.1), tiles: 14, tilesToWrite: 2)
            let found = problem.totals(problem.best(.latency))?.seconds ?? .infinity
            var choice = [Int](repeating: 0, count: 12)
            var least = Double.infinity
            while true {
                least = min(least, problem.totals(choice)?.seconds ?? .infinity)
                guard let place = choice.lastIndex(where: { $0 < 2 }) else { break }
                choice[place] += 1
                for later in (place + 1)..<max(12, place + 1) { choice[later] = 0 }
            }
            if abs(found - least) < 1e-9 { equal += 1 }
        }
        board.bar("mappings of 12 layers equal to enumeration", Double(equal) / Double(rounds), atLeast: 1)
    }

    /// Mismatches in percent as ZigZag-IMC's own scripts print them.
    private static let printed: [String: (area: Double, delay: Double, energy: Double?)] = [
        "dimc-isscc22-15-5": (6.1, 16.7, 0.9), "dimc-isscc22-11-7": (20.7, 5.8, nil),
        "dimc-isscc23-7-2": (0.03, 1.7, 2.4), "aimc-isscc23-7-8": (4.5, 2.4, 1.5),
    ]

    private static func silicon(_ catalog: Catalog, _ board: inout BenchmarkBoard) throws {
        var worst = 0.0
        for macro in try catalog.siliconMacros() {
            guard let expected = printed[macro.name] else { continue }
            let found = MacroSilicon(macro).figures.mismatch(with: macro)
            worst = max(worst, abs(found.area * 100 - expected.area), abs(found.delay * 100 - expected.delay))
            if let energy = expected.energy { worst = max(worst, abs((found.energy ?? 1) * 100 - energy)) }
        }
        board.bar("silicon: points off the published mismatches", worst, atMost: 2)
    }

    // MARK: - Plans with variants

    private static func planner(_ board: inout BenchmarkBoard) throws {
        var words = SplitMix64(seed: 4)
        let planner = try VariantPlanner()
        var (gaps, seconds) = ([Double](), [Double]())
        for _ in 0..<40 {
            let problem = try instance(&words)
            let began = ContinuousClock.now
            let (found, _) = try planner.plan(problem)
            let took = ContinuousClock.now - began
            seconds.append(took / .seconds(1))
            gaps.append(found.plan.gap?.value ?? 1)
        }
        board.figure("planSecondsMedian", .number(median(seconds)))
        board.figure("planGapMedian", .number(median(gaps)))
        board.note("40 plans of 2 tasks with 5 variants on 6 types: median \(median(seconds)) s")
        board.bar("plans with variants: the largest gap", gaps.max() ?? 1, atMost: 1e-3)
    }

    private static func instance(_ words: inout SplitMix64) throws -> VariantProblem {
        var entries: [EfficiencyEntry] = []
        var tasks: [ServedTask] = []
        var loads: [ModelID: QueriesPerSecond] = [:]
        let types = (0..<6).map { ServerTypeID("t\($0)") }
        for task in 0..<2 {
            var accuracy = 0.45
            let variants = (0..<5).map { place -> ServedTask.Variant in
                accuracy += Double.random(in: 0.02...0.12, using: &words)
                let model = ModelID("task\(task)-v\(place)")
                for type in types {
                    let rate = 4000 * pow(0.5, Double(place)) * Double.random(in: 0.5...2, using: &words)
                    entries.append(
                        EfficiencyEntry(
                            model: model, serverType: type,
                            target: LatencyTarget(
                                quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
                            powerBudget: nil,
                            schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
                            throughput: QueriesPerSecond(rate),
                            power: Watts(Double.random(in: 80...300, using: &words)),
                            powerProvenance: .estimated, provenance: .modelled, method: "drawn",
                            evaluations: 1, spaceSize: 1))
                }
                return ServedTask.Variant(
                    model: model,
                    accuracy: ModelAccuracy(
                        value: Fraction(accuracy), samples: 10_000, dataSet: "drawn", split: "none",
                        provenance: .estimated, precision: .int8))
            }
            let (least, most) = (variants[0].accuracy.value.value, accuracy)
            tasks.append(
                ServedTask(
                    id: ModelID("task\(task)"), variants: variants,
                    meanFloor: Fraction(Double.random(in: least...most, using: &words))))
            loads[ModelID("task\(task)")] = QueriesPerSecond(
                Double.random(in: 20_000...80_000, using: &words))
        }
        return try VariantProblem(
            demand: Demand(loads), tasks: tasks,
            fleet: Fleet(id: "f", counts: Dictionary(uniqueKeysWithValues: types.map { ($0, 60) })),
            efficiency: EfficiencyTable(entries), goal: PlanGoal())
    }
}
