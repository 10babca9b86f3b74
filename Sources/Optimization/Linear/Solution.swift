import Quantities

/// What a solver found out about a program.
public enum SolveStatus: String, Hashable, Sendable, CaseIterable {
    /// Solved: for an integer program, within the gap that was asked for.
    case optimal
    /// A limit was reached with a feasible point at hand.
    case feasible
    /// No point meets all constraints.
    case infeasible
    /// Points of any low objective exist.
    case unbounded
    /// A limit was reached without a feasible point.
    case limit
}

/// The outcome of a linear program.
public struct LinearSolution: Hashable, Sendable {
    /// An optimal vertex and the dual values that prove it.
    public struct Optimum: Hashable, Sendable {
        /// x, one number for each column.
        public let values: [Double]
        /// sum_j c_j x_j.
        public let objective: Double
        /// y, one for each row: how the objective changes for each unit its binding bound is raised. Not
        /// negative where a lower bound binds, not positive where an upper bound binds.
        public let rowDuals: [Double]
        /// c - yA, one for each column.
        public let reducedCosts: [Double]
    }

    /// What was found out.
    public let status: SolveStatus
    /// nil unless the status is `optimal`.
    public let optimum: Optimum?
}

/// The outcome of an integer program.
public struct IntegerSolution: Hashable, Sendable {
    /// The best point found.
    public struct Incumbent: Hashable, Sendable {
        /// x, one number for each column, exactly whole where the program demands it.
        public let values: [Double]
        /// sum_j c_j x_j.
        public let objective: Double
    }

    /// What was found out.
    public let status: SolveStatus
    /// nil unless the status is `optimal` or `feasible`.
    public let incumbent: Incumbent?
    /// No feasible point has a lower objective, up to the solver's tolerances; minus infinity where nothing
    /// is known, plus infinity where no feasible point exists.
    public let dualBound: Double
    /// How many branch-and-bound nodes were processed.
    public let nodeCount: Int

    /// (objective - bound) / |objective|; nil without a point or a finite bound.
    public var relativeGap: Double? {
        guard let incumbent, dualBound.isFinite else { return nil }
        let difference = max(0, incumbent.objective - dualBound)
        return difference == 0 ? 0 : difference / abs(incumbent.objective)
    }
}

/// How an integer program is solved. Everything but `timeLimit` leaves the outcome reproducible.
public struct IntegerSolveOptions: Hashable, Sendable {
    /// The solver stops when (objective - bound) / |objective| is at most this.
    public var relativeGap: Double
    /// Or when objective - bound is at most this.
    public var absoluteGap: Double
    /// The solver stops after this many branch-and-bound nodes; nil for no limit.
    public var nodeLimit: Int?
    /// A last resort against a solve that does not end; reaching it makes the outcome depend on the machine.
    public var timeLimit: Nanoseconds
    /// The solver is stopped when it has asked more often than this whether to go on, which it does at every
    /// iteration and between the steps of branch and bound; nil for no limit.
    public var checkLimit: Int?
    /// By how much a row or a bound may be missed, and a whole number off. 1e-10 or more.
    public var feasibilityTolerance: Double
    /// A point to start from, one number for each column; ignored by the solver where it is not feasible.
    public var start: [Double]?

    /// Options with the given values.
    public init(
        relativeGap: Double = 1e-3, absoluteGap: Double = 0, nodeLimit: Int? = nil,
        timeLimit: Nanoseconds = Nanoseconds(seconds: 60),
        checkLimit: Int? = nil, feasibilityTolerance: Double = 1e-9, start: [Double]? = nil
    ) {
        self.relativeGap = relativeGap
        self.absoluteGap = absoluteGap
        self.nodeLimit = nodeLimit
        self.timeLimit = timeLimit
        self.checkLimit = checkLimit
        self.feasibilityTolerance = feasibilityTolerance
        self.start = start
    }
}
