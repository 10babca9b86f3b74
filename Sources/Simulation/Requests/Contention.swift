import Quantities

/// How the service times of a stage follow from what else its threads do when a launch starts.
public struct Contention: Hashable, Sendable {
    /// Factors by the number of busy threads of the stage, the launch's own counted in, from 1.
    public let byBusyThreads: [Double]
    /// A factor on top for pieces that find their thread idle.
    public let afterIdle: Double
    /// From hand-over to start for such pieces.
    public let wakeUp: Nanoseconds

    public init(byBusyThreads: [Double], afterIdle: Double, wakeUp: Nanoseconds) {
        self.byBusyThreads = byBusyThreads
        self.afterIdle = afterIdle
        self.wakeUp = wakeUp
    }

    /// Changes nothing: what a simulation without knowledge of loads does.
    public static func none(threads: Int) -> Contention {
        Contention(byBusyThreads: Array(repeating: 1, count: threads), afterIdle: 1, wakeUp: .zero)
    }
}
