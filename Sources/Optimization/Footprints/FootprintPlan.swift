/// What a solve of a ``FootprintProgram`` ended with.
public enum FootprintOutcome: Hashable, Sendable {
    /// A plan, with what is known about better ones.
    case planned(FootprintPlan)
    /// No plan exists: not even one of fractions, or none of whole deployments.
    case infeasible(FootprintStep)
    /// A limit was reached before a plan was found. No plan has a lower objective than the bound.
    case undecided(bound: Double)

    /// The plan, where there is one.
    public var plan: FootprintPlan? {
        if case .planned(let plan) = self { plan } else { nil }
    }
}

/// The step that settled a program.
public enum FootprintStep: String, Hashable, Sendable, CaseIterable {
    /// The relaxation: deployments and boxes in fractions.
    case relaxation
    /// Relaxations in turns with more and more counts held up at whole numbers.
    case dive
    /// The integer program over the columns that the relaxation likes best.
    case nearColumns = "near columns"
    /// The integer program over all columns that could be part of a better plan.
    case leftColumns = "left columns"
}

/// Deployments, powered boxes and who serves what.
public struct FootprintPlan: Hashable, Sendable {
    /// x_gw: how much of a bucket a column serves, in requests per second.
    public struct Flow: Hashable, Sendable {
        public let column: Int
        public let bucket: Int
        public let rate: Double
    }

    /// What the solve went through.
    public struct Tally: Hashable, Sendable {
        /// Columns of the program.
        public internal(set) var columns = 0
        /// Columns left out because another is at least as good in every way.
        public internal(set) var dominated = 0
        /// How often the relaxation was solved and all columns were priced.
        public internal(set) var rounds = 0
        /// Reduced costs of (column, bucket) that were computed.
        public internal(set) var priced = 0
        /// Pairs of column and bucket that the relaxation came to hold.
        public internal(set) var generated = 0
        /// Columns in the last integer program.
        public internal(set) var kept = 0
        /// Branch-and-bound nodes of all integer programs.
        public internal(set) var nodes = 0
    }

    /// n_g, one for each column.
    public let counts: [Int]
    /// B_t, one for each box type.
    public let boxes: [Int]
    /// The flows that are not zero, by column and bucket.
    public let flows: [Flow]
    /// Demand that nobody serves, one for each bucket; zeros unless that was allowed.
    public let unserved: [Double]
    /// theta, where throughput was the objective: every bucket is served at this times its demand.
    public let throughput: Double?
    /// The objective: cost, or theta.
    public let objective: Double
    /// No plan is better than this: no cost below it, no theta above it.
    public let bound: Double
    /// What was proved about the demand left unserved, the highest priority first; empty unless allowed.
    public let levels: [Level]
    public let step: FootprintStep
    public let tally: Tally

    /// The demand that buckets of one priority leave unserved, given that higher ones were served first.
    public struct Level: Hashable, Sendable {
        public let priority: Int
        /// In requests per second.
        public let unserved: Double
        /// No plan leaves less unserved.
        public let bound: Double
    }

    /// |objective - bound| / |objective|; 0 where both are 0.
    public var gap: Double {
        let difference = abs(objective - bound)
        return difference == 0 ? 0 : difference / abs(objective)
    }
}
