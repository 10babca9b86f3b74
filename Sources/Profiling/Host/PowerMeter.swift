import Quantities
import Vocabulary

/// Tells the mean power of this machine over a span between two readings.
public protocol PowerMeter: Sendable {
    /// Whether the watts are read from an instrument or computed.
    var provenance: PowerProvenance { get }
    /// What is measured and where its boundary lies, for people.
    var boundary: String { get }
    /// Reads the counters now.
    func reading() throws(ProfilingError) -> EnergyReading
    /// Mean power between two readings.
    /// - Parameter hostUtilisation: share of all cores that was busy; estimates go by it.
    func meanPower(from first: EnergyReading, to last: EnergyReading, hostUtilisation: Fraction) -> Watts
}

/// Energy counters at one instant.
public struct EnergyReading: Hashable, Sendable {
    let takenAt: Nanoseconds
    /// One for each metered domain, in microjoules, wrapping around at the domain's own range.
    let microjoules: [UInt64]

    package init(takenAt: Nanoseconds, microjoules: [UInt64]) {
        self.takenAt = takenAt
        self.microjoules = microjoules
    }
}

/// Power computed from a server type's idle and peak figures and its measured utilisation.
public struct EstimatedPower: PowerMeter {
    private let curve: PowerCurve

    public init(curve: PowerCurve) { self.curve = curve }

    public var provenance: PowerProvenance { .estimated }
    public var boundary: String { "board, from idle and peak power and utilisation" }

    public func reading() throws(ProfilingError) -> EnergyReading {
        EnergyReading(takenAt: SystemClock.now(), microjoules: [])
    }

    public func meanPower(from first: EnergyReading, to last: EnergyReading, hostUtilisation: Fraction)
        -> Watts
    {
        curve.power(hostUtilisation: hostUtilisation.value, acceleratorUtilisation: 0)
    }
}

/// Picks the best meter this machine offers.
public enum PowerMeters {
    /// The processor's own energy counters where they can be read, otherwise the estimate.
    /// - Returns: the meter, and why it is an estimate where it is one.
    public static func best(
        for serverType: ServerType, root: String = "/"
    ) -> (meter: any PowerMeter, reasonForEstimate: String?) {
        do throws(ProfilingError) {
            return (try RAPLMeter(root: root), nil)
        } catch {
            return (EstimatedPower(curve: serverType.power), "\(error)")
        }
    }
}
