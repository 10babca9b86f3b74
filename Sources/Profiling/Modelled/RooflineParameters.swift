import Quantities

/// The constants of the analytic server that no datasheet states.
///
/// They are assumptions: everything computed with them is labelled `modelled`. The device constants were placed by
/// a least-squares fit of this roofline to the GTX 1080 Ti speed-ups over Skylake charted in DeepRecSys (Gupta et
/// al., ISCA 2020), reading the baseline as one whole socket; the charts fix only ratios, so the absolute scale
/// remains an assumption.
public struct RooflineParameters: Hashable, Codable, Sendable {
    /// Share of a core's peak that large matrix products reach.
    public var hostDenseEfficiency = 0.45
    /// Items at which a host matrix product reaches half of that share.
    public var hostHalfBatch = 4.5
    /// Share of the memory bandwidth that random row reads reach with all cores at it.
    public var hostGatherEfficiency = 0.35
    /// Random row reads of one core, bounded by its outstanding cache misses.
    public var gatherPerCore = BytesPerSecond(5e9)
    /// Reads of one core that hit the last-level cache.
    public var cachePerCore = BytesPerSecond(18e9)
    /// Fixed cost of one operator on a host thread.
    public var hostOperatorOverhead = Nanoseconds(2_000)
    /// What each further operator worker adds to the cost of an operator, for waking and joining.
    public var workerSynchronisation = Nanoseconds(1_200)
    /// Share of an operator's work that does not split over workers (Amdahl).
    public var serialFraction = 0.06
    /// Share of the device's peak that large matrix products reach.
    public var deviceDenseEfficiency = 0.30
    /// Items at which a device matrix product reaches half of that share.
    public var deviceHalfBatch = 15.0
    /// Share of the device memory bandwidth that random row reads reach.
    public var deviceGatherEfficiency = 0.08
    /// What each looked-up row adds on the way to the device, beyond its bytes: indices are packed one by one.
    /// In seconds.
    public var deviceRowOverhead = 0.6e-9
    /// Fixed cost of one transfer over the host link.
    public var transferOverhead = Nanoseconds(16_000)
    /// Host cores that one busy accelerator copy keeps busy with launches and copies.
    public var coresPerCopy = 0.5

    /// The hottest share h of the rows takes the share h^x of the reads, with this x: a power law, as the popularity of
    /// items has. 0.3 lets the hottest hundredth take a quarter; an assumption.
    public var hotReadExponent = 0.3

    public init() {}
}
