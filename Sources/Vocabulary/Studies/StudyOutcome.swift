import Quantities

/// What one cell of a study came to: what every policy used and missed, and what the subject saves where both
/// serve equally well.
public struct StudyOutcome: Hashable, Codable, Sendable {
    /// A policy as the cell's scenario has it, over the whole trace.
    public struct PolicyResult: Hashable, Codable, Sendable {
        public let name: String
        public let drawnPower: Watts
        public let provisionedPower: Watts
        /// Share of (interval, model) pairs whose load exceeded the capacity.
        public let violated: Fraction
        /// Share of queries beyond the capacity.
        public let unserved: Fraction
        /// Servers started and stopped.
        public let changes: Int
        /// Of the energy drawn; nil without a price.
        public let cost: Double?

        public init(
            name: String, drawnPower: Watts, provisionedPower: Watts, violated: Fraction, unserved: Fraction,
            changes: Int, cost: Double?
        ) {
            self.name = name
            self.drawnPower = drawnPower
            self.provisionedPower = provisionedPower
            self.violated = violated
            self.unserved = unserved
            self.changes = changes
            self.cost = cost
        }
    }

    /// The policy whose savings are asked for.
    public let subject: String
    /// In the order in which they were played.
    public let policies: [PolicyResult]
    /// By measure, then by baseline.
    public let savings: [EqualServiceSaving]
    /// What costs are in; nil without a price.
    public let currency: String?
    /// Every kind of figure that the plans could use, in the order of `Provenance`.
    public let provenances: [Provenance]
    /// The same of their power figures.
    public let powerProvenances: [PowerProvenance]

    public init(
        subject: String, policies: [PolicyResult], savings: [EqualServiceSaving], currency: String?,
        provenances: [Provenance], powerProvenances: [PowerProvenance]
    ) {
        self.subject = subject
        self.policies = policies
        self.savings = savings
        self.currency = currency
        self.provenances = provenances
        self.powerProvenances = powerProvenances
    }

    /// What is saved against a policy by one measure of service; nil where it was not compared at all.
    public func saving(
        against baseline: String, by measure: EqualServiceSaving.Measure
    ) -> EqualServiceSaving? {
        savings.first { $0.baseline == baseline && $0.measure == measure }
    }
}

/// A cell of a study as it stands.
public struct StudyCellResult: Hashable, Sendable {
    /// Which combination of values it is.
    public let position: Int
    public let state: CellState
    /// nil unless it is done.
    public let outcome: StudyOutcome?
    /// How long computing it took; nil unless it was computed for this study.
    public let took: Nanoseconds?
    /// What went wrong last.
    public let error: String?

    public init(
        position: Int, state: CellState, outcome: StudyOutcome? = nil, took: Nanoseconds? = nil,
        error: String? = nil
    ) {
        self.position = position
        self.state = state
        self.outcome = outcome
        self.took = took
        self.error = error
    }
}

/// The part of a study's cells that one machine takes: every so many-th.
public struct StudyPart: Hashable, Sendable {
    /// Counted from 1.
    public let number: Int
    public let count: Int

    /// - Precondition: the number lies between 1 and the count.
    public init(number: Int, count: Int) {
        precondition((1...max(1, count)).contains(number), "a part is one of its count")
        self.number = number
        self.count = count
    }

    /// All cells.
    public static let whole = StudyPart(number: 1, count: 1)

    /// Whether a cell is in this part.
    public func contains(_ position: Int) -> Bool { position % count == number - 1 }
}
