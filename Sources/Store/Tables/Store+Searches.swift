import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Saves a search's outcome, also one that found nothing feasible. An earlier outcome of the same key
    /// makes way.
    /// - Throws: `StoreError.inconsistent` where outcome and key disagree, or a step of the path was never
    ///   evaluated.
    @discardableResult
    public func save(
        _ outcome: SearchOutcome, key: SearchKey, toolVersion: String, atUnixSeconds: Int64,
        run: RecordID<StoredRun>? = nil
    ) throws(StoreError) -> RecordID<SearchOutcome> {
        try Self.requireAgreement(of: outcome, with: key)
        let steps = try Self.evaluationPositions(ofPathIn: outcome)
        let arguments = try Self.arguments(for: key)
        return try write { database in
            try database.execute(
                sql: """
                    DELETE FROM search WHERE id IN (SELECT search.id FROM search
                    JOIN model ON model.id = model_id JOIN server_type ON server_type.id = server_type_id
                    WHERE \(Self.keyCondition))
                    """,
                arguments: arguments)
            try database.insert(
                into: "search",
                [
                    ("run_id", run?.number), ("model_id", try database.rowID(of: key.model)),
                    ("server_type_id", try database.rowID(of: key.serverType)),
                    ("target_quantile", key.target.quantile.value),
                    ("target_limit_nanoseconds", key.target.limit.count),
                    ("power_budget_watts", key.powerBudget?.value), ("method", key.method),
                    ("inputs_digest", key.inputsDigest.hexadecimal), ("tool_version", toolVersion),
                    ("searched_at_unix_seconds", atUnixSeconds), ("stop", outcome.stop.rawValue),
                ])
            let id = RecordID<SearchOutcome>(database.lastInsertedRowID)
            try SearchRow.insert(outcome, steps: steps, as: id, into: database)
            let digests = try OutcomeDigests(database)
            // One that is under way grows row by row.
            if outcome.stop == .running {
                try digests.unseal("search", id.number)
            } else {
                try digests.seal("search", id.number)
            }
            return id
        }
    }

    /// The stored outcome of a search with the same key; nil where there is none. "Nothing feasible" is an
    /// outcome.
    public func searchOutcome(for key: SearchKey) throws(StoreError) -> StoredSearch? {
        let arguments = try Self.arguments(for: key)
        return try read { database in
            try SearchRow.fetch(
                database, where: Self.keyCondition, arguments, order: "search.id DESC LIMIT 1"
            ).first
        }
    }

    /// The latest search for each pair of the given definitions, for the model's own latency target, ordered
    /// by model, then server type. Pairs never searched are left out.
    /// - Parameters:
    ///   - powerBudget: Only searches under this budget; nil takes those without one.
    ///   - method: Only searches by this method; nil takes any.
    public func latestSearches(
        models: [Model], serverTypes: [ServerType], powerBudget: Watts? = nil, method: String? = nil
    ) throws(StoreError) -> [StoredSearch] {
        var pairs: [StatementArguments] = []
        for model in models.sorted(by: { $0.id < $1.id }) {
            let modelDigest = try model.behaviourDigest.hexadecimal
            for serverType in serverTypes.sorted(by: { $0.id < $1.id }) {
                let serverTypeDigest = try serverType.behaviourDigest.hexadecimal
                pairs.append([
                    "model": modelDigest, "serverType": serverTypeDigest,
                    "quantile": model.latencyTarget.quantile.value, "limit": model.latencyTarget.limit.count,
                    "budget": powerBudget?.value, "method": method,
                ])
            }
        }
        return try read { database in
            try pairs.flatMap { pair in
                try SearchRow.fetch(
                    database,
                    where: """
                        \(Self.pairCondition) AND (:method IS NULL OR method = :method)
                        """, pair, order: "search.id DESC LIMIT 1")
            }
        }
    }

    /// What the planner works with: the entries of `latestSearches`. A pair whose latest search found nothing
    /// feasible has no entry, whatever an older search found.
    public func efficiencyTable(
        models: [Model], serverTypes: [ServerType], powerBudget: Watts? = nil, method: String? = nil
    ) throws(StoreError) -> EfficiencyTable {
        EfficiencyTable(
            try latestSearches(
                models: models, serverTypes: serverTypes, powerBudget: powerBudget, method: method
            ).compactMap(\.outcome.entry))
    }
}

extension Store {
    private static let pairCondition = """
        model.behaviour_digest = :model AND server_type.behaviour_digest = :serverType
        AND target_quantile = :quantile AND target_limit_nanoseconds = :limit AND power_budget_watts IS \
        :budget
        """

    private static let keyCondition = pairCondition + " AND method = :method AND inputs_digest = :inputs"

    private static func arguments(for key: SearchKey) throws(StoreError) -> StatementArguments {
        let model = try key.model.behaviourDigest
        let serverType = try key.serverType.behaviourDigest
        return [
            "model": model.hexadecimal, "serverType": serverType.hexadecimal,
            "quantile": key.target.quantile.value, "limit": key.target.limit.count,
            "budget": key.powerBudget?.value, "method": key.method, "inputs": key.inputsDigest.hexadecimal,
        ]
    }

    private static func requireAgreement(
        of outcome: SearchOutcome, with key: SearchKey
    ) throws(StoreError) {
        func require<Value: Equatable>(_ what: String, _ found: Value, _ expected: Value) throws(StoreError) {
            guard found == expected else {
                throw .inconsistent(what: what, found: "\(found)", expected: "\(expected)")
            }
        }
        try require("the searched model", outcome.model, key.model.id)
        try require("the searched server type", outcome.serverType, key.serverType.id)
        guard let entry = outcome.entry else { return }
        try require("the entry's model", entry.model, key.model.id)
        try require("the entry's server type", entry.serverType, key.serverType.id)
        try require("the entry's latency target", entry.target, key.target)
        try require("the entry's power budget", entry.powerBudget, key.powerBudget)
        try require("the entry's method", entry.method, key.method)
    }

    /// For each step of the path, the position of its schedule's last evaluation: under noise a schedule may
    /// be evaluated again, and the step rests on all the samples.
    private static func evaluationPositions(ofPathIn outcome: SearchOutcome) throws(StoreError) -> [Int] {
        var positions: [Schedule: Int] = [:]
        for (position, evaluation) in outcome.evaluations.enumerated() {
            positions[evaluation.schedule] = position
        }
        var steps: [Int] = []
        for schedule in outcome.path {
            guard let position = positions[schedule] else {
                throw .inconsistent(
                    what: "the search path of \(outcome.model) on \(outcome.serverType)",
                    found: "\(schedule), which was never evaluated", expected: "evaluated schedules only")
            }
            steps.append(position)
        }
        return steps
    }
}
