/// What an efficiency entry may rest on, the strongest kind first: the order in which kinds count where a
/// scenario names none.
public enum EvidenceKind: String, Codable, Sendable, CaseIterable {
    /// Measured on this machine under the scenario's settings.
    case measuredHere = "measured_here"
    /// Measured by a job on a host that stands for the server type.
    case measuredElsewhere = "measured_elsewhere"
    /// Somebody else's figures.
    case imported
    /// Computed by a server model.
    case modelled
}
