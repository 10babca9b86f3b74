import Files
import Quantities
import Vocabulary

/// Reads the `tasks` of a scenario: names that loads are given for, and the models that may answer each.
enum TaskReader {
    private enum Key: String, SectionKey {
        case variants
        case meanFloor = "mean_accuracy_floor"
        case queryFloor = "query_accuracy_floor"
    }

    private enum VariantKey: String, SectionKey {
        case model
        case shareMax = "share_max_fraction"
    }

    private static let variantsMax = 64

    /// - Parameter models: of the scenario.
    static func tasks(_ value: YAMLValue, among models: [Model]) throws(FileError) -> [ServedTask] {
        var taken: [ModelID: String] = [:]
        let tasks = try AskedNames.entries(value, beside: models) { (name, value) throws(FileError) in
            try task(name, value, among: models, taken: &taken)
        }
        guard !tasks.isEmpty else { throw value.refusal(expected: "at least one task") }
        return tasks.sorted { $0.id < $1.id }
    }

    private static func task(
        _ name: String, _ value: YAMLValue, among models: [Model], taken: inout [ModelID: String]
    ) throws(FileError) -> ServedTask {
        let section = try value.section(Key.self)
        func floor(_ key: Key) throws(FileError) -> Fraction? {
            try section.optional(key).map { (value) throws(FileError) in
                Fraction(try value.number(.from(0, to: 1)))
            }
        }
        var variants: [ServedTask.Variant] = []
        for item in try section[.variants].filledList(max: variantsMax) {
            let variant = try variant(item, among: models)
            if let other = taken[variant.model] {
                throw item.refusal(expected: "a model that is no variant of \(other) already")
            }
            taken[variant.model] = name
            variants.append(variant)
        }
        return ServedTask(
            id: ModelID(name), variants: variants, meanFloor: try floor(.meanFloor),
            queryFloor: try floor(.queryFloor))
    }

    private static func variant(
        _ item: YAMLValue, among models: [Model]
    ) throws(FileError) -> ServedTask.Variant {
        var nameValue = item
        var shareMax: Fraction?
        if case .mapping = item.tree.content {
            let section = try item.section(VariantKey.self)
            nameValue = try section[.model]
            shareMax = try section.optional(.shareMax).map { (value) throws(FileError) in
                Fraction(try value.number(.positiveFraction))
            }
        }
        let name = try nameValue.name()
        guard let model = models.first(where: { $0.id.name == name }) else {
            throw .unknownName(
                nameValue.place, kind: "one of this scenario's models", found: name,
                known: models.map(\.id.name))
        }
        guard let accuracy = model.accuracy else {
            throw nameValue.refusal(expected: "a model whose file says its accuracy")
        }
        return ServedTask.Variant(model: model.id, accuracy: accuracy, shareMax: shareMax)
    }
}
