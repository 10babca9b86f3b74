import Quantities

/// What an online provisioner hears: in a replay and on a live fleet alike.
public enum ControlEvent: Hashable, Sendable {
    /// An interval starts for which a decision is due; the demand is the one observed over the interval
    /// before, and for the very first interval whatever the caller knows. Without a fleet, orders are taken
    /// to have been carried out.
    case intervalStarting(index: Int, observed: Demand, fleet: FleetObservation? = nil)
    /// An interval starts for which none is due.
    case intervalPassing(index: Int, observed: Demand)
    /// Servers came to serve, failed or were repaired.
    case fleetChanged(at: Nanoseconds, fleet: FleetObservation)
}
