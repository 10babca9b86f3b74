import Foundation
import Optimization
import Quantities
import Randomness
import Reporting

/// Programs of deployments on shared boxes: Melange's example, and large drawn ones beside HiGHS called cold
/// through SciPy.
enum FootprintPrograms {
    static func run(_ board: inout BenchmarkBoard) throws {
        try melange(&board)
        for size in sizes { try large(size, &board) }
    }

    // MARK: Melange

    /// melange/config/example.json of its repository: 30 requests/s in four buckets that are not divided.
    private static func melange(_ board: inout BenchmarkBoard) throws {
        let rates = [[2.0, 1, 5, 2], [20, 20, 40, 20]]
        let program = FootprintProgram(
            boxTypes: [
                .init(cost: 1.01, size: 1, available: 100), .init(cost: 3.67, size: 1, available: 100),
            ],
            buckets: [0.2, 0.1, 0.5, 0.2].map { .init(demand: 30 * $0, isWhole: true) },
            columns: rates.enumerated().map { type, rates in
                .init(
                    cost: 0, pieces: [.init(boxType: type, accelerators: 1)],
                    services: rates.enumerated().map { .init(bucket: $0.offset, rate: $0.element) })
            })
        var options = FootprintSolver.Options()
        options.relativeGap = 0
        guard let plan = try FootprintSolver(options: options).minimiseCost(program).plan else { return }
        board.show(
            Table(
                caption: "Melange's example, price of an hour",
                columns: [
                    .init("a10g", "A10G", .count), .init("a100", "A100", .count),
                    .init("price", "price", .plain), .init("bound", "bound", .plain),
                    .init("expected", "Melange", .plain),
                ],
                rows: [
                    [
                        .integer(plan.counts[0]), .integer(plan.counts[1]), .number(cents(plan.objective)),
                        .number(cents(plan.bound)), .number(6.7),
                    ]
                ]))
        board.bar("Melange's example: off 6.70 an hour", abs(plan.objective - 6.7), atMost: 1e-6)
    }

    private static func cents(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    // MARK: Large programs

    /// How large a program is.
    private struct Size {
        let name: String
        let bucketsEach: Int
        let columnsEach: Int
    }

    private static let (boxTypes, models) = (8, 6)
    private static let sizes = [
        Size(name: "200 columns in all, one bucket a model", bucketsEach: 1, columnsEach: 34),
        Size(name: "200 columns and three buckets by length a model", bucketsEach: 3, columnsEach: 200),
    ]
    private static let instances: [UInt64] = [1, 2, 3, 4, 5]
    private static let gap = 1e-3

    private struct Task: Encodable {
        let gap: Double
        let seconds: Double
        let programs: [Instance]
    }

    /// A program as the peer reads it.
    private struct Instance: Encodable {
        struct Box: Encodable {
            let cost: Double
            let size: Int
            let available: Int
        }
        struct Column: Encodable {
            let cost: Double
            let boxType: Int
            let parts: Int
            let rates: [String: Double]
        }
        let boxTypes: [Box]
        let demands: [Double]
        let columns: [Column]

        init(_ program: FootprintProgram) {
            boxTypes = program.boxTypes.map { Box(cost: $0.cost, size: $0.size, available: $0.available) }
            demands = program.buckets.map(\.demand)
            columns = program.columns.map { column in
                Column(
                    cost: column.cost, boxType: column.pieces[0].boxType,
                    parts: column.pieces[0].accelerators,
                    rates: Dictionary(uniqueKeysWithValues: column.services.map { ("\($0.bucket)", $0.rate) })
                )
            }
        }
    }

    private struct Answer: Decodable {
        let seconds: Double
        let gap: Double?
        let objective: Double?
        let isReached: Bool
    }

    private static func large(_ size: Size, _ board: inout BenchmarkBoard) throws {
        let programs = instances.map { program($0, size) }
        var options = FootprintSolver.Options()
        options.relativeGap = gap
        let solver = try FootprintSolver(options: options)
        let plans = try programs.map { program -> (plan: FootprintPlan?, seconds: Double) in
            let began = ContinuousClock.now
            let plan = try solver.minimiseCost(program).plan
            return (plan, (ContinuousClock.now - began) / .seconds(1))
        }
        let peers = try? peer(programs)
        board.show(
            Table(
                caption: "\(boxTypes) kinds of boxes, \(models) models, \(size.name)",
                columns: [
                    .init("seed", "seed", .count), .init("objective", "objective", .plain),
                    .init("gap", "gap", .gap), .init("seconds", "seconds", .plain),
                    .init("peerObjective", "SciPy, HiGHS cold", .plain), .init("peerGap", "its gap", .gap),
                    .init("peerSeconds", "its seconds", .plain),
                ],
                rows: zip(instances, plans).enumerated().map { place, pair in
                    let (plan, seconds) = pair.1
                    let answer = peers?[place]
                    return [
                        .integer(Int(pair.0)), plan.map { .number($0.objective.rounded()) } ?? .missing,
                        plan.map { .number(gap(of: $0)) } ?? .missing, .number(hundredths(seconds)),
                        answer?.objective.map { .number($0.rounded()) } ?? .missing,
                        answer?.gap.map { .number($0) } ?? .missing,
                        answer.map { .number(hundredths($0.seconds)) } ?? .missing,
                    ]
                }))
        if peers == nil {
            board.note("SciPy is not installed: no peer. Scripts/setup benchmarks installs it.")
        }
        board.bar(
            "\(size.name): widest gap", plans.map { $0.plan.map(gap) ?? 1 }.max() ?? 1, atMost: gap)
        board.bar("\(size.name): longest seconds", plans.map(\.seconds).max() ?? .nan, atMost: 1)
        if let peers {
            let reached = peers.count(where: \.isReached)
            let longest = hundredths(peers.map(\.seconds).max() ?? .nan)
            board.note(
                "\(size.name): HiGHS called cold proves that gap of \(reached) of \(peers.count), in up to "
                    + "\(longest) s.")
        }
    }

    private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private static func gap(of plan: FootprintPlan) -> Double {
        plan.objective > 0 ? max(0, 1 - plan.bound / plan.objective) : 0
    }

    /// Boxes of 1, 4 or 8 accelerators; rates that fall with the length of requests, grow with less than the
    /// accelerators, and differ by what a device is good at.
    private static func program(_ seed: UInt64, _ size: Size) -> FootprintProgram {
        var stream = RandomStream(seed: seed, name: "large programs")
        let types = (0..<boxTypes).map { place -> FootprintProgram.BoxType in
            let size = [1, 4, 8, 8][place % 4]
            return .init(
                cost: Double(size) * (60 + 80 * stream.uniform()) + 200, size: size,
                available: 40 + stream.integer(in: 0..<40))
        }
        let speeds = types.map { _ in 0.5 + 2 * stream.uniform() }
        var columns: [FootprintProgram.Column] = []
        var buckets: [FootprintProgram.Bucket] = []
        for model in 0..<models {
            let weight = 0.5 + 4 * stream.uniform()
            let lengths = (0..<size.bucketsEach).map { pow(3, Double($0)) * (0.8 + 0.4 * stream.uniform()) }
            buckets += lengths.map { .init(demand: 400 * (0.3 + stream.uniform()) / (weight * $0)) }
            for _ in 0..<size.columnsEach {
                let type = stream.integer(in: 0..<boxTypes)
                let degrees = [1, 2, 4, 8].filter { $0 <= types[type].size }
                let parts = degrees[stream.integer(in: 0..<degrees.count)]
                let speed = speeds[type] * pow(Double(parts), 0.85) * (0.6 + 0.4 * stream.uniform())
                columns.append(
                    .init(
                        cost: Double(parts) * (150 + 200 * stream.uniform()),
                        pieces: [.init(boxType: type, accelerators: parts)],
                        services: lengths.enumerated().map { place, length in
                            .init(
                                bucket: model * size.bucketsEach + place,
                                rate: 10 * speed * (0.8 + 0.4 * stream.uniform()) / (weight * length))
                        }))
            }
        }
        return FootprintProgram(boxTypes: types, buckets: buckets, columns: columns)
    }

    /// nil where the peer does not run.
    private static func peer(_ programs: [FootprintProgram]) throws -> [Answer]? {
        let answers: [Answer] = try PeerProgram.answers(
            of: "footprint_milp.py", to: Task(gap: gap, seconds: 20, programs: programs.map(Instance.init)))
        return answers.count == programs.count ? answers : nil
    }
}
