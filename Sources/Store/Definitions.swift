import GRDB
import Quantities
import Vocabulary

extension Model {
    /// The digest of what decides how the model runs: its name, what it is made of and the sizes of its
    /// queries.
    ///
    /// The title, the citation and the latency target are left out: correcting a citation or tightening a
    /// target does not make a measurement wrong. Neither does moving an ONNX file elsewhere.
    public var behaviourDigest: ContentDigest {
        get throws(StoreError) {
            var behaviour = ModelBehaviour(id: id, querySizes: querySizes)
            switch kind {
            case .recommendation(let graph): behaviour.graph = graph
            case .onnx(let file):
                behaviour.onnx = OnnxBehaviour(fingerprint: file.fingerprint, inputs: file.inputs)
            case .endpoint(let served): behaviour.endpoint = served
            case .network(let shape): behaviour.network = shape
            case .language(let service): behaviour.language = service
            case .figures: break
            }
            return try ContentDigest(of: behaviour)
        }
    }
}

extension ServerType {
    /// The digest of what decides how fast the server is and what it draws: everything but title and
    /// citations.
    public var behaviourDigest: ContentDigest {
        get throws(StoreError) {
            try ContentDigest(
                of: ServerTypeBehaviour(
                    id: id, processor: processor, memory: memory, nearMemory: nearMemory,
                    accelerator: accelerator, edge: edge, power: power, isThisHost: isThisHost))
        }
    }
}

private struct ModelBehaviour: Encodable {
    let id: ModelID
    var graph: RecommendationGraph?
    var onnx: OnnxBehaviour?
    var endpoint: ServedModel?
    var network: NetworkShape?
    var language: TokenService?
    let querySizes: QuerySizes
}

private struct OnnxBehaviour: Encodable {
    let fingerprint: String
    let inputs: [ModelInput]
}

private struct ServerTypeBehaviour: Encodable {
    let id: ServerTypeID
    let processor: Processor?
    let memory: MemorySystem?
    let nearMemory: NearMemory?
    let accelerator: Accelerator?
    let edge: EdgeDevice?
    let power: PowerCurve
    let isThisHost: Bool
}

/// A scenario as it is kept: its trace stands in the table of traces, under its digest, because the loads of
/// a year would be most of the text.
struct ScenarioDefinition: Codable {
    /// Without its trace where there is a digest.
    private(set) var scenario: Scenario
    /// nil without a trace, and in what earlier versions wrote, where the trace stands in the scenario.
    let traceDigest: String?

    private enum Key: String, CodingKey { case traceDigest }

    init(_ scenario: Scenario, traceDigest: String?) {
        self.scenario = scenario
        self.traceDigest = traceDigest
        self.scenario.trace = nil
    }

    init(from decoder: any Decoder) throws {
        scenario = try Scenario(from: decoder)
        traceDigest = try decoder.container(keyedBy: Key.self).decodeIfPresent(
            String.self, forKey: .traceDigest)
    }

    func encode(to encoder: any Encoder) throws {
        try scenario.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(traceDigest, forKey: .traceDigest)
    }

    /// The scenario with its trace.
    func resolved(_ row: StoredRow, _ database: Database) throws -> Scenario {
        guard let traceDigest else { return scenario }
        guard let id = try TraceRow.id(ofContent: traceDigest, database) else {
            throw row.fault("definition_json", "the digest of a trace, not \(traceDigest)")
        }
        var scenario = scenario
        scenario.trace = try TraceRow.trace(id, database)
        return scenario
    }
}

extension Scenario {
    /// The digest under which the scenario is kept, with all that its trace holds.
    public var definitionDigest: ContentDigest {
        get throws(StoreError) {
            let digest = try trace.map { trace throws(StoreError) in try ContentDigest(ofTrace: trace) }
            return try ContentDigest(of: ScenarioDefinition(self, traceDigest: digest?.hexadecimal))
        }
    }
}

/// Rows that others refer to: found by their content, or added.
extension Database {
    func rowID(of model: Model) throws -> Int64 {
        let json = try CanonicalJSON.encode(model)
        return try definitionRowID(
            table: "model", name: model.id.name, json: json, behaviour: try model.behaviourDigest)
    }

    func rowID(of serverType: ServerType) throws -> Int64 {
        let json = try CanonicalJSON.encode(serverType)
        return try definitionRowID(
            table: "server_type", name: serverType.id.name, json: json,
            behaviour: try serverType.behaviourDigest)
    }

    func rowID(of scenario: Scenario) throws -> Int64 {
        var traceDigest: ContentDigest?
        if let trace = scenario.trace {
            let digest = try ContentDigest(ofTrace: trace)
            _ = try TraceRow.rowID(of: trace, digest: digest, in: self)
            traceDigest = digest
        }
        let json = try CanonicalJSON.encode(
            ScenarioDefinition(scenario, traceDigest: traceDigest?.hexadecimal))
        let digest = ContentDigest(ofText: json).hexadecimal
        try execute(
            sql: """
                INSERT INTO scenario (name, definition_digest, definition_json) VALUES (?, ?, ?)
                ON CONFLICT (definition_digest) DO NOTHING
                """,
            arguments: [scenario.id, digest, json])
        return try sealedID("scenario", "SELECT id FROM scenario WHERE definition_digest = ?", [digest])
    }

    func rowID(of host: Host) throws -> Int64 {
        let arguments: StatementArguments = [
            host.name, host.processor, host.cores, host.memory.value, host.operatingSystem, host.fingerprint,
        ]
        try execute(
            sql: """
                INSERT INTO host (name, processor, cores, memory_bytes, operating_system, fingerprint)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
            arguments: arguments)
        return try sealedID(
            "host",
            """
            SELECT id FROM host WHERE name = ? AND processor = ? AND cores = ? AND memory_bytes = ?
            AND operating_system = ? AND fingerprint = ?
            """, arguments)
    }

    /// The single number that a query for a row known to exist gives.
    func requiredID(_ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        guard let id = try Int64.fetchOne(self, sql: sql, arguments: arguments) else {
            throw DatabaseError(
                resultCode: .SQLITE_INTERNAL, message: "a row just written is not there", sql: sql)
        }
        return id
    }

    /// The number of a record that was inserted just now, or had been before.
    private func sealedID(_ table: String, _ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        let isNew = changesCount == 1
        let id = try requiredID(sql, arguments)
        if isNew { try seal(table, id) }
        return id
    }

    private func definitionRowID(
        table: String, name: String, json: String, behaviour: ContentDigest
    ) throws -> Int64 {
        let digest = ContentDigest(ofText: json).hexadecimal
        try execute(
            sql: """
                INSERT INTO \(table) (name, definition_digest, behaviour_digest, definition_json)
                VALUES (?, ?, ?, ?) ON CONFLICT (definition_digest) DO NOTHING
                """,
            arguments: [name, digest, behaviour.hexadecimal, json])
        return try sealedID(table, "SELECT id FROM \(table) WHERE definition_digest = ?", [digest])
    }
}
