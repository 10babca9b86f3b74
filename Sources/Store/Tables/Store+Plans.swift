import Foundation
import GRDB
import Quantities
import Vocabulary

/// A plan, as stored, with what it was made for and from.
public struct StoredPlan: Hashable, Sendable {
    /// What one share of the allocation rests on.
    public struct Basis: Hashable, Sendable {
        /// The model of the share.
        public let model: ModelID
        /// The server type of the share.
        public let serverType: ServerTypeID
        /// Of one server.
        public let throughput: QueriesPerSecond
        /// Of one server.
        public let power: Watts
        /// Where the power comes from.
        public let powerProvenance: PowerProvenance
        /// Where the throughput comes from.
        public let provenance: Provenance
    }

    /// Names the plan in other calls.
    public let id: RecordID<Plan>
    /// The planner's answer.
    public let plan: Plan
    /// Before the over-provision.
    public let demand: Demand
    /// The servers it could use.
    public let fleet: Fleet
    /// R: the plan covers (1 + R) times the demand.
    public let overProvision: Fraction
    /// Ordered by model, then server type; one for each share.
    public let bases: [Basis]
    /// The planning method's or policy's name.
    public let method: String
    /// What the plan minimises, and under which constraints.
    public let goal: PlanGoal
    /// Which step of the planner settled it; nil where that was not kept.
    public let route: String?
    /// The version of the tool that planned.
    public let toolVersion: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let plannedAtUnixSeconds: Int64
    /// The run it belongs to; nil where it was made by itself.
    public let run: RecordID<StoredRun>?
}

extension Store {
    /// Saves a plan with the demand, the fleet and the efficiency figures it was made from.
    /// - Parameters:
    ///   - overProvision: R; the plan covers (1 + R) times the demand.
    ///   - inputsDigest: of everything that the plan depends on, by which it is found again.
    /// - Throws: `StoreError.inconsistent` where the plan allocates a pair that the table has no entry for,
    ///   or a server type that the fleet lacks.
    @discardableResult
    public func save(
        _ plan: Plan, demand: Demand, fleet: Fleet, overProvision: Fraction, efficiency: EfficiencyTable,
        method: String, toolVersion: String, atUnixSeconds: Int64, run: RecordID<StoredRun>? = nil,
        goal: PlanGoal = PlanGoal(), route: String? = nil, inputsDigest: ContentDigest? = nil
    ) throws(StoreError) -> RecordID<Plan> {
        let goalText = goal == PlanGoal() ? nil : try Self.text(goal, of: goal)
        let objectiveText = try plan.valuation.map { (one) throws(StoreError) in try Self.text(one, of: goal)
        }
        let shares = try Self.shares(of: plan, fleet: fleet, efficiency: efficiency)
        return try write { database in
            try database.insert(
                into: "plan",
                [
                    ("run_id", run?.number), ("method", method), ("fleet_name", fleet.id),
                    ("over_provision_fraction", overProvision.value), ("status", plan.status.rawValue),
                    ("objective_watts", plan.objective.value), ("bound_watts", plan.bound?.value),
                    ("tool_version", toolVersion), ("planned_at_unix_seconds", atUnixSeconds),
                    ("objective_name", goal.name), ("objective_json", objectiveText),
                    ("route", route), ("goal_json", goalText), ("inputs_digest", inputsDigest?.hexadecimal),
                ])
            let id = database.lastInsertedRowID
            for model in demand.models {
                try database.insert(
                    into: "plan_demand",
                    [
                        ("plan_id", id), ("model", model.name),
                        ("load_queries_per_second", demand[model].value),
                    ])
            }
            for serverType in fleet.serverTypes {
                try database.insert(
                    into: "plan_fleet",
                    [
                        ("plan_id", id), ("server_type", serverType.name),
                        ("available_servers", fleet.counts[serverType] ?? 0),
                    ])
            }
            for (share, entry) in shares {
                try database.insert(
                    into: "plan_allocation",
                    [
                        ("plan_id", id), ("model", share.model.name), ("server_type", share.serverType.name),
                        ("servers", share.count), ("throughput_queries_per_second", entry.throughput.value),
                        ("power_watts", entry.power.value),
                        ("power_provenance", entry.powerProvenance.rawValue),
                        ("provenance", entry.provenance.rawValue),
                    ])
            }
            for shortfall in plan.shortfalls {
                try database.insert(
                    into: "plan_shortfall",
                    [
                        ("plan_id", id), ("model", shortfall.model.name),
                        ("unserved_queries_per_second", shortfall.load.value),
                    ])
            }
            try database.seal("plan", id)
            return RecordID(id)
        }
    }

    /// The plan's shares with the entries they rest on.
    private static func shares(
        of plan: Plan, fleet: Fleet, efficiency: EfficiencyTable
    ) throws(StoreError) -> [(Allocation.Share, EfficiencyEntry)] {
        var shares: [(Allocation.Share, EfficiencyEntry)] = []
        for share in plan.allocation.shares {
            guard let entry = efficiency[share.model, share.serverType] else {
                throw .inconsistent(
                    what: "the plan's allocation", found: "\(share.model) on \(share.serverType)",
                    expected: "pairs with an efficiency entry")
            }
            guard fleet.counts[share.serverType] != nil else {
                throw .inconsistent(
                    what: "the plan's allocation", found: "server type \(share.serverType)",
                    expected:
                        "one of fleet \(fleet.id): \(fleet.serverTypes.map(\.name).joined(separator: ", "))")
            }
            shares.append((share, entry))
        }
        return shares
    }

    private static func text(_ value: some Encodable, of goal: PlanGoal) throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .inconsistent(
                what: "the plan's goal", found: goal.name, expected: "finite weights and prices")
        }
    }

    /// The last plan made from these inputs; nil where there is none.
    public func plan(ofInputs inputsDigest: ContentDigest) throws(StoreError) -> StoredPlan? {
        try read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM plan WHERE inputs_digest = ? ORDER BY id DESC LIMIT 1",
                arguments: [inputsDigest.hexadecimal])
            return try row.map { try Self.plan(from: $0, database) }
        }
    }

    /// The plan saved last, in one run or in any; nil where there is none.
    public func lastPlan(of run: RecordID<StoredRun>? = nil) throws(StoreError) -> StoredPlan? {
        try read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM plan WHERE ?1 IS NULL OR run_id = ?1 ORDER BY id DESC LIMIT 1",
                arguments: [run?.number])
            return try row.map { try Self.plan(from: $0, database) }
        }
    }

    private static func plan(from row: Row, _ database: Database) throws -> StoredPlan {
        let plan = try PlanRow.plan(from: StoredRow(row, table: "plan"), database)
        try database.requireIntact("plan", [plan.id.number])
        return plan
    }
}
