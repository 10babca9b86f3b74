import ArgumentParser
import Vocabulary

/// Reads what a plan minimises and what it has to survive.
enum PlanGoalText {
    /// `money`, or weights such as `watts=1,servers=50`.
    static let weights: OptionReading<[PlanGoal.Cost: Double]> = { text in
        var weights: [PlanGoal.Cost: Double] = [:]
        for term in try NameText.list(of: term)(text) {
            guard weights.updateValue(term.value, forKey: term.name) == nil else {
                throw ValidationError("expected each cost once")
            }
        }
        return weights
    }

    private static let term: OptionReading<Named<PlanGoal.Cost, Double>> = { text in
        let pieces = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        let cost: PlanGoal.Cost = try NameText.choice("objective")(pieces[0])
        guard pieces.count == 2 else { return Named(name: cost, value: 1) }
        let weight = try NumberText.number("a weight above 0, for example money=1") { $0 > 0 }(pieces[1])
        return Named(name: cost, value: weight)
    }

    /// `server`, `type`, or `rack`, `servers` or `servers-of-one-type` with a number.
    static let survival: OptionReading<PlanConstraints.Survival> = { text in
        if text == "server" { return .anyServer }
        if text == "type" { return .anyType }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let servers = Int(parts[1]), servers > 0 {
            switch parts[0] {
            case "rack": return .anyRack(servers: servers)
            case "servers": return .anyServers(servers)
            case "servers-of-one-type": return .anyServersOfOneType(servers)
            default: break
            }
        }
        throw ValidationError(
            "expected `server`, `type`, `rack:SERVERS`, `servers:NUMBER` or `servers-of-one-type:NUMBER`, "
                + "for example rack:20 or servers:2")
    }
}
