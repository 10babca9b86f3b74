import Controlling
import Provisioning
import Quantities
import Vocabulary

/// Everything that one decision depends on, beside what was decided before: as it is kept, and as a rebuild
/// or a rehearsal hands it in again.
public struct ControlInputs: Hashable, Codable, Sendable {
    /// What holds at a tick beside the loads.
    public struct Circumstances: Hashable, Codable, Sendable {
        /// What runs; nil where orders are taken to have been carried out.
        public var fleet: FleetObservation?
        /// Why nobody knows what runs; nil where somebody does.
        public var unknownFleet: String?
        /// Whether a person has stopped the controller.
        public var isPaused = false
        /// Whether it is the first tick of a process.
        public var isFirst = false
        /// Bounds that a person has set for a while.
        public var overrides: [PairOverride] = []
        /// Pairs that are not started, as an order has not come, and pairs that are left alone.
        public var lagging: [ModelOnServer] = []
        public var paused: [ModelOnServer] = []
        public var broken: [ModelOnServer] = []
        /// What a meter says that the fleet draws, in watts.
        public var meteredWatts: Double?

        public init() {}
    }

    public var tick: Int
    /// Intervals that went by without a decision just before.
    public var missed: Int
    public var at: WallTime
    /// One of each model, by itself.
    public var assessments: [ModelID: InputAssessment]
    public var circumstances: Circumstances

    public init(
        tick: Int, missed: Int, at: WallTime, assessments: [ModelID: InputAssessment],
        circumstances: Circumstances
    ) {
        self.tick = tick
        self.missed = missed
        self.at = at
        self.assessments = assessments
        self.circumstances = circumstances
    }
}

extension ControlTick {
    /// The interval as the core is told of it.
    ///
    /// - Parameters:
    ///   - fleetHold: why the fleet as a whole is held, as its models are not believed.
    init(_ inputs: ControlInputs, loads: [ModelID: BelievedLoad], fleetHold: Bool) {
        let circumstances = inputs.circumstances
        self.init(
            index: inputs.tick,
            loads: loads.mapValues { load in
                switch load {
                case .trusted(let value): .trusted(QueriesPerSecond(value))
                case .held(let value): .held(value.map { QueriesPerSecond($0) })
                }
            }, fleet: circumstances.fleet)
        if circumstances.unknownFleet != nil {
            self.fleetHold = .inventory
        } else if circumstances.isPaused {
            self.fleetHold = .paused
        } else if fleetHold {
            self.fleetHold = .fleetHeld
        }
        if circumstances.isFirst { stopHold = .restart }
        for pair in circumstances.lagging { startHolds[pair] = .lagging }
        for pair in circumstances.paused { pairHolds[pair] = .drift }
        for pair in circumstances.broken { pairHolds[pair] = .breaker }
        for override in circumstances.overrides where inputs.at < override.until {
            bounds[ModelOnServer(model: override.model, serverType: override.serverType)] =
                ServerBounds(min: override.min, max: override.max)
        }
    }
}
