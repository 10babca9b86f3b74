import Quantities

/// What one stage of a graph took, over requests that arrived after the warm-up.
public struct StageFigures: Sendable {
    /// From its beginning to its end.
    public var time = LatencyTally()
    /// Of that, until the first step or server took it on; of copies, each for itself.
    public var waiting = LatencyTally()
    /// Times that it was passed over.
    public var skipped = 0

    public init() {}
}

/// What one station did.
public struct StageStationFigures: Sendable, Hashable {
    public var served = 0
    public var batches = 0
    public var waitingMost = 0
    /// Over all its servers.
    var busyPicoseconds = 0.0

    /// Server-seconds of service.
    public var busySeconds: Double { busyPicoseconds * 1e-12 }
}

/// One stage, or one copy of a call, of one request.
public struct StageSpan: BitwiseCopyable, Sendable, Hashable {
    public var request: Int64
    public var graph: Int32
    public var stage: Int32
    public var copy: Int32
    /// Of calls, the engine that generated the last token; -1 of other stages.
    public var engine: Int32
    public var began: Nanoseconds
    /// When a step or a server took it on.
    public var scheduled: Nanoseconds
    /// Of calls.
    public var firstToken: Nanoseconds?
    public var ended: Nanoseconds
}
