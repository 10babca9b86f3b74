import Quantities

/// What a plan minimises, under which constraints, at which prices.
public struct PlanGoal: Hashable, Codable, Sendable {
    /// What a server running a model costs.
    public enum Cost: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
        /// Power set aside, in watts: a server's power at its latency-bounded throughput.
        case watts
        /// Power expected to be drawn, in watts: between idle and provisioned power, at `CostRates.fullness`.
        case drawn
        /// One for each server.
        case servers
        /// Currency units an hour: the server itself and the energy it draws.
        case money
        /// Grams of carbon dioxide equivalent an hour: of the energy drawn, and of the server's making.
        case carbon

        /// The unit for people.
        public var unit: String {
            switch self {
            case .watts: "W"
            case .drawn: "W drawn"
            case .servers: "servers"
            case .money: "/h"
            case .carbon: "g CO2e/h"
            }
        }
    }

    /// The objective: the sum of these costs, each times its weight. Weights are above zero.
    public var weights: [Cost: Double]
    public var rates: CostRates
    public var constraints: PlanConstraints

    /// The least provisioned power, without further constraints.
    public init(
        weights: [Cost: Double] = [.watts: 1], rates: CostRates = CostRates(),
        constraints: PlanConstraints = PlanConstraints()
    ) {
        self.weights = weights
        self.rates = rates
        self.constraints = constraints
    }

    /// Whether the objective is provisioned power and nothing else.
    public var isProvisionedPower: Bool { weights == [.watts: 1] }

    /// The objective's name, for example `money` or `1 watts + 500 servers`.
    public var name: String {
        let terms = weights.sorted { $0.key.rawValue < $1.key.rawValue }
        if terms.count == 1, let only = terms.first, only.value == 1 { return only.key.rawValue }
        return terms.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: " + ")
    }

    /// The unit of the objective; the weighted sum of unlike costs has none.
    public var unit: String {
        let terms = Array(weights)
        return terms.count == 1 && terms[0].value == 1 ? terms[0].key.unit : "weighted"
    }

    /// What a watt adds to the objective while it is drawn.
    public var costOfDrawnWatt: Double {
        weights.sorted { $0.key.rawValue < $1.key.rawValue }.reduce(0) { sum, term in
            let kilowatts = rates.facilityFactor / 1000
            let each =
                switch term.key {
                case .watts, .drawn: 1.0
                case .servers: 0.0
                case .money: kilowatts * rates.energyPricePerKilowattHour
                case .carbon: kilowatts * rates.gramsPerKilowattHour
                }
            return sum + term.value * each
        }
    }

    /// What one server of a type running a model adds to the objective.
    ///
    /// - Parameters:
    ///   - power: at the latency-bounded throughput.
    ///   - fullness: how full the server is expected to be; nil for that of the rates.
    public func cost(of power: Watts, on serverType: ServerTypeID, fullness: Double? = nil) -> Double {
        let idle = min(rates.idlePowers[serverType] ?? .zero, power)
        let drawn = idle.value + (power.value - idle.value) * (fullness ?? rates.fullness.value)
        let facilityKilowatts = drawn / 1000 * rates.facilityFactor
        return weights.sorted { $0.key.rawValue < $1.key.rawValue }.reduce(0) { sum, term in
            let each =
                switch term.key {
                case .watts: power.value
                case .drawn: drawn
                case .servers: 1.0
                case .money:
                    (rates.pricesPerHour[serverType] ?? 0)
                        + facilityKilowatts * rates.energyPricePerKilowattHour
                case .carbon:
                    (rates.embodiedGramsPerHour[serverType] ?? 0)
                        + facilityKilowatts * rates.gramsPerKilowattHour
                }
            return sum + term.value * each
        }
    }
}

/// The prices behind costs other than watts.
public struct CostRates: Hashable, Codable, Sendable {
    /// Of a server of each type with nothing running; zero for types not named.
    public var idlePowers: [ServerTypeID: Watts] = [:]
    /// How full the planned capacity is expected to be: 1 / (1 + R).
    public var fullness = Fraction(1)
    /// Owning or renting a server for an hour, without its energy; zero for types not named.
    public var pricesPerHour: [ServerTypeID: Double] = [:]
    /// In the same currency.
    public var energyPricePerKilowattHour = 0.0
    /// Carbon dioxide equivalent of the grid's energy.
    public var gramsPerKilowattHour = 0.0
    /// Carbon dioxide equivalent of a server's making, spread over its life; zero for types not named.
    public var embodiedGramsPerHour: [ServerTypeID: Double] = [:]
    /// Power of the facility over power of the servers (PUE).
    public var facilityFactor = 1.0

    public init() {}
}

/// What a plan has to keep to beside the demand and the fleet.
public struct PlanConstraints: Hashable, Codable, Sendable {
    /// What may be lost at once without any model falling short of its demand.
    public enum Survival: Hashable, Codable, Sendable {
        /// Any one server: of each model, the one that serves most of it.
        case anyServer
        /// Any one server type.
        case anyType
        /// Any one rack. A rack holds servers of one type, all but the last of a type are full, and the
        /// servers that run a model are spread evenly over its type's racks.
        case anyRack(servers: Int)
        /// Any so many servers, of whatever types: of each model, those that serve most of it.
        case anyServers(Int)
        /// Any so many servers of one type.
        case anyServersOfOneType(Int)
    }

    /// Servers that run a model whatever its load.
    public var pinned = Allocation()
    /// Servers that are kept for a model: no other may use them, and it need not.
    public var reserved = Allocation()
    /// The least number of servers of a model with load.
    public var minServers: [ModelID: Int] = [:]
    /// The most server types that one model may run on; nil for any number.
    public var maxTypes: Int?
    /// nil where nothing needs to be survived.
    public var survives: Survival?
    /// The most provisioned power; where it is too little, load stays unserved by priority.
    public var powerCap: Watts?
    /// Who is served first where not all can be: 1 before 2 and so on. Models not named come last, together.
    public var priorities: [ModelID: Int] = [:]

    public init() {}

    /// Records and digests keep the names that these had first.
    private enum CodingKeys: String, CodingKey {
        case pinned, reserved
        case minServers = "leastServers"
        case maxTypes = "mostTypes"
        case survives, powerCap, priorities
    }

    /// Each constraint in words, for people; empty without any.
    public var descriptions: [String] {
        var texts: [String] = []
        func listed(_ allocation: Allocation) -> String {
            allocation.shares.map { "\($0.model) \($0.count) x \($0.serverType)" }.joined(separator: ", ")
        }
        if !pinned.shares.isEmpty { texts.append("pinned: " + listed(pinned)) }
        if !reserved.shares.isEmpty { texts.append("reserved: " + listed(reserved)) }
        if !minServers.isEmpty {
            let list = minServers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            texts.append("at least so many servers: " + list.joined(separator: ", "))
        }
        if let maxTypes { texts.append("at most \(maxTypes) server types for a model") }
        switch survives {
        case .anyServer: texts.append("survives the loss of any one server")
        case .anyType: texts.append("survives the loss of any one server type")
        case .anyRack(let servers): texts.append("survives the loss of any one rack of \(servers) servers")
        case .anyServers(let count): texts.append("survives the loss of any \(count) servers")
        case .anyServersOfOneType(let count):
            texts.append("survives the loss of any \(count) servers of one type")
        case nil: break
        }
        if let powerCap { texts.append("at most \(powerCap) of provisioned power") }
        if !priorities.isEmpty {
            let list = priorities.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map {
                "\($0.key) \($0.value)"
            }
            texts.append("priorities: " + list.joined(separator: ", "))
        }
        return texts
    }
}
