/// What relates an accelerator's data sheet to the steps of an engine on it.
public struct StepConstants: Hashable, Codable, Sendable {
    /// Where constants come from.
    public enum Origin: Hashable, Codable, Sendable {
        /// Fitted to a measured run, with the mean absolute relative error of end-to-end times that is left.
        case fitted(to: String, error: Double)
        /// Taken from somewhere, or chosen.
        case stated(String)
        /// The tool's own assumption where nothing is known.
        case assumed
    }

    /// Share of the peak arithmetic that matrix products reach (MFU).
    public var arithmetic: Double
    /// Share of the peak bandwidth that reading weights and cache reaches (MBU).
    public var bandwidth: Double
    /// Time of a step that neither accounts for, in seconds.
    public var hostSeconds: Double
    /// Time of the host for each sequence of a step, in seconds.
    public var sequenceSeconds: Double
    public var origin: Origin

    public init(
        arithmetic: Double, bandwidth: Double, hostSeconds: Double = 0, sequenceSeconds: Double = 0,
        origin: Origin
    ) {
        self.arithmetic = arithmetic
        self.bandwidth = bandwidth
        self.hostSeconds = hostSeconds
        self.sequenceSeconds = sequenceSeconds
        self.origin = origin
    }

    /// Where nothing is known of a device. On the two cards with published runs these were 4 % too fast and
    /// 30 % too slow.
    public static let assumed = StepConstants(arithmetic: 0.5, bandwidth: 0.8, origin: .assumed)

    /// One word for tables.
    public var label: String {
        switch origin {
        case .fitted: "fitted"
        case .stated: "stated"
        case .assumed: "assumed"
        }
    }
}
