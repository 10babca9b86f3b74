import Quantities
import Vocabulary

/// What is known of one model's load over the interval before.
public enum LoadObservation: Hashable, Codable, Sendable {
    /// Seen, and believed.
    case trusted(QueriesPerSecond)
    /// Not believed. Nothing is learnt from it, at least the load given is planned for, and none of the
    /// model's servers is stopped.
    ///
    /// - Parameter load: the last one believed, or a higher one; nil where none ever was.
    case held(QueriesPerSecond?)
}

/// The start of an interval as a live controller knows it: some loads may not be believed, and some servers
/// not be touched.
public struct ControlTick: Hashable, Codable, Sendable {
    /// Which interval starts; each later than the one before.
    public var index: Int
    /// One for each model.
    public var loads: [ModelID: LoadObservation]
    /// What runs; nil where orders are taken to have been carried out.
    public var fleet: FleetObservation?
    /// Why nothing may be started or stopped, as the rule that says so; nil where it may.
    public var fleetHold: StepRule?
    /// Why nothing may be stopped; nil where it may.
    public var stopHold: StepRule?
    /// Pairs of which nothing may be started, by the rule that says so.
    public var startHolds: [ModelOnServer: StepRule] = [:]
    /// Pairs of which nothing may be changed, by the rule that says so.
    public var pairHolds: [ModelOnServer: StepRule] = [:]
    /// Bounds that hold for a while, over those of the configuration.
    public var bounds: [ModelOnServer: ServerBounds] = [:]

    /// An interval whose loads are as given, with nothing held.
    public init(index: Int, loads: [ModelID: LoadObservation], fleet: FleetObservation? = nil) {
        self.index = index
        self.loads = loads
        self.fleet = fleet
    }

    /// Whether nothing but the loads is said of the interval.
    var isPlain: Bool {
        fleetHold == nil && stopHold == nil && startHolds.isEmpty && pairHolds.isEmpty && bounds.isEmpty
    }

    /// An interval whose loads are all believed.
    init(index: Int, observed: Demand, fleet: FleetObservation? = nil) {
        self.init(index: index, loads: observed.loads.mapValues { .trusted($0) }, fleet: fleet)
    }
}

extension ProvisionerCore {
    /// When an interval starts, since the first.
    /// - Throws: `intervalOutOfOrder` for one that repeats, goes back or is beyond what a clock counts to.
    func start(of index: Int, after last: Int?) throws(ProvisioningError) -> Nanoseconds {
        let (count, isOver) = configuration.interval.count.multipliedReportingOverflow(by: Int64(index))
        guard index >= 0, !isOver, last.map({ $0 < index }) ?? true, count < Int64.max / 4 else {
            throw .intervalOutOfOrder(found: index, last: last)
        }
        return Nanoseconds(count)
    }
}
