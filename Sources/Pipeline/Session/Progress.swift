import Quantities

/// Hears how a long job goes on. Called from several threads; implementations guard their own state.
public protocol ProgressListener: Sendable {
    /// A stage begins that will take `units` steps; `expected` where the time is known beforehand.
    func stageBegan(_ name: String, units: Int, expected: Nanoseconds?)
    /// One step of the current stage is done.
    func advanced(_ detail: String)
    /// The current stage is over; the text says what came of it.
    func stageEnded(_ summary: String)
    /// Something worth knowing that is not progress.
    func note(_ text: String)
}

/// Hears nothing.
public struct SilentProgress: ProgressListener {
    /// A listener that ignores everything.
    public init() {}
    public func stageBegan(_ name: String, units: Int, expected: Nanoseconds?) {}
    public func advanced(_ detail: String) {}
    public func stageEnded(_ summary: String) {}
    public func note(_ text: String) {}
}
