import Optimization
import Quantities
import Randomness
import Testing

@Suite struct HiGHSSolverTests {
    private func isClose(_ left: Double, _ right: Double) -> Bool {
        abs(left - right) <= 1e-7 * max(1, abs(left), abs(right))
    }

    /// The production example of Hillier and Lieberman: 3 x + 5 y with three limits, optimum 36 at (2, 6).
    @Test func aTextbookLinearProgramHasItsKnownDuals() throws {
        var program = LinearProgram()
        let x = program.addColumn(cost: -3, name: "x")
        let y = program.addColumn(cost: -5, name: "y")
        program.addRow(upper: 4, terms: [(x, 1)])
        program.addRow(upper: 12, terms: [(y, 2)])
        program.addRow(upper: 18, terms: [(x, 3), (y, 2)])
        let solution = try HiGHSSolver().solve(program)
        #expect(solution.status == .optimal)
        let optimum = try #require(solution.optimum)
        #expect(isClose(optimum.objective, -36))
        #expect(zip(optimum.values, [2, 6]).allSatisfy(isClose))
        #expect(zip(optimum.rowDuals, [0, -1.5, -1]).allSatisfy(isClose))
        #expect(zip(optimum.reducedCosts, [0, 0]).allSatisfy(isClose))
    }

    @Test func randomLinearProgramsSatisfyStrongDuality() throws {
        let solver = try HiGHSSolver()
        var words = SplitMix64(seed: 3)
        for _ in 0..<60 {
            let columns = Int.random(in: 1...8, using: &words)
            var program = LinearProgram()
            for _ in 0..<columns {
                program.addColumn(
                    cost: .random(in: 1...9, using: &words), upper: .random(in: 2...5, using: &words))
            }
            for _ in 0..<Int.random(in: 1...5, using: &words) {
                let terms = (0..<columns).map { ($0, Double.random(in: 0.1...1, using: &words)) }
                program.addRow(lower: .random(in: 0.1...0.2, using: &words) * Double(columns), terms: terms)
            }
            let optimum = try #require(try solver.solve(program).optimum)
            // The dual objective: rows at their lower bounds, columns with negative reduced cost at their
            // upper.
            let rows = zip(optimum.rowDuals, program.rowLower).reduce(0) { $0 + $1.0 * $1.1 }
            let bounds = zip(optimum.reducedCosts, program.columnUpper).reduce(0) { $0 + min(0, $1.0) * $1.1 }
            #expect(optimum.rowDuals.allSatisfy { $0 >= -1e-9 })
            #expect(isClose(optimum.objective, rows + bounds))
            let activities = program.activities(at: optimum.values)
            #expect(zip(activities, program.rowLower).allSatisfy { $0 >= $1 - 1e-6 })
        }
    }

    @Test func infeasibleAndUnboundedProgramsAreAnswers() throws {
        let solver = try HiGHSSolver()
        var infeasible = LinearProgram()
        infeasible.addColumn(cost: 1, upper: 1)
        infeasible.addRow(lower: 2, terms: [(0, 1)])
        #expect(try solver.solve(infeasible).status == .infeasible)
        #expect(try solver.solve(infeasible).optimum == nil)

        var unbounded = LinearProgram()
        unbounded.addColumn(cost: -1)
        unbounded.addColumn(cost: 0)
        unbounded.addRow(upper: 1, terms: [(0, 1), (1, -1)])
        #expect(try solver.solve(unbounded).status == .unbounded)

        var wholeInfeasible = IntegerProgram()
        wholeInfeasible.addColumn(cost: 1, upper: 5, isInteger: true)
        wholeInfeasible.addRow(lower: 1, upper: 1, terms: [(0, 2)])
        let answer = try solver.solve(wholeInfeasible)
        #expect(answer.status == .infeasible && answer.incumbent == nil && answer.dualBound == .infinity)

        var wholeUnbounded = IntegerProgram()
        wholeUnbounded.addColumn(cost: -1, isInteger: true)
        wholeUnbounded.addColumn(cost: 0, isInteger: true)
        wholeUnbounded.addRow(upper: 1.5, terms: [(0, 1), (1, -1)])
        #expect(try solver.solve(wholeUnbounded).status == .unbounded)
    }

    @Test func programsWithoutColumnsAreDecidedByTheirRows() throws {
        let solver = try HiGHSSolver()
        var program = LinearProgram()
        #expect(try solver.solve(program).optimum?.objective == 0)
        program.addRow(lower: 1, terms: [])
        #expect(try solver.solve(program).status == .infeasible)
        #expect(try solver.solve(IntegerProgram()).incumbent?.values == [])
    }

    @Test func integerProgramsAgreeWithTryingEveryPoint() throws {
        let solver = try HiGHSSolver()
        var words = SplitMix64(seed: 8)
        for _ in 0..<80 {
            let costs = (0..<4).map { _ in Double(Int.random(in: 1...30, using: &words)) }
            let rows = (0..<3).map { _ in (0..<4).map { _ in Double(Int.random(in: 0...9, using: &words)) } }
            let needs = (0..<3).map { _ in Double(Int.random(in: 5...40, using: &words)) }
            var program = IntegerProgram()
            for cost in costs { program.addColumn(cost: cost, upper: 3, isInteger: true) }
            for (row, need) in zip(rows, needs) {
                program.addRow(lower: need, terms: row.enumerated().map { ($0.offset, $0.element) })
            }
            var best: Double?
            for code in 0..<256 {
                let point = (0..<4).map { Double(code >> (2 * $0) & 3) }
                let isFeasible = zip(rows, needs).allSatisfy { row, need in
                    zip(row, point).reduce(0) { $0 + $1.0 * $1.1 } >= need
                }
                if isFeasible { best = min(best ?? .infinity, program.relaxation.objective(at: point)) }
            }
            let solution = try solver.solve(program, options: IntegerSolveOptions(relativeGap: 0))
            #expect(solution.incumbent?.objective == best)
            #expect(solution.status == (best == nil ? .infeasible : .optimal))
            if let best {
                #expect(solution.dualBound <= best + 1e-6)
                #expect(solution.relativeGap.map { $0 < 1e-6 } == true)
            }
        }
    }

    /// A market-split program: hard enough to need nodes, and full of ties.
    private func hardProgram() -> IntegerProgram {
        var words = SplitMix64(seed: 5)
        var program = IntegerProgram()
        for _ in 0..<24 { program.addColumn(cost: 0, upper: 1, isInteger: true) }
        for _ in 0..<3 {
            let weights = (0..<24).map { ($0, Double(Int.random(in: 0..<100, using: &words))) }
            let surplus = program.addColumn(cost: 1, isInteger: false)
            let lack = program.addColumn(cost: 1, isInteger: false)
            let half = (weights.reduce(0) { $0 + $1.1 } / 2).rounded(.down)
            program.addRow(lower: half, upper: half, terms: weights + [(surplus, -1), (lack, 1)])
        }
        return program
    }

    @Test func limitsEndTheSearchWithWhatIsKnown() throws {
        let solver = try HiGHSSolver()
        let program = hardProgram()
        let limited = try solver.solve(program, options: IntegerSolveOptions(relativeGap: 0, nodeLimit: 20))
        #expect(limited.status == .feasible)
        #expect(limited.nodeCount <= 40)
        let incumbent = try #require(limited.incumbent)
        #expect(limited.dualBound <= incumbent.objective)
        #expect(try #require(limited.relativeGap) > 0)
        // A start that the limited search would not have to find by itself is never made worse.
        let start = incumbent.values
        let started = try solver.solve(
            program, options: IntegerSolveOptions(relativeGap: 0, nodeLimit: 1, start: start))
        #expect(try #require(started.incumbent).objective <= incumbent.objective + 1e-9)
        let useless = [Double](repeating: 0.5, count: start.count)
        let other = try solver.solve(
            program, options: IntegerSolveOptions(relativeGap: 0, nodeLimit: 20, start: useless))
        #expect(other.status == .feasible)
    }

    @Test func theSameProgramGivesTheSameOutcomeWhateverCameBefore() throws {
        let solver = try HiGHSSolver()
        let options = IntegerSolveOptions(relativeGap: 0, nodeLimit: 50)
        let program = hardProgram()
        let first = try solver.solve(program, options: options)
        _ = try solver.solve(program.relaxation)
        _ = try solver.solve(program, options: IntegerSolveOptions(relativeGap: 0.5, nodeLimit: 3))
        #expect(try solver.solve(program, options: options) == first)
        #expect(try HiGHSSolver().solve(program, options: options) == first)
    }

    @Test func aMissingLibrarySaysWhatWasSearchedAndHowToInstallIt() throws {
        let error = try #require(throws: OptimizationError.self) {
            _ = try HiGHSSolver(libraryName: "libhighs-that-does-not-exist.so")
        }
        guard case .libraryMissing(let name, _) = error else {
            Issue.record("unexpected error: \(error)")
            return
        }
        #expect(name == "libhighs-that-does-not-exist.so")
        for part in [name, "HERCULES_LIB_PATH", ".deps/lib", "Scripts/setup"] {
            #expect(error.description.contains(part))
        }
    }

    @Test func theLibraryIsTheOneThatSetupInstalls() throws {
        let solver = try HiGHSSolver()
        #expect(solver.version.hasPrefix("1."))
        #expect(solver.libraryPath.contains("libhighs"))
    }

    @Test func malformedProgramsAreRefusedByName() throws {
        let solver = try HiGHSSolver()
        var program = LinearProgram()
        program.addColumn(cost: .nan, name: "N[t, m]")
        #expect(
            throws: OptimizationError.malformedProgram("the cost of N[t, m] is nan, expected a finite number")
        ) {
            _ = try solver.solve(program)
        }
        var crossed = IntegerProgram()
        crossed.addColumn(cost: 1, lower: 2, upper: 1, isInteger: true)
        #expect(throws: OptimizationError.self) { _ = try solver.solve(crossed) }
        var short = IntegerProgram()
        short.addColumn(cost: 1, isInteger: true)
        #expect(throws: OptimizationError.malformedProgram("the start has 2 values, expected 1")) {
            _ = try solver.solve(short, options: IntegerSolveOptions(start: [1, 2]))
        }
    }

    /// A covering program that branch and bound does not finish.
    private func endless(_ words: inout SplitMix64) -> IntegerProgram {
        var program = IntegerProgram()
        for _ in 0..<3000 {
            program.addColumn(cost: .random(in: 200...400, using: &words), upper: 40, isInteger: true)
        }
        for _ in 0..<60 {
            let terms = (0..<3000).map { ($0, Double.random(in: 0.001...0.02, using: &words)) }
            program.addRow(lower: 1, terms: terms)
        }
        return program
    }

    @Test func aRunIsStoppedFromWithin() throws {
        let solver = try HiGHSSolver()
        var words = SplitMix64(seed: 5)
        let program = endless(&words)
        let cut = try solver.solve(
            program,
            options: IntegerSolveOptions(relativeGap: 0, timeLimit: Nanoseconds(seconds: 600), checkLimit: 3))
        #expect(solver.wasStopped)
        // It asks a few times more while it winds up.
        #expect(solver.checkCount >= 4 && solver.checkCount < 1000, "it asked \(solver.checkCount) times")
        #expect(cut.status == .limit || cut.status == .feasible)
        #expect(cut.nodeCount <= 1)
        // A deadline that has passed, by whichever of the two limits notices first.
        let late = try solver.solve(
            program, options: IntegerSolveOptions(relativeGap: 0, timeLimit: Nanoseconds(1)))
        #expect(late.status == .limit || late.status == .feasible)
        // A stopped run leaves nothing behind.
        var small = IntegerProgram()
        small.addColumn(cost: 1, upper: 9, isInteger: true)
        small.addRow(lower: 2.5, terms: [(0, 1)])
        let solved = try solver.solve(small)
        #expect(solved.status == .optimal && solved.incumbent?.objective == 3)
        #expect(!solver.wasStopped)
    }
}
