/// Where a performance figure comes from. Shown wherever the figure is shown.
public enum Provenance: String, Codable, Sendable, CaseIterable {
    /// Measured by this tool on a named host.
    case measured
    /// Somebody else's measurement, with its source.
    case imported
    /// Computed by the analytic server model.
    case modelled
}

/// Where a power figure comes from.
public enum PowerProvenance: String, Codable, Sendable, CaseIterable {
    /// Read from a meter: RAPL, NVML or an external instrument.
    case metered
    /// Computed from idle and peak figures and utilisation.
    case estimated
}
