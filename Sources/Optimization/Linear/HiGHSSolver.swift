import CNative
import Quantities

/// Solves linear and integer programs with HiGHS (Huangfu and Hall, Mathematical Programming Computation 10,
/// 2018) through its C interface.
///
/// One instance solves any number of programs, one after the other; each solve starts from nothing, so its
/// outcome does not depend on the solves before it. It runs on one thread with a fixed random seed and writes
/// no log: the same program gives the same outcome. Not `Sendable`: every task makes its own.
///
/// HiGHS looks at its own time limit too seldom: a solve once took 157 s for 60. So every run is watched from
/// within by a callback, which stops it at the limit; HiGHS' own limit stands a little behind.
public final class HiGHSSolver {
    private let library: HiGHSLibrary
    private let highs: UnsafeMutableRawPointer
    private let guarding: UnsafeMutablePointer<CNativeHiGHSGuard>
    /// Whether the last run was stopped from within, at its time limit or its limit of checks.
    public var wasStopped: Bool { guarding.pointee.stopped != 0 }
    /// How often the last run asked whether to go on.
    public var checkCount: Int { Int(guarding.pointee.asks) }

    /// Opens the library and makes a solver.
    ///
    /// - Parameter libraryName: the file to look for, see `cnative_library_open`.
    /// - Throws: `libraryMissing` with what was searched and how to install it.
    public init(libraryName: String = "libhighs.so") throws(OptimizationError) {
        library = try HiGHSLibrary(name: libraryName)
        guard let highs = library.functions.create() else {
            throw .callFailed(function: "Highs_create", detail: "no instance")
        }
        self.highs = highs
        guarding = .allocate(capacity: 1)
        guarding.initialize(to: CNativeHiGHSGuard())
        guard withUnsafePointer(to: library.functions, { cnative_highs_watch($0, highs, guarding) }) == 1
        else {
            throw .callFailed(function: "Highs_setCallback", detail: "it was refused")
        }
    }

    deinit {
        library.functions.destroy(highs)
        guarding.deallocate()
    }

    /// The library's version, for example `1.15.1`.
    public var version: String { library.version }
    /// The file the library was loaded from.
    public var libraryPath: String { library.path }

    /// Solves a linear program to optimality by the simplex method.
    public func solve(_ program: LinearProgram) throws(OptimizationError) -> LinearSolution {
        let options = IntegerSolveOptions(timeLimit: Nanoseconds(seconds: 600), feasibilityTolerance: 1e-7)
        let status = try run(program, isInteger: nil, options: options)
        guard status == .optimal else { return LinearSolution(status: status, optimum: nil) }
        let solution = try solution(of: program)
        return LinearSolution(
            status: .optimal,
            optimum: LinearSolution.Optimum(
                values: solution.values, objective: program.objective(at: solution.values),
                rowDuals: solution.rowDuals, reducedCosts: solution.reducedCosts))
    }

    /// Solves an integer program by branch and cut, up to the options' gap and limits.
    public func solve(
        _ program: IntegerProgram, options: IntegerSolveOptions = IntegerSolveOptions()
    ) throws(OptimizationError) -> IntegerSolution {
        let relaxation = program.relaxation
        let status = try run(relaxation, isInteger: program.isInteger, options: options)
        let nodeCount = relaxation.columnCount == 0 ? 0 : max(0, try nodeCount())
        switch status {
        case .infeasible:
            return IntegerSolution(
                status: status, incumbent: nil, dualBound: .infinity, nodeCount: nodeCount)
        case .unbounded:
            return IntegerSolution(
                status: status, incumbent: nil, dualBound: -.infinity, nodeCount: nodeCount)
        case .limit:
            return IntegerSolution(
                status: status, incumbent: nil, dualBound: try doubleInfo("mip_dual_bound"),
                nodeCount: nodeCount)
        case .optimal, .feasible:
            let values = zip(try solution(of: relaxation).values, program.isInteger).map { value, isInteger in
                isInteger ? value.rounded() : value
            }
            let bound = relaxation.columnCount == 0 ? 0 : try doubleInfo("mip_dual_bound")
            return IntegerSolution(
                status: status,
                incumbent: IntegerSolution.Incumbent(
                    values: values, objective: relaxation.objective(at: values)),
                dualBound: bound, nodeCount: nodeCount)
        }
    }
}

// MARK: - One run

extension HiGHSSolver {
    private func run(
        _ program: LinearProgram, isInteger: [Bool]?, options: IntegerSolveOptions
    ) throws(OptimizationError) -> SolveStatus {
        if let defect = program.defect { throw .malformedProgram(defect) }
        if let start = options.start, start.count != program.columnCount {
            throw .malformedProgram("the start has \(start.count) values, expected \(program.columnCount)")
        }
        guard program.columnCount > 0 else { return statusWithoutColumns(of: program) }
        try set(options)
        try pass(program, isInteger: isInteger)
        if let start = options.start {
            try check(library.functions.set_solution(highs, start, nil, nil, nil), "Highs_setSolution")
        }
        try check(library.functions.zero_all_clocks(highs), "Highs_zeroAllClocks")
        guarding.pointee = CNativeHiGHSGuard(
            deadline_seconds: cnative_highs_clock() + options.timeLimit.seconds,
            asks_max: Int64(options.checkLimit ?? -1), asks: 0, stopped: 0)
        try check(library.functions.run(highs), "Highs_run")
        return try status(of: program, isInteger: isInteger, options: options)
    }

    /// HiGHS answers "empty" for a program without columns; its rows all have the value zero.
    private func statusWithoutColumns(of program: LinearProgram) -> SolveStatus {
        zip(program.rowLower, program.rowUpper).allSatisfy { $0 <= 0 && 0 <= $1 } ? .optimal : .infeasible
    }

    private func set(_ options: IntegerSolveOptions) throws(OptimizationError) {
        try set("output_flag", to: false)
        try set("log_to_console", to: false)
        try set("threads", to: 1)
        try set("parallel", to: "off")
        try set("random_seed", to: 0)
        try set("time_limit", to: options.timeLimit.seconds * 1.2 + 0.1)
        try set("mip_rel_gap", to: options.relativeGap)
        // HiGHS' own default of the absolute gap would end programs with small objectives early.
        try set("mip_abs_gap", to: options.absoluteGap)
        try set("mip_max_nodes", to: min(options.nodeLimit ?? Int(Int32.max), Int(Int32.max)))
        try set("primal_feasibility_tolerance", to: options.feasibilityTolerance)
        try set("mip_feasibility_tolerance", to: options.feasibilityTolerance)
        // Smaller coefficients are dropped, which would make a program's bound wrong by what they add up to.
        try set("small_matrix_value", to: 1e-12)
    }

    private func pass(_ program: LinearProgram, isInteger: [Bool]?) throws(OptimizationError) {
        let integrality = isInteger.map { flags in flags.map { Int32($0 ? 1 : 0) } }
        try check(library.functions.clear_model(highs), "Highs_clearModel")
        let rowWise: Int32 = 2
        let minimise: Int32 = 1
        func pass(_ integrality: UnsafePointer<Int32>?) -> Int32 {
            library.functions.pass_model(
                highs, Int32(program.columnCount), Int32(program.rowCount),
                Int32(program.coefficients.count), 0, rowWise, 1, minimise, 0, program.costs,
                program.columnLower, program.columnUpper, program.rowLower, program.rowUpper,
                program.rowStarts, program.columnIndices, program.coefficients, nil, nil, nil, integrality)
        }
        let outcome = integrality.map { $0.withUnsafeBufferPointer { pass($0.baseAddress) } } ?? pass(nil)
        try check(outcome, "Highs_passModel")
    }

    private func status(
        of program: LinearProgram, isInteger: [Bool]?, options: IntegerSolveOptions
    ) throws(OptimizationError) -> SolveStatus {
        let number = library.functions.model_status(highs)
        switch HiGHSModelStatus(rawValue: number) {
        case .optimal: return .optimal
        case .infeasible: return .infeasible
        case .unbounded: return .unbounded
        case .unboundedOrInfeasible:
            // Presolve could not tell the two apart; without costs only feasibility is left to decide.
            var feasibilityOptions = options
            feasibilityOptions.start = nil
            let status = try run(
                program.withoutCosts, isInteger: isInteger, options: feasibilityOptions)
            return status == .optimal || status == .feasible ? .unbounded : status
        case .timeLimit, .iterationLimit, .solutionLimit, .interrupt, .objectiveBound, .objectiveTarget:
            var primalStatus: Int32 = 0
            try check(
                library.functions.get_int_info(highs, "primal_solution_status", &primalStatus),
                "Highs_getIntInfoValue(primal_solution_status)")
            return primalStatus == 2 ? .feasible : .limit
        default:
            throw .callFailed(function: "Highs_run", detail: "it ended with model status \(number)")
        }
    }
}

// MARK: - Options and answers

extension HiGHSSolver {
    private func solution(
        of program: LinearProgram
    ) throws(OptimizationError) -> (values: [Double], reducedCosts: [Double], rowDuals: [Double]) {
        var values = [Double](repeating: 0, count: program.columnCount)
        var reducedCosts = values
        var activities = [Double](repeating: 0, count: program.rowCount)
        var rowDuals = activities
        guard program.columnCount > 0 else { return (values, reducedCosts, rowDuals) }
        try check(
            library.functions.get_solution(highs, &values, &reducedCosts, &activities, &rowDuals),
            "Highs_getSolution")
        return (values, reducedCosts, rowDuals)
    }

    private func nodeCount() throws(OptimizationError) -> Int {
        var value: Int64 = 0
        try check(
            library.functions.get_int64_info(highs, "mip_node_count", &value),
            "Highs_getInt64InfoValue(mip_node_count)")
        return Int(value)
    }

    private func doubleInfo(_ name: String) throws(OptimizationError) -> Double {
        var value = 0.0
        try check(
            library.functions.get_double_info(highs, name, &value), "Highs_getDoubleInfoValue(\(name))")
        return value
    }

    private func set(_ option: String, to value: Bool) throws(OptimizationError) {
        try check(library.functions.set_bool_option(highs, option, value ? 1 : 0), "setting \(option)")
    }

    private func set(_ option: String, to value: Int) throws(OptimizationError) {
        try check(library.functions.set_int_option(highs, option, Int32(value)), "setting \(option)")
    }

    private func set(_ option: String, to value: Double) throws(OptimizationError) {
        try check(library.functions.set_double_option(highs, option, value), "setting \(option)")
    }

    private func set(_ option: String, to value: String) throws(OptimizationError) {
        try check(library.functions.set_string_option(highs, option, value), "setting \(option)")
    }

    /// -1 is an error; 1 is a warning, such as a limit that was reached, and shows in the status.
    private func check(_ outcome: Int32, _ function: String) throws(OptimizationError) {
        guard outcome >= 0 else { throw .callFailed(function: function, detail: "status \(outcome)") }
    }
}
