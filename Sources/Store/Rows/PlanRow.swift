import Foundation
import GRDB
import Quantities
import Vocabulary

/// Plans from their rows.
enum PlanRow {
    static func plan(from row: StoredRow, _ database: Database) throws -> StoredPlan {
        let id = try row.integer("id")
        func rows(_ table: String, orderedBy order: String = "model") throws -> [StoredRow] {
            try Row.fetchAll(
                database, sql: "SELECT * FROM \(table) WHERE plan_id = ? ORDER BY \(order)", arguments: [id]
            ).map { StoredRow($0, table: table, label: "\(id)") }
        }
        var loads: [ModelID: QueriesPerSecond] = [:]
        for row in try rows("plan_demand") {
            loads[ModelID(try row.text("model"))] = try row.quantity("load_queries_per_second")
        }
        var counts: [ServerTypeID: Int] = [:]
        for row in try rows("plan_fleet", orderedBy: "server_type") {
            counts[ServerTypeID(try row.text("server_type"))] = try row.count("available_servers")
        }
        var allocation = Allocation()
        var bases: [StoredPlan.Basis] = []
        for row in try rows("plan_allocation", orderedBy: "model, server_type") {
            let basis = try basis(from: row)
            allocation[basis.model, basis.serverType] = try row.count("servers", atLeast: 1)
            bases.append(basis)
        }
        let shortfalls = try rows("plan_shortfall").map { row in
            Plan.Shortfall(
                model: ModelID(try row.text("model")), load: try row.quantity("unserved_queries_per_second"))
        }
        return StoredPlan(
            id: RecordID(id),
            plan: Plan(
                status: try row.choice("status"), allocation: allocation,
                objective: try row.quantity("objective_watts"),
                bound: try row.optionalQuantity("bound_watts"),
                shortfalls: shortfalls, valuation: try valuation(from: row)),
            demand: Demand(loads), fleet: Fleet(id: try row.text("fleet_name"), counts: counts),
            overProvision: try row.quantity("over_provision_fraction"), bases: bases,
            method: try row.text("method"), goal: try goal(from: row),
            route: try row.optionalText("route"), toolVersion: try row.text("tool_version"),
            plannedAtUnixSeconds: try row.integer("planned_at_unix_seconds"),
            run: try row.optionalInteger("run_id").map { RecordID($0) })
    }

    private static func valuation(from row: StoredRow) throws(StoreError) -> Plan.Valuation? {
        guard let text = try row.optionalText("objective_json") else { return nil }
        do {
            return try JSONDecoder().decode(Plan.Valuation.self, from: Data(text.utf8))
        } catch {
            throw row.fault("objective_json", "the JSON of an objective's value and bound")
        }
    }

    private static func goal(from row: StoredRow) throws(StoreError) -> PlanGoal {
        guard let text = try row.optionalText("goal_json") else { return PlanGoal() }
        do {
            return try JSONDecoder().decode(PlanGoal.self, from: Data(text.utf8))
        } catch {
            throw row.fault("goal_json", "the JSON of a plan's goal")
        }
    }

    private static func basis(from row: StoredRow) throws(StoreError) -> StoredPlan.Basis {
        StoredPlan.Basis(
            model: ModelID(try row.text("model")), serverType: ServerTypeID(try row.text("server_type")),
            throughput: try row.quantity("throughput_queries_per_second"),
            power: try row.quantity("power_watts"), powerProvenance: try row.choice("power_provenance"),
            provenance: try row.choice("provenance"))
    }
}
