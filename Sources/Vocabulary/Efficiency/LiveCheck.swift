import Quantities

/// What live load said of a schedule that a simulation had chosen.
///
/// Only undisturbed runs decide: what other programs did to one says nothing of the schedule.
public struct LiveCheck: Hashable, Codable, Sendable {
    /// Latency-bounded throughput of the schedule by simulation.
    public var simulated: QueriesPerSecond
    /// Half the width of the 95 % confidence interval of that, as a share of it; nil where it is exact.
    public var uncertainty: Fraction?
    /// The highest rate at which undisturbed live load met the target; zero where all rates missed it, and
    /// nil where no run decided.
    public var live: QueriesPerSecond?
    /// What kept runs from deciding, of the schedule or of one that may be better.
    public var doubts: [Verdict.Doubt]
    /// How many schedules were tried live: the winner by simulation, and those that may be better.
    public var schedules: Int

    public init(
        simulated: QueriesPerSecond, uncertainty: Fraction?, live: QueriesPerSecond?,
        doubts: [Verdict.Doubt], schedules: Int
    ) {
        self.simulated = simulated
        self.uncertainty = uncertainty
        self.live = live
        self.doubts = doubts
        self.schedules = schedules
    }
}
