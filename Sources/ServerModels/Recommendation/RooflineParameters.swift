import Quantities

/// The constants of the analytic server that no datasheet states.
///
/// Everything computed with them is labelled `modelled`. The eight constants marked *fitted* were placed by
/// least squares on the logarithms of sixty published figures at once (`PublishedFigure`), one value for all
/// models; the mean figure is missed by a factor of 1.28 and the worst, a recurrent model on a burstable
/// instance, by 2.7. `Scripts/benchmark model` prints them all. They are constants of the software of these
/// sources as much as of the hardware: tens of microseconds for an operator, and sparse inputs packed for a
/// device row by row. The others are assumptions. Those of a device hold for unoptimised frameworks; a server
/// type that names a `SoftwareStack` brings that stack's own.
public struct RooflineParameters: Hashable, Codable, Sendable {
    /// Share of a core's peak that large matrix products reach. Fitted.
    public var hostDenseEfficiency = 0.55
    /// Items at which a host matrix product reaches half of that share. Fitted.
    public var hostHalfBatch = 0.4
    /// Share of the memory bandwidth that random row reads reach with all cores at it.
    public var hostGatherEfficiency = 0.35
    /// Random row reads of one core, bounded by its outstanding cache misses. Fitted.
    public var gatherPerCore = BytesPerSecond(2.1e9)
    /// Reads of one core that hit the last-level cache.
    public var cachePerCore = BytesPerSecond(18e9)
    /// Fixed cost of one operator on a host thread. Fitted.
    public var hostOperatorOverhead = Nanoseconds(32_000)
    /// What each further operator worker adds to the cost of an operator, for waking and joining.
    public var workerSynchronisation = Nanoseconds(1_200)
    /// Share of an operator's work that does not split over workers (Amdahl).
    public var serialFraction = 0.06
    /// Share of the device's peak that large matrix products reach. Fitted.
    public var deviceDenseEfficiency = 0.051
    /// Items at which a device matrix product reaches half of that share. Fitted.
    public var deviceHalfBatch = 3.7
    /// Share of the device memory bandwidth that random row reads reach.
    public var deviceGatherEfficiency = 0.5
    /// What each looked-up row adds on the way to the device, beyond its bytes: indices are packed one by
    /// one. In seconds. Fitted.
    public var deviceRowOverhead = 67e-9
    /// What the runtime adds to the start of each kernel. Fitted.
    public var deviceOperatorOverhead = Nanoseconds(69_000)
    /// Fixed cost of one transfer over the host link.
    public var transferOverhead = Nanoseconds(16_000)
    /// Host cores that one busy accelerator copy keeps busy with launches and copies.
    public var coresPerCopy = 0.5

    /// The hottest share h of the rows takes the share h^x of the reads, with this x: a power law, as the
    /// popularity of items has. 0.3 lets the hottest hundredth take a quarter; an assumption.
    public var hotReadExponent = 0.3

    public init() {}
}
