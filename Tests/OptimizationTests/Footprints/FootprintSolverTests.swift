import Optimization
import Quantities
import Randomness
import Testing

@Suite struct FootprintSolverTests {
    private typealias Program = FootprintProgram

    private func isClose(_ left: Double, _ right: Double) -> Bool {
        abs(left - right) <= 1e-6 * max(1, abs(left), abs(right))
    }

    private func areClose(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0.0 - $0.1) < 1e-6 }
    }

    private func exact() throws -> FootprintSolver {
        try FootprintSolver(options: .init(relativeGap: 0, effort: nil))
    }

    @Test func smallProgramsAgreeWithTryingAllCounts() throws {
        let solver = try exact()
        var words = SplitMix64(seed: 11)
        var feasible = 0
        for round in 0..<2000 {
            let program = FootprintInstances.drawn(using: &words)
            let best = FootprintBruteForce(program).leastCost()
            let outcome = try solver.minimiseCost(program)
            guard let best else {
                guard case .infeasible = outcome else {
                    Issue.record("round \(round): \(outcome)")
                    continue
                }
                continue
            }
            feasible += 1
            guard let plan = outcome.plan else {
                Issue.record("round \(round): \(outcome), best \(best)")
                continue
            }
            if !isClose(plan.objective, best) {
                Issue.record("round \(round): \(plan.objective), best \(best)")
            }
            if plan.bound > best + 1e-6 { Issue.record("round \(round): bound \(plan.bound), best \(best)") }
            if let fault = FootprintInstances.fault(plan, program) {
                Issue.record("round \(round): \(fault)")
            }
        }
        #expect(feasible > 600 && feasible < 1900, "\(feasible) feasible")
    }

    @Test func moreBoxesCheaperTypesAndLessDemandAreNeverWorse() throws {
        let solver = try exact()
        var words = SplitMix64(seed: 12)
        for round in 0..<12 {
            let program = FootprintInstances.medium(using: &words)
            guard let plan = try solver.minimiseCost(program).plan else { continue }
            #expect(FootprintInstances.fault(plan, program) == nil)
            var more = program
            more.boxTypes[round % 3].available += 2
            var cheaper = program
            cheaper.boxTypes[round % 3].cost *= 0.7
            var less = program
            less.buckets[round % 4].demand *= 0.6
            for changed in [more, cheaper, less] {
                let better = try #require(try solver.minimiseCost(changed).plan)
                #expect(better.objective <= plan.objective * (1 + 1e-6))
            }
            // The same stock under two names is the same stock.
            var split = program
            split.boxTypes[0].available = 2
            split.boxTypes.append(program.boxTypes[0])
            split.boxTypes[3].available = 4
            for var column in program.columns where column.pieces[0].boxType == 0 {
                column.pieces[0].boxType = 3
                split.columns.append(column)
            }
            let other = try #require(try solver.minimiseCost(split).plan)
            #expect(isClose(other.objective, plan.objective), "round \(round)")
        }
    }

    /// With stock for everything, fractions of deployments and boxes scale with demand.
    @Test func theRelaxationsBoundScalesWithDemand() throws {
        var words = SplitMix64(seed: 13)
        // Any plan will do, so that the bound is that of the relaxation.
        let solver = try FootprintSolver(options: .init(relativeGap: 10))
        for _ in 0..<8 {
            var program = FootprintInstances.medium(using: &words)
            for type in program.boxTypes.indices { program.boxTypes[type].available = 10_000 }
            let once = try #require(try solver.minimiseCost(program).plan)
            for bucket in program.buckets.indices { program.buckets[bucket].demand *= 7 }
            let more = try #require(try solver.minimiseCost(program).plan)
            #expect(isClose(more.bound, 7 * once.bound))
            #expect(once.bound > 0 && more.bound <= more.objective)
        }
    }

    /// Melange's example (its repository, melange/config/example.json), with buckets that are not divided.
    @Test func theExampleOfMelangeCostsSixDollarsSeventy() throws {
        let rates = [[2.0, 1, 5, 2], [20, 20, 40, 20]]
        let program = Program(
            boxTypes: [
                .init(cost: 1.01, size: 1, available: 100), .init(cost: 3.67, size: 1, available: 100),
            ],
            buckets: [0.2, 0.1, 0.5, 0.2].map { .init(demand: 30 * $0, isWhole: true) },
            columns: rates.enumerated().map { type, rates in
                .init(
                    cost: 0, pieces: [.init(boxType: type, accelerators: 1)],
                    services: rates.enumerated().map { .init(bucket: $0.offset, rate: $0.element) })
            })
        let plan = try #require(try exact().minimiseCost(program).plan)
        #expect(plan.counts == [3, 1] && plan.boxes == [3, 1])
        #expect(isClose(plan.objective, 6.70))
        let served = Set(plan.flows.map(\.bucket))
        #expect(served.count == 4 && plan.flows.count == 4)
        // One type alone: 12 of the small, 2 of the large.
        var alone = program
        alone.boxTypes[1].available = 0
        let small = try #require(try exact().minimiseCost(alone).plan)
        #expect(isClose(small.objective, 12.12))
        alone = program
        alone.boxTypes[0].available = 0
        let large = try #require(try exact().minimiseCost(alone).plan)
        #expect(isClose(large.objective, 7.34))
        // A bucket that may be divided never costs more.
        var divided = program
        for bucket in divided.buckets.indices { divided.buckets[bucket].isWhole = false }
        let cheaper = try #require(try exact().minimiseCost(divided).plan)
        #expect(cheaper.objective <= 6.70 + 1e-9)
    }

    /// 12 requests per second: prefill at 4 needs 3 deployments, decode at 2.5 needs 4.8, so 5.
    @Test func prefillAndDecodeAreBalanced() throws {
        func program(link: Double?) -> Program {
            Program(
                boxTypes: [.init(cost: 1, size: 8, available: 4)], buckets: [.init(demand: 12)],
                columns: [
                    .init(
                        cost: 2, pieces: [.init(boxType: 0, accelerators: 1)],
                        services: [.init(bucket: 0, rate: 4)], role: .prefill),
                    .init(
                        cost: 1, pieces: [.init(boxType: 0, accelerators: 1)],
                        services: [.init(bucket: 0, rate: 2.5)], role: .decode),
                    .init(
                        cost: 9, pieces: [.init(boxType: 0, accelerators: 2)],
                        services: [.init(bucket: 0, rate: 2)]),
                ], links: link.map { [.init(capacity: $0, amounts: [0: 0.5])] } ?? [])
        }
        let plan = try #require(try exact().minimiseCost(program(link: nil)).plan)
        #expect(plan.counts == [3, 5, 0] && plan.boxes == [1])
        #expect(isClose(plan.objective, 12))
        for role in 0..<2 {
            let rates = plan.flows.filter { $0.column == role }.map(\.rate)
            #expect(isClose(rates.reduce(0, +), 12))
        }
        // The link carries 8 requests per second; the other 4 need two deployments that do both parts.
        let linked = try #require(try exact().minimiseCost(program(link: 4)).plan)
        #expect(linked.counts == [2, 4, 2] && linked.boxes == [2])
        #expect(isClose(linked.objective, 28))
    }

    @Test func whatDoesNotFitIsLeftByPriority() throws {
        // Four accelerators, each serves 10 of any bucket: 40 of 15 + 20 + 30.
        var program = Program(
            boxTypes: [.init(cost: 5, size: 2, available: 2)],
            buckets: [
                .init(demand: 15, priority: 1), .init(demand: 20, priority: 3),
                .init(demand: 30, priority: 2),
            ],
            columns: [
                .init(
                    cost: 1, pieces: [.init(boxType: 0, accelerators: 1)],
                    services: (0..<3).map { .init(bucket: $0, rate: 10) })
            ])
        guard case .infeasible(.relaxation) = try exact().minimiseCost(program) else {
            Issue.record("it fits")
            return
        }
        let plan = try #require(try exact().minimiseUnserved(program).plan)
        #expect(areClose(plan.unserved, [15, 0, 10]))
        #expect(plan.levels.map(\.priority) == [3, 2, 1])
        #expect(areClose(plan.levels.map(\.unserved), [0, 10, 15]))
        #expect(areClose(plan.levels.map(\.bound), [0, 10, 15]))
        #expect(isClose(plan.objective, 14))
        #expect(FootprintInstances.fault(plan, program) == nil)
        program.boxTypes[0].available = 10
        let complete = try #require(try exact().minimiseUnserved(program).plan)
        #expect(complete.unserved == [0, 0, 0])
        let cheapest = try #require(try exact().minimiseCost(program).plan)
        #expect(isClose(complete.objective, cheapest.objective))
    }

    @Test func throughputIsTheLargestMultipleOfEveryDemand() throws {
        // Three accelerators: two for the bucket at 3 a second, one for the bucket at 4 a second.
        let program = Program(
            boxTypes: [.init(cost: 1, size: 1, available: 3)],
            buckets: [.init(demand: 6), .init(demand: 2)],
            columns: [
                .init(
                    cost: 1, pieces: [.init(boxType: 0, accelerators: 1)],
                    services: [.init(bucket: 0, rate: 3)]),
                .init(
                    cost: 1, pieces: [.init(boxType: 0, accelerators: 1)],
                    services: [.init(bucket: 1, rate: 4)]),
            ])
        let plan = try #require(try exact().maximiseThroughput(program).plan)
        #expect(plan.counts == [2, 1])
        #expect(isClose(plan.objective, 1) && plan.bound >= plan.objective - 1e-9)
        #expect(isClose(plan.bound, 1))
        #expect(FootprintInstances.fault(plan, program) == nil)
        var free = program
        free.columns[0].pieces = []
        #expect(throws: OptimizationError.self) { _ = try exact().maximiseThroughput(free) }
    }

    @Test func limitsAndBudgetsHold() throws {
        var program = Program(
            boxTypes: [.init(cost: 1, size: 4, available: 9, secondCost: 2)], buckets: [.init(demand: 8)],
            columns: [1.0, 3].map { cost in
                .init(
                    cost: cost, pieces: [.init(boxType: 0, accelerators: 1)],
                    services: [.init(bucket: 0, rate: 2)], secondCost: cost == 1 ? 5 : 1)
            })
        #expect(try #require(try exact().minimiseCost(program).plan).counts == [4, 0])
        program.columns[0].atMost = 3
        #expect(try #require(try exact().minimiseCost(program).plan).counts == [3, 1])
        program.columns[1].atLeast = 6
        let forced = try #require(try exact().minimiseCost(program).plan)
        #expect(forced.counts == [0, 6] && forced.boxes == [2])
        program.columns[1].atLeast = 0
        // 2 for the box, 5 + 1 + 1 + 1 for the deployments.
        program.budget = 10
        #expect(try #require(try exact().minimiseCost(program).plan).counts == [1, 3])
        program.budget = 5
        #expect(try exact().minimiseCost(program).plan == nil)
    }

    @Test func thePlanOfALargerProgramIsSoundAndTheSameTwice() throws {
        var words = SplitMix64(seed: 14)
        func number(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &words) }
        let program = Program(
            boxTypes: (0..<4).map { _ in .init(cost: number(4...9), size: 8, available: 300) },
            buckets: (0..<12).map { _ in .init(demand: number(300...900)) },
            columns: (0..<90).map { index in
                let size = 1 << (index % 4)
                return .init(
                    cost: number(1...2) * Double(size),
                    pieces: [.init(boxType: index % 4, accelerators: size)],
                    services: (0..<4).map {
                        .init(bucket: 4 * (index % 3) + $0, rate: number(2...6) * Double(size))
                    })
            })
        let solver = try FootprintSolver(options: .init(relativeGap: 5e-3))
        let plan = try #require(try solver.minimiseCost(program).plan)
        #expect(plan.gap <= 5e-3 && plan.bound > 0)
        #expect(plan.tally.columns == 90 && plan.tally.priced > 0 && plan.tally.rounds > 0)
        #expect(try solver.minimiseCost(program).plan == plan)
    }

    @Test func whatMakesNoSenseIsRefusedByNumber() throws {
        let solver = try exact()
        var program = Program(
            boxTypes: [.init(cost: 1, size: 4, available: 1)], buckets: [.init(demand: 1)],
            columns: [
                .init(
                    cost: 1, pieces: [.init(boxType: 0, accelerators: 5)],
                    services: [.init(bucket: 0, rate: 1)])
            ])
        let error = #expect(throws: OptimizationError.self) { _ = try solver.minimiseCost(program) }
        #expect(error?.description.contains("column 0: a piece of 5 accelerators") == true)
        program.columns[0].pieces = [.init(boxType: 0, accelerators: 4)]
        program.columns[0].services[0].rate = 0
        #expect(throws: OptimizationError.self) { _ = try solver.minimiseCost(program) }
        program.columns[0].services[0].rate = 1
        program.buckets[0].demand = .nan
        #expect(throws: OptimizationError.self) { _ = try solver.minimiseCost(program) }
    }

    /// Two pieces of 4 and one of 2 are 10 of 12 accelerators, and fit two boxes of 6; three of 4 are 12, and
    /// do not.
    @Test func piecesThatDoNotDivideArePackedByPatterns() throws {
        func program(_ demand: Double) -> Program {
            Program(
                boxTypes: [.init(cost: 10, size: 6, available: 3)],
                buckets: [.init(demand: demand), .init(demand: 1)],
                columns: [
                    .init(
                        cost: 1, pieces: [.init(boxType: 0, accelerators: 4)],
                        services: [.init(bucket: 0, rate: 1)]),
                    .init(
                        cost: 1, pieces: [.init(boxType: 0, accelerators: 2)],
                        services: [.init(bucket: 1, rate: 1)]),
                ])
        }
        let two = try #require(try exact().minimiseCost(program(2)).plan)
        #expect(two.boxes == [2] && isClose(two.objective, 23))
        let three = try #require(try exact().minimiseCost(program(3)).plan)
        #expect(three.boxes == [3] && isClose(three.objective, 34))
        #expect(FootprintInstances.fault(three, program(3)) == nil)
        #expect(try exact().minimiseCost(program(4)).plan == nil)
    }

    /// A run that is stopped leaves no order to stop for the next one, which may be a linear program.
    @Test func aStoppedRunDoesNotStopTheNext() throws {
        let solver = try HiGHSSolver()
        var words = SplitMix64(seed: 5)
        var program = IntegerProgram()
        for _ in 0..<400 {
            program.addColumn(cost: .random(in: 200...400, using: &words), upper: 40, isInteger: true)
        }
        for _ in 0..<30 {
            program.addRow(
                lower: 1, terms: (0..<400).map { ($0, Double.random(in: 0.001...0.02, using: &words)) })
        }
        _ = try solver.solve(program, options: IntegerSolveOptions(relativeGap: 0, checkLimit: 2))
        #expect(solver.wasStopped)
        #expect(try solver.solve(program.relaxation).status == .optimal)
    }
}
