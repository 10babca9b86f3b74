import Files
import Quantities
import Vocabulary

/// Reads the `plan` section of a scenario: what its plans minimise, at which prices, under which constraints.
/// All of it may be left out.
struct PlanGoalReader {
    let names: FleetNames

    enum Key: String, SectionKey {
        case objective
        case prices = "prices_per_hour"
        case energyPrice = "energy_price_per_kilowatt_hour"
        case carbon = "carbon_grams_per_kilowatt_hour"
        case embodied = "embodied_grams_per_hour"
        case usage = "power_usage_effectiveness"
        case pinned, reserved
        case minServers = "min_servers"
        case maxTypes = "max_types"
        case survives = "survives_loss_of"
        case rackServers = "rack_servers"
        case lostServers = "lost_servers"
        case powerCap = "power_cap_watts"
        case priorities

        static let formerNames: [String: Key] = ["least_servers": .minServers, "most_types": .maxTypes]
    }

    func goal(_ value: YAMLValue) throws(FileError) -> PlanGoal {
        let section = try value.section(Key.self)
        var goal = PlanGoal()
        if let objective = section.optional(.objective) { goal.weights = try weights(objective) }
        func amount(_ key: Key) throws(FileError) -> Double {
            try section.optional(key)?.number(.notNegative) ?? 0
        }
        goal.rates.energyPricePerKilowattHour = try amount(.energyPrice)
        goal.rates.gramsPerKilowattHour = try amount(.carbon)
        goal.rates.pricesPerHour = try byType(section.optional(.prices)) { (value) throws(FileError) in
            try value.number(.notNegative)
        }
        goal.rates.embodiedGramsPerHour = try byType(section.optional(.embodied)) {
            (value) throws(FileError) in try value.number(.notNegative)
        }
        if let usage = section.optional(.usage) {
            goal.rates.facilityFactor = try usage.number(.positive)
            guard goal.rates.facilityFactor >= 1 else {
                throw usage.refusal(expected: "a number of at least 1")
            }
        }
        goal.constraints = try constraints(section)
        return goal
    }

    private func constraints(_ section: YAMLSection<Key>) throws(FileError) -> PlanConstraints {
        var constraints = PlanConstraints()
        constraints.pinned = try names.allocation(section.optional(.pinned))
        constraints.reserved = try names.allocation(section.optional(.reserved))
        constraints.minServers = try byModel(section.optional(.minServers)) {
            (value) throws(FileError) in try value.wholeNumber(from: 0)
        }
        constraints.maxTypes = try section.optional(.maxTypes)?.wholeNumber()
        constraints.survives = try SurvivalReader.survival(
            section.optional(.survives),
            rackServers: (section.optional(.rackServers), section.place(of: .rackServers)),
            lostServers: (section.optional(.lostServers), section.place(of: .lostServers)))
        constraints.powerCap = try section.optional(.powerCap).map { (value) throws(FileError) in
            Watts(try value.number(.positive))
        }
        constraints.priorities = try byModel(section.optional(.priorities)) {
            (value) throws(FileError) in try value.wholeNumber()
        }
        return constraints
    }

    private func weights(_ value: YAMLValue) throws(FileError) -> [PlanGoal.Cost: Double] {
        var weights: [PlanGoal.Cost: Double] = [:]
        for (name, weight) in try value.entries() {
            guard let cost = PlanGoal.Cost(rawValue: name) else {
                throw .unknownName(
                    weight.place, kind: "a cost", found: name, known: PlanGoal.Cost.allCases.map(\.rawValue))
            }
            weights[cost] = try weight.number(.positive)
        }
        guard !weights.isEmpty else { throw value.refusal(expected: "a weight for at least one cost") }
        return weights
    }

    private func byModel<Value>(
        _ value: YAMLValue?, reading read: (YAMLValue) throws(FileError) -> Value
    ) throws(FileError) -> [ModelID: Value] {
        var values: [ModelID: Value] = [:]
        guard let value else { return values }
        for (name, value) in try value.entries() { values[try names.model(name, value)] = try read(value) }
        return values
    }

    private func byType<Value>(
        _ value: YAMLValue?, reading read: (YAMLValue) throws(FileError) -> Value
    ) throws(FileError) -> [ServerTypeID: Value] {
        var values: [ServerTypeID: Value] = [:]
        guard let value else { return values }
        for (name, value) in try value.entries() { values[try names.type(name, value)] = try read(value) }
        return values
    }
}
