import Vocabulary

/// Names as people type them, and what they stand for in a scenario.
extension Scenario {
    /// The load over time, of something that is replayed.
    /// - Throws: `PipelineError.noTrace` where the scenario names none, `.plansPipelinesAlone` where it has
    ///   pipelines.
    package func requiredTrace() throws -> Trace {
        guard pipelines == nil else { throw PipelineError.plansPipelinesAlone(scenario: id) }
        guard let trace else { throw PipelineError.noTrace(scenario: id) }
        return trace
    }

    /// Each load's peak over time.
    /// - Throws: `PipelineError.noTrace` where the scenario names no trace.
    func peakDemand() throws -> Demand {
        guard let trace else { throw PipelineError.noTrace(scenario: id) }
        return trace.peakDemand
    }

    /// What loads are given for: tasks, pipelines, and models that belong to none.
    package var asked: [ModelID] {
        let parts = Set(
            (tasks ?? []).flatMap { $0.variants.map(\.model) }
                + (pipelines ?? []).flatMap { $0.stages.map(\.model) })
        return models.map(\.id).filter { !parts.contains($0) } + (tasks ?? []).map(\.id)
            + (pipelines ?? []).map(\.id)
    }

    /// The model of a name: the one it has in the scenario or, where its tables were cut, its base name.
    /// - Throws: `PipelineError.unknownName`.
    func model(named typed: ModelID) throws -> ModelID {
        let ids = asked
        if ids.contains(typed) { return typed }
        let cut = ids.filter { $0.name.hasPrefix("\(typed)-") && $0.name.hasSuffix("-rows") }
        guard cut.count == 1 else {
            throw PipelineError.unknownName(kind: "model", found: typed.name, known: ids.map(\.name))
        }
        return cut[0]
    }

    /// The server type of a name, which must be in the fleet.
    /// - Throws: `PipelineError.unknownName`.
    func serverType(named typed: ServerTypeID) throws -> ServerTypeID {
        let known = fleet.serverTypes
        guard known.contains(typed) else {
            throw PipelineError.unknownName(kind: "server type", found: typed.name, known: known.map(\.name))
        }
        return typed
    }

    /// Values by the models' names in the scenario.
    /// - Throws: `PipelineError.unknownName`, or `.badValue` where two names stand for one model.
    func byModel<Value>(_ typed: [ModelID: Value]) throws -> [ModelID: Value] {
        var values: [ModelID: Value] = [:]
        for (name, value) in typed.sorted(by: { $0.key < $1.key }) {
            let model = try model(named: name)
            guard values.updateValue(value, forKey: model) == nil else {
                throw PipelineError.badValue(
                    name: "model \(model)", found: "a second name, '\(name)'", expected: "each model once")
            }
        }
        return values
    }

    /// Values by server types that are all in the fleet.
    /// - Throws: `PipelineError.unknownName`.
    func byType<Value>(_ typed: [ServerTypeID: Value]) throws -> [ServerTypeID: Value] {
        for name in typed.keys.sorted() { _ = try serverType(named: name) }
        return typed
    }

    /// An allocation by the models' names in the scenario.
    /// - Throws: `PipelineError.unknownName`, or `.badValue` where two names stand for one model.
    func resolved(_ typed: Allocation) throws -> Allocation {
        var allocation = Allocation()
        for share in typed.shares {
            let (model, type) = (try model(named: share.model), try serverType(named: share.serverType))
            guard allocation[model, type] == 0 else {
                throw PipelineError.badValue(
                    name: "model \(model)", found: "a second name, '\(share.model)'",
                    expected: "each model once")
            }
            allocation[model, type] = share.count
        }
        return allocation
    }
}
