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
                    accelerator: accelerator, power: power, isThisHost: isThisHost))
        }
    }
}

private struct ModelBehaviour: Encodable {
    let id: ModelID
    var graph: RecommendationGraph?
    var onnx: OnnxBehaviour?
    var endpoint: ServedModel?
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
    let power: PowerCurve
    let isThisHost: Bool
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
        let json = try CanonicalJSON.encode(scenario)
        let digest = ContentDigest(ofText: json).hexadecimal
        try execute(
            sql: """
                INSERT INTO scenario (name, definition_digest, definition_json) VALUES (?, ?, ?)
                ON CONFLICT (definition_digest) DO NOTHING
                """,
            arguments: [scenario.id, digest, json])
        return try requiredID("SELECT id FROM scenario WHERE definition_digest = ?", [digest])
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
        return try requiredID(
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
        return try requiredID("SELECT id FROM \(table) WHERE definition_digest = ?", [digest])
    }
}
