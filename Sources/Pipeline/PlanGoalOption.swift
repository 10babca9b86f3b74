import Quantities
import Vocabulary

/// The goal of a plan as people type it: objective, prices and constraints, each a text of its own. What is
/// typed goes before what the scenario says.
public struct PlanGoalOption: Sendable {
    /// `money`, or weights such as `watts=1,servers=50`.
    public var objective: String?
    /// `TYPE=PRICE` an hour.
    public var prices: [String] = []
    public var energyPrice: Double?
    public var carbonIntensity: Double?
    /// `TYPE=GRAMS` an hour.
    public var embodied: [String] = []
    public var facilityFactor: Double?
    /// `MODEL:TYPE=COUNT`.
    public var pinned: [String] = []
    public var reserved: [String] = []
    /// `MODEL=COUNT`.
    public var leastServers: [String] = []
    public var mostTypes: Int?
    /// `type` or `rack:SERVERS`.
    public var survives: String?
    public var powerCap: Double?
    /// `MODEL=PRIORITY`.
    public var priorities: [String] = []

    public init() {}

    /// The goal for a scenario.
    ///
    /// - Parameter headroom: R, which says how full the planned servers are expected to run.
    /// - Throws: `PipelineError` that names the option, what was found and what was expected.
    public func goal(
        for scenario: Scenario, headroom: Fraction, idlePowers: [ServerTypeID: Watts]
    ) throws -> PlanGoal {
        var goal = scenario.plan ?? PlanGoal()
        if let objective { goal.weights = try Self.weights(objective) }
        goal.rates.idlePowers = idlePowers
        goal.rates.fullness = Fraction(1 / (1 + headroom.value))
        goal.rates.pricesPerHour.merge(try Self.byType(prices, "--price", scenario)) { $1 }
        goal.rates.embodiedGramsPerHour.merge(
            try Self.byType(embodied, "--embodied-carbon", scenario)
        ) { $1 }
        if let energyPrice {
            goal.rates.energyPricePerKilowattHour = try Self.checked(energyPrice, "--energy-price")
        }
        if let carbonIntensity {
            goal.rates.gramsPerKilowattHour = try Self.checked(carbonIntensity, "--carbon-intensity")
        }
        if let facilityFactor {
            guard facilityFactor >= 1, facilityFactor < 10 else {
                throw PipelineError.badOption(
                    name: "--pue", found: "\(facilityFactor)", expected: "a number in 1..<10")
            }
            goal.rates.facilityFactor = facilityFactor
        }
        try constrain(&goal.constraints, scenario)
        return goal
    }

    private func constrain(_ constraints: inout PlanConstraints, _ scenario: Scenario) throws {
        for share in try Self.allocation(pinned, "--pin", scenario).shares {
            constraints.pinned[share.model, share.serverType] = share.count
        }
        for share in try Self.allocation(reserved, "--reserve", scenario).shares {
            constraints.reserved[share.model, share.serverType] = share.count
        }
        constraints.minServers.merge(
            try Self.byModel(leastServers, "--least-servers", scenario)
        ) { $1 }
        constraints.maxTypes = mostTypes ?? constraints.maxTypes
        constraints.survives = try survives.map(Self.survival) ?? constraints.survives
        constraints.powerCap = powerCap.map { Watts($0) } ?? constraints.powerCap
        constraints.priorities.merge(try Self.byModel(priorities, "--priority", scenario)) { $1 }
    }

    private static func weights(_ text: String) throws -> [PlanGoal.Cost: Double] {
        var weights: [PlanGoal.Cost: Double] = [:]
        for part in text.split(separator: ",") {
            let pieces = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = pieces.first, let cost = PlanGoal.Cost(rawValue: name) else {
                throw PipelineError.unknownName(
                    kind: "objective", found: String(part), known: PlanGoal.Cost.allCases.map(\.rawValue))
            }
            guard let weight = pieces.count == 1 ? 1 : Double(pieces[1]), weight.isFinite, weight > 0 else {
                throw PipelineError.badOption(
                    name: "--objective", found: String(part),
                    expected: "a weight above 0, for example money=1")
            }
            weights[cost] = weight
        }
        guard !weights.isEmpty else {
            throw PipelineError.badOption(name: "--objective", found: text, expected: "for example watts")
        }
        return weights
    }

    private static func survival(_ text: String) throws -> PlanConstraints.Survival {
        if text == "type" { return .anyType }
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, parts[0] == "rack", let servers = Int(parts[1]), servers > 0 else {
            throw PipelineError.badOption(
                name: "--survive", found: text, expected: "`type` or `rack:SERVERS`, for example rack:20")
        }
        return .anyRack(servers: servers)
    }

    private static func checked(_ value: Double, _ option: String) throws -> Double {
        guard value.isFinite, value >= 0 else {
            throw PipelineError.badOption(name: option, found: "\(value)", expected: "a number of at least 0")
        }
        return value
    }

    private static func pair(_ text: String, _ option: String, _ example: String) throws -> (String, Double) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite, value >= 0 else {
            throw PipelineError.badOption(name: option, found: text, expected: example)
        }
        return (parts[0], value)
    }

    static func byType(
        _ texts: [String], _ option: String, _ scenario: Scenario
    ) throws -> [ServerTypeID: Double] {
        var values: [ServerTypeID: Double] = [:]
        for text in texts {
            let (name, value) = try pair(text, option, "TYPE=NUMBER, for example cpu-t1=0.4")
            values[try type(name, scenario)] = value
        }
        return values
    }

    private static func byModel(
        _ texts: [String], _ option: String, _ scenario: Scenario
    ) throws -> [ModelID: Int] {
        var values: [ModelID: Int] = [:]
        for text in texts {
            let (name, value) = try pair(text, option, "MODEL=NUMBER, for example rm1=2")
            values[try DemandOption.model(name, in: scenario)] = try whole(value, text, option)
        }
        return values
    }

    private static func allocation(
        _ texts: [String], _ option: String, _ scenario: Scenario
    ) throws -> Allocation {
        var allocation = Allocation()
        for text in texts {
            let (names, value) = try pair(text, option, "MODEL:TYPE=SERVERS, for example rm1:cpu-t1=4")
            let parts = names.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw PipelineError.badOption(
                    name: option, found: text, expected: "MODEL:TYPE=SERVERS, for example rm1:cpu-t1=4")
            }
            allocation[try DemandOption.model(parts[0], in: scenario), try type(parts[1], scenario)] =
                try whole(value, text, option)
        }
        return allocation
    }

    private static func whole(_ value: Double, _ text: String, _ option: String) throws -> Int {
        guard value == value.rounded(), value < 1e9 else {
            throw PipelineError.badOption(name: option, found: text, expected: "a whole number")
        }
        return Int(value)
    }

    private static func type(_ name: String, _ scenario: Scenario) throws -> ServerTypeID {
        let known = scenario.fleet.serverTypes
        guard let found = known.first(where: { $0.name == name }) else {
            throw PipelineError.unknownName(kind: "server type", found: name, known: known.map(\.name))
        }
        return found
    }
}
