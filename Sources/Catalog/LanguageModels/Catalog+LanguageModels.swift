import Files
import Vocabulary

extension Catalog {
    private static let models = "llm/models"

    /// The names of all language models, in order.
    public func languageModelNames() throws(FileError) -> [String] {
        try FileContents.names(
            inAnyOf: folders.map { "\($0)/\(Self.models)" }.filter(FileContents.isDirectory), suffix: ".json")
    }

    /// A language model by name.
    public func languageModel(named name: String) throws(FileError) -> LanguageModelShape {
        let known = try languageModelNames()
        let paths = folders.map { "\($0)/\(Self.models)/\(name).json" }
        guard known.contains(name), let path = paths.first(where: FileContents.exists) else {
            throw .unknownName(
                Place(file: "\(directory)/\(Self.models)", line: nil, key: ""), kind: "a language model",
                found: name, known: known)
        }
        return try ModelConfigReader.shape(at: path, name: name)
    }

    /// The model that a value names: one of the catalogue, or the path of a `config.json`.
    func languageModel(_ value: YAMLValue) throws(FileError) -> LanguageModelShape {
        let text = try value.text()
        if text.hasSuffix(".json") {
            let path = try value.path()
            return try ModelConfigReader.shape(at: path, name: FileContents.stem(of: path))
        }
        let known = try languageModelNames()
        guard known.contains(text) else {
            throw .unknownName(
                value.place, kind: "a language model, or the path of a config.json", found: text, known: known
            )
        }
        return try languageModel(named: text)
    }

    private static let laws = "llm/laws"

    /// The names of all files of fitted step times, in order.
    public func tokenLawNames() throws(FileError) -> [String] {
        try FileContents.names(
            inAnyOf: folders.map { "\($0)/\(Self.laws)" }.filter(FileContents.isDirectory), suffix: ".yaml")
    }

    /// Fitted step times by name.
    public func tokenLaws(named name: String) throws(FileError) -> [TokenLaw] {
        let known = try tokenLawNames()
        let paths = folders.map { "\($0)/\(Self.laws)/\(name).yaml" }
        guard known.contains(name), let path = paths.first(where: FileContents.exists) else {
            throw .unknownName(
                Place(file: "\(directory)/\(Self.laws)", line: nil, key: ""), kind: "fitted laws",
                found: name,
                known: known)
        }
        return try TokenLawReader.laws(at: path)
    }

    /// The accelerator that a value names.
    func accelerator(_ value: YAMLValue) throws(FileError) -> CatalogDevice {
        let name = try value.name()
        let known = try deviceNames(.accelerator)
        guard known.contains(name) else {
            throw .unknownName(value.place, kind: "an accelerator", found: name, known: known)
        }
        return try device(.accelerator, name)
    }

    /// The names of all serving clusters, in order.
    public func servingClusterNames() throws(FileError) -> [String] {
        try FileContents.names(
            inAnyOf: folders.map { "\($0)/llm" }.filter(FileContents.isDirectory), suffix: ".yaml")
    }

    /// A serving cluster in a file, with the model and the devices that it names.
    public func servingCluster(at path: String) throws(FileError) -> ServingCluster {
        try ServingClusterReader(catalog: self).cluster(at: path)
    }
}
