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
    /// By how much loads grow from one year to the next, as a share: 0.2 is a fifth.
    public var growth = Fraction.zero

    public init() {}

    /// Hours of a year, leap years in the mean.
    public static let hoursPerYear = 8766.0

    /// The years of the horizon, the last of them maybe not whole. Loads of the first are those of the trace.
    /// Without growth all of it is one stretch.
    public var stretches: [(growthFactor: Double, hours: Double)] {
        guard growth != .zero, horizonHours > Self.hoursPerYear else { return [(1, horizonHours)] }
        let count = Int((horizonHours / Self.hoursPerYear - 1e-9).rounded(.up))
        var factor = 1.0
        return (0..<count).map { year in
            defer { factor *= 1 + growth.value }
            let left = horizonHours - Double(year) * Self.hoursPerYear
            return (factor, min(left, Self.hoursPerYear))
        }
    }

    /// What buying and retiring servers of a type costs; below zero where resale brings more.
    public func capital(of type: ServerTypeID, in fleet: Fleet, from current: Fleet) -> Double {
        let change = Double((fleet.counts[type] ?? 0) - (current.counts[type] ?? 0))
        return change * (purchase[type] ?? 0) * (change > 0 ? 1 : resale.value)
    }

    /// What keeping the servers of a type for an hour costs.
    public func keepingPerHour(of type: ServerTypeID, in fleet: Fleet) -> Double {
        Double(fleet.counts[type] ?? 0) * (keepingPerHour[type] ?? 0)
    }

    /// What a change of the fleet and keeping it over the horizon cost.
    public func ownership(of fleet: Fleet, from current: Fleet) -> Double {
        Set(fleet.serverTypes).union(current.serverTypes).sorted().reduce(0) { sum, type in
            sum + capital(of: type, in: fleet, from: current)
                + keepingPerHour(of: type, in: fleet) * horizonHours
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
    /// What makes up the sums, in name order.
    public let types: [FleetTypeCost]
    /// Keeping and energy of each stretch of the horizon, with its hours.
    public let running: [FleetRunningCost]

    public init(
        fleet: Fleet, ownership: Double, energy: Double, unservedIntervals: Int, meanPower: Watts,
        types: [FleetTypeCost] = [], running: [FleetRunningCost] = []
    ) {
        self.fleet = fleet
        self.ownership = ownership
        self.energy = energy
        self.unservedIntervals = unservedIntervals
        self.meanPower = meanPower
        self.types = types
        self.running = running
    }

    /// Buying less resale.
    public var capital: Double { types.reduce(0) { $0 + $1.capital } }

    public var total: Double { ownership + energy }
}

/// What the servers of one type cost over the horizon.
public struct FleetTypeCost: Hashable, Codable, Sendable {
    public let serverType: ServerTypeID
    /// Buying; below zero for what resale brings.
    public let capital: Double
    public let keeping: Double
    public let energy: Double

    public init(serverType: ServerTypeID, capital: Double, keeping: Double, energy: Double) {
        self.serverType = serverType
        self.capital = capital
        self.keeping = keeping
        self.energy = energy
    }
}

/// What a fleet costs while it runs, over a stretch of the horizon.
public struct FleetRunningCost: Hashable, Codable, Sendable {
    public let hours: Double
    /// Keeping and energy.
    public let amount: Double

    public init(hours: Double, amount: Double) {
        self.hours = hours
        self.amount = amount
    }
}

/// When a change of the fleet has paid for itself.
public enum FleetPayback: Hashable, Codable, Sendable {
    /// It costs nothing, or brings money at once.
    case atOnce
    case years(Double)
    /// What it saves does not make up for it by the end of the horizon; nothing is said of later.
    case notWithinHorizon
    /// The present fleet does not serve everything, so that the two do not do the same.
    case notComparable
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

    /// When the proposed fleet has paid for itself by what it saves in keeping and energy.
    public var payback: FleetPayback {
        guard current.unservedIntervals == 0, proposed.unservedIntervals == 0 else { return .notComparable }
        var left = proposed.capital - current.capital
        guard left > 0 else { return .atOnce }
        var hours = 0.0
        for (before, after) in zip(current.running, proposed.running) {
            let saved = before.amount - after.amount
            if saved >= left, saved > 0 {
                return .years((hours + before.hours * left / saved) / FleetPrices.hoursPerYear)
            }
            left -= saved
            hours += before.hours
        }
        return .notWithinHorizon
    }
}
