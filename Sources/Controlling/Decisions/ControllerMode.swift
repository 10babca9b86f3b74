/// How far a controller goes.
public enum ControllerMode: String, Hashable, Codable, Sendable, CaseIterable {
    /// Reads, and decides nothing.
    case observe
    /// Decides, and does nothing.
    case advisory
    /// Does what a person approves within two intervals.
    case approve
    /// Does what it decides.
    case active

    /// Whether an actuator is made at all.
    public var acts: Bool { self == .approve || self == .active }
}
