import Quantities

/// Prices of changing a fleet, and how long the change has to pay.
public struct FleetPrices: Hashable, Codable, Sendable {
    /// Buying one server; types not named cannot be bought.
    public var purchase: [ServerTypeID: Double] = [:]
    /// Keeping one server for an hour, used or not, without its energy; zero for types not named.
    public var keepingPerHour: [ServerTypeID: Double] = [:]
    /// The share of its purchase price that a retired server brings.
    public var resale = Fraction.zero
    public var energyPricePerKilowattHour = 0.0
    /// Power of the facility over power of the servers (PUE).
    public var facilityFactor = 1.0
    /// The span over which purchases have to pay, in hours; the trace is taken to repeat over it.
    public var horizonHours = 0.0

    public init() {}

    /// What a change of the fleet and keeping it over the horizon cost.
    public func ownership(of fleet: Fleet, from current: Fleet) -> Double {
        fleet.serverTypes.reduce(0) { sum, type in
            let count = fleet.counts[type] ?? 0
            let change = count - (current.counts[type] ?? 0)
            let price = purchase[type] ?? 0
            let changing = change > 0 ? Double(change) * price : Double(change) * price * resale.value
            return sum + changing + Double(count) * (keepingPerHour[type] ?? 0) * horizonHours
        }
    }
}

/// A fleet compared with a trace.
public struct FleetCost: Hashable, Codable, Sendable {
    public let fleet: Fleet
    /// Buying, keeping and retiring over the horizon; negative where resale exceeds the rest.
    public let ownership: Double
    /// Energy drawn over the horizon, at the plans of every interval.
    public let energy: Double
    /// Intervals whose demand the fleet cannot serve; their energy is that of what it serves.
    public let unservedIntervals: Int
    public let meanPower: Watts

    public init(fleet: Fleet, ownership: Double, energy: Double, unservedIntervals: Int, meanPower: Watts) {
        self.fleet = fleet
        self.ownership = ownership
        self.energy = energy
        self.unservedIntervals = unservedIntervals
        self.meanPower = meanPower
    }

    public var total: Double { ownership + energy }
}

/// What to buy and what to retire.
public struct FleetSizing: Hashable, Codable, Sendable {
    public let current: FleetCost
    public let proposed: FleetCost
    /// No fleet costs less over the horizon, with the intervals that were looked at and fractions of servers
    /// allowed to run; nil where the solver proved nothing.
    public let bound: Double?
    /// Intervals that the choice was made for.
    public let intervalsConsidered: Int

    public init(current: FleetCost, proposed: FleetCost, bound: Double?, intervalsConsidered: Int) {
        self.current = current
        self.proposed = proposed
        self.bound = bound
        self.intervalsConsidered = intervalsConsidered
    }
}
