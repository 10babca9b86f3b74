import Files
import Vocabulary

/// Reads the `models` of a scenario or a job: names, or names with a limit on table rows.
struct ServedModels {
    /// A model as it is used, under the name it is called by.
    struct Served {
        let baseName: String
        let model: Model
    }

    private enum Key: String, SectionKey {
        case model
        case tableRowsMax = "table_rows_max"
    }

    let catalog: Catalog
    private let names: [String]

    init(catalog: Catalog) throws(FileError) {
        self.catalog = catalog
        names = try catalog.modelNames()
    }

    /// - Throws: what is wrong with each of the models.
    func models(_ value: YAMLValue) throws(FileError) -> [Served] {
        var served: [Served] = []
        var problems = FileProblems()
        for item in try value.filledList() {
            guard let one = problems.reading({ () throws(FileError) in try model(item) }) else { continue }
            guard !served.contains(where: { $0.baseName == one.baseName }) else {
                problems.add(
                    .invalidValue(
                        item.place, found: "\(one.baseName) a second time", expected: "every model once"))
                continue
            }
            served.append(one)
        }
        try problems.throwAll()
        return served
    }

    private func model(_ item: YAMLValue) throws(FileError) -> Served {
        var nameValue = item
        var rowsMax: Int?
        if case .mapping = item.tree.content {
            let section = try item.section(Key.self)
            nameValue = try section[.model]
            rowsMax = try section.optional(.tableRowsMax)?.wholeNumber()
        }
        let name = try nameValue.name()
        guard names.contains(name) else {
            throw .unknownName(nameValue.place, kind: "a model", found: name, known: names)
        }
        let model = try catalog.model(ModelID(name))
        return Served(baseName: name, model: rowsMax.map(model.shrunk) ?? model)
    }
}
