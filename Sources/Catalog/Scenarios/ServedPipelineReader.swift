import Files
import Quantities
import Vocabulary

/// Reads the `pipelines` of a scenario: names that loads are given for, and the models that answer each
/// request one after another.
enum ServedPipelineReader {
    private enum Key: String, SectionKey {
        case limit = "latency_limit_ms"
        case quantile = "latency_quantile"
        case stages
    }

    private enum StageKey: String, SectionKey {
        case name, model, visits, after
    }

    private static let pipelinesMax = 16
    /// Ways to split a limit grow with each stage.
    private static let stagesMax = 8
    private static let visitsMax = 64.0

    /// - Parameter models: of the scenario.
    static func pipelines(_ value: YAMLValue, among models: [Model]) throws(FileError) -> [ServedPipeline] {
        let pipelines = try AskedNames.entries(value, beside: models) { (name, value) throws(FileError) in
            try pipeline(name, value, among: models)
        }
        guard 1...pipelinesMax ~= pipelines.count else {
            throw value.refusal(expected: "1 to \(pipelinesMax) pipelines")
        }
        return pipelines.sorted { $0.id < $1.id }
    }

    private static func pipeline(
        _ name: String, _ value: YAMLValue, among models: [Model]
    ) throws(FileError) -> ServedPipeline {
        let section = try value.section(Key.self)
        try section.require(.limit, .quantile, .stages)
        var stages: [ServedPipeline.Stage] = []
        for item in try section[.stages].filledList(max: stagesMax) {
            stages.append(try stage(item, behind: stages, among: models))
        }
        return ServedPipeline(
            id: ModelID(name), stages: stages,
            target: LatencyTarget(
                quantile: Quantile(try section[.quantile].number(.quantile)),
                limit: try section[.limit].duration(unitSeconds: 1e-3)))
    }

    private static func stage(
        _ item: YAMLValue, behind earlier: [ServedPipeline.Stage], among models: [Model]
    ) throws(FileError) -> ServedPipeline.Stage {
        let section = try item.section(StageKey.self)
        try section.require(.name, .model)
        let name = try section[.name].name()
        guard !earlier.contains(where: { $0.name == name }) else {
            throw try section[.name].refusal(expected: "a name of its own")
        }
        let known = try section[.model].name()
        guard let model = models.first(where: { $0.id.name == known }) else {
            throw .unknownName(
                try section[.model].place, kind: "one of this scenario's models", found: known,
                known: models.map(\.id.name))
        }
        var after = earlier.isEmpty ? [] : [earlier.count - 1]
        if let value = section.optional(.after) {
            after = []
            for one in try value.list() {
                let before = try one.name()
                guard let place = earlier.firstIndex(where: { $0.name == before }) else {
                    throw .unknownName(
                        one.place, kind: "an earlier stage", found: before, known: earlier.map(\.name))
                }
                guard !after.contains(place) else { throw one.refusal(expected: "each stage once") }
                after.append(place)
            }
        }
        let visits =
            try section.optional(.visits).map { (value) throws(FileError) in
                let visits = try value.number(.positive)
                guard visits <= visitsMax else {
                    throw value.refusal(expected: "at most \(Int(visitsMax)) visits")
                }
                return visits
            } ?? 1
        return ServedPipeline.Stage(name: name, model: model.id, visits: visits, after: after.sorted())
    }
}
