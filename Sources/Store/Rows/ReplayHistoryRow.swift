import GRDB
import Quantities
import Vocabulary

/// What happened within the intervals of one policy's timeline that an earlier version wrote: which servers
/// served from when, and the decision log.
struct ReplayHistoryRow {
    let policy: Int64
    let models: [ModelID]
    let serverTypes: [ServerTypeID]
    let database: Database

    private func rows(_ table: String, _ order: String) throws -> RowCursor {
        try Row.fetchCursor(
            database, sql: "SELECT * FROM \(table) WHERE policy_id = ? ORDER BY \(order)", arguments: [policy]
        )
    }

    /// The serving steps, of which only changes are stored; none where there is no first instant.
    func steps(from first: Int64?) throws -> [ServingStep] {
        guard let first else { return [] }
        var steps: [ServingStep] = []
        var serving = Allocation()
        var at = first
        let changes = try rows("replay_serving_row", "at_nanoseconds, model_position, server_type_position")
        while let change = try changes.next() {
            let row = StoredRow(change, table: "replay_serving_row", label: "policy \(policy)")
            let time = try row.integer("at_nanoseconds")
            guard time >= at else { throw row.fault("at_nanoseconds", "no earlier than \(at)") }
            if time > at {
                steps.append(ServingStep(at: Nanoseconds(at), serving: serving))
                at = time
            }
            serving[
                try row.element("model_position", of: models),
                try row.element("server_type_position", of: serverTypes)] =
                try row.count("servers")
        }
        steps.append(ServingStep(at: Nanoseconds(at), serving: serving))
        return steps
    }

    func decisions() throws -> [DecisionEntry] {
        var actions: [Int: [ProvisionerAction]] = [:]
        let orders = try rows("replay_action_row", "decision_position, position")
        while let order = try orders.next() {
            let row = StoredRow(order, table: "replay_action_row", label: "policy \(policy)")
            let model = try row.element("model_position", of: models)
            let serverType = try row.element("server_type_position", of: serverTypes)
            let count = try row.count("servers", atLeast: 1)
            let action: ProvisionerAction
            switch try row.text("action") {
            case "start": action = .start(model: model, serverType: serverType, count: count)
            case "stop": action = .stop(model: model, serverType: serverType, count: count)
            default: throw row.fault("action", "start or stop")
            }
            actions[try row.count("decision_position"), default: []].append(action)
        }
        var decisions: [DecisionEntry] = []
        let lines = try rows("replay_decision_row", "position")
        while let line = try lines.next() {
            let row = StoredRow(line, table: "replay_decision_row", label: "policy \(policy)")
            let model =
                try row.optionalInteger("model_position") == nil
                ? nil : row.element("model_position", of: models)
            decisions.append(
                DecisionEntry(
                    at: Nanoseconds(try row.integer("at_nanoseconds")), reason: try row.choice("reason"),
                    model: model, neededBefore: try row.optionalQuantity("before_queries_per_second"),
                    neededNow: try row.optionalQuantity("needed_queries_per_second"),
                    actions: actions[decisions.count] ?? []))
        }
        return decisions
    }
}
