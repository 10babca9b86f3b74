import Vocabulary

extension Schedule {
    /// Partition, with precision and joining where they are not as usual, M, O and D of threads. Another kind
    /// says in words what it is, and has no such numbers.
    package var cells: [Table.Cell] {
        guard let threads = threadSchedule else {
            return [.text(description), .missing, .missing, .missing]
        }
        return [
            .text(threads.manner), .integer(threads.threads), .integer(threads.workers),
            .integer(threads.batch),
        ]
    }

    /// M and O of the sparse group.
    var sparseCells: [Table.Cell] {
        let sparse = threadSchedule?.sparse
        return [
            sparse.map { .integer($0.threads) } ?? .missing, sparse.map { .integer($0.workers) } ?? .missing,
        ]
    }
}

extension ThreadSchedule {
    /// The partition, and what else of the schedule is not as usual: `whole bf16 joined 2 ms`.
    var manner: String {
        var words = [partition.rawValue]
        if precision != .default { words.append(precision.rawValue) }
        if let joinWait { words.append(joinWait == .zero ? "joined" : "joined \(joinWait)") }
        return words.joined(separator: " ")
    }
}

extension JSONValue {
    /// An engine's rules under the names that they are stored by.
    init(_ rules: EngineRules) {
        self = [
            "tensorParallel": .integer(rules.tensorParallel),
            "pipelineParallel": .integer(rules.pipelineParallel),
            "expertParallel": .integer(rules.expertParallel), "sequencesMax": .integer(rules.sequencesMax),
            "tokenBudget": .integer(rules.tokenBudget),
            "chunkTokens": rules.chunkTokens.map(JSONValue.integer) ?? .null,
            "role": .string(rules.role.rawValue), "precision": .string(rules.precision.rawValue),
        ]
    }

    /// What a source says of its figure; what it does not say is null.
    init(_ load: ReportedLoad) {
        func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
        self = [
            "concurrency": load.concurrency.map(JSONValue.number) ?? .null,
            "requestItems": load.requestItems.map(JSONValue.integer) ?? .null,
            "devices": load.devices.map(JSONValue.integer) ?? .null,
            "parallelism": text(load.parallelism), "precision": text(load.precision),
            "source": text(load.source), "isOwn": .bool(load.isOwn),
            "derating": load.derating.map(JSONValue.number) ?? .null,
        ]
    }
}
