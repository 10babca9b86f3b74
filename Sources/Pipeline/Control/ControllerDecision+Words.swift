import Controlling
import Provisioning
import Quantities
import Vocabulary

extension ControllerDecision {
    /// A decision of the core as it is shown and kept; its number, and the generation it is made under, are
    /// given when it is written down.
    init(
        _ made: ProvisionerDecision, inputs: ControlInputs, mode: ControllerMode,
        loads: [ModelID: BelievedLoad], trusts: [ModelID: InputTrust], hold: String?, seconds: Double,
        alternatives: [String: Alternative], problem: ProvisioningProblem
    ) {
        let orders = Self.orders(made)
        let used = made.ordered.countsByServerType
        let binding = problem.serverTypes.enumerated().compactMap { index, type -> String? in
            let there = inputs.circumstances.fleet?.available[type] ?? problem.available[index]
            return there > 0 && (used[type] ?? 0) >= there ? "\(type): \(there) of \(there)" : nil
        }
        let fleetHold = inputs.circumstances.unknownFleet ?? hold
        self.init(
            id: 0, at: inputs.at, tick: inputs.tick, mode: mode, generation: 0, reason: made.reason,
            sentence: "", route: made.effort.route, status: made.plan.status, model: made.model,
            neededBefore: made.neededBefore?.value, neededNow: made.neededNow?.value,
            load: loads.compactMapValues(\.queriesPerSecond),
            forecast: made.forecast.loads.mapValues(\.value),
            needed: made.needed.loads.mapValues(\.value), headroom: made.overProvision.mapValues(\.value),
            trust: trusts, objectiveWatts: made.plan.objective.value,
            boundWatts: made.plan.bound?.value ?? Self.provenWatts(made.plan), gap: made.plan.gap?.value,
            seconds: seconds, allocation: made.ordered, orders: orders,
            cut: made.cuts.map {
                Cut(
                    rule: $0.rule.rawValue, model: $0.model, serverType: $0.serverType, asked: $0.asked,
                    allowed: $0.allowed)
            }, binding: binding, instead: alternatives, fleetHold: fleetHold)
        if let fleet = inputs.circumstances.fleet { keepHalves(free: fleet.free) }
        sentence = words
    }

    /// Starts that need servers which are still to be stopped wait until the stops were read back: the second
    /// half of a move is never begun before the first is seen.
    private mutating func keepHalves(free: [ServerTypeID: Int]) {
        let (now, later) = OrderBook.halves(orders, free: free)
        orders = now
        for order in later {
            cut.append(
                Cut(
                    rule: "A2", model: order.model, serverType: order.serverType, asked: order.to,
                    allowed: order.from))
            allocation[order.model, order.serverType] = order.from
        }
    }

    /// Where the objective was drawn watts, what is proven of it stands for watts too.
    private static func provenWatts(_ plan: Plan) -> Double? {
        guard let valuation = plan.valuation, valuation.unit == "W" else { return nil }
        return valuation.bound
    }

    /// One order for each pair whose count changes.
    private static func orders(_ made: ProvisionerDecision) -> [Order] {
        var changes: [ModelOnServer: Int] = [:]
        for action in made.actions {
            let pair = ModelOnServer(model: action.model, serverType: action.serverType)
            changes[pair, default: 0] += action.isStart ? action.count : -action.count
        }
        return changes.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { pair, change in
            let to = made.ordered[pair.model, pair.serverType]
            return Order(model: pair.model, serverType: pair.serverType, from: to - change, to: to)
        }
    }

    /// The decision in a sentence.
    var words: String {
        var parts: [String] = []
        if let fleetHold { parts.append("held: \(fleetHold)") }
        if let model, let before = neededBefore, let now = neededNow, before > 0 {
            let share = Self.text(abs(now / before - 1) * 100)
            let way = now > before ? "more" : "less"
            parts.append(
                "\(model) needs \(share) % \(way) (\(Self.text(before)) -> \(Self.text(now))/s)")
        } else {
            parts.append(reason.rawValue.replacing("_", with: " "))
        }
        if orders.isEmpty {
            parts.append("nothing changes")
        } else {
            let listed = orders.prefix(4).map { order in
                let change = order.to - order.from
                return "\(change > 0 ? "+" : "")\(change) \(order.serverType) for \(order.model)"
            }
            let more = orders.count > 4 ? " and \(orders.count - 4) more" : ""
            parts.append(listed.joined(separator: ", ") + more)
        }
        if route == .kept { parts.append("the planner failed, and the plan in force is kept") }
        if route == .greedy { parts.append("the planner failed, and the greedy rule planned") }
        if !cut.isEmpty {
            parts.append("cut by " + Set(cut.map(\.rule)).sorted().joined(separator: ", "))
        }
        if let gap { parts.append("within \(Self.text(gap * 100)) % of what is proven") }
        if let greedy = instead["greedy"] {
            let more = greedy.watts - objectiveWatts
            parts.append("greedy would take \(Self.text(abs(more))) W \(more < 0 ? "less" : "more")")
        }
        return parts.joined(separator: "; ")
    }

    private static func text(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
        return abs(number) >= 100 ? "\(Int(number.rounded()))" : "\((number * 100).rounded() / 100)"
    }
}
