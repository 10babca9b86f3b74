import Files
import Vocabulary

extension Catalog {
    /// Files of language models that a catalogue may lack altogether.
    private enum Part {
        case models, laws, clusters

        var folder: String {
            switch self {
            case .models: "llm/models"
            case .laws: "llm/laws"
            case .clusters: "llm"
            }
        }

        var suffix: String { self == .models ? ".json" : ".yaml" }
    }

    private func names(of part: Part) throws(FileError) -> [String] {
        try FileContents.names(
            inAnyOf: folders.map { "\($0)/\(part.folder)" }.filter(FileContents.isDirectory),
            suffix: part.suffix)
    }

    /// The file of a name.
    /// - Parameters:
    ///   - place: where the name was found; nil for no file.
    ///   - kind: what is expected there.
    private func file(
        _ name: String, of part: Part, at place: Place? = nil, kind: String
    ) throws(FileError) -> String {
        let known = try names(of: part)
        let paths = folders.map { "\($0)/\(part.folder)/\(name)\(part.suffix)" }
        guard known.contains(name), let path = paths.first(where: FileContents.exists) else {
            throw .unknownName(
                place ?? Place(file: "\(directory)/\(part.folder)", line: nil, key: ""), kind: kind,
                found: name, known: known)
        }
        return path
    }

    /// The file that a value names: one of the catalogue, or the path of another.
    private func file(_ value: YAMLValue, of part: Part, kind: String) throws(FileError) -> String {
        let text = try value.text()
        if text.hasSuffix(part.suffix) { return try value.path() }
        return try file(text, of: part, at: value.place, kind: kind)
    }

    /// The names of all language models, in order.
    public func languageModelNames() throws(FileError) -> [String] { try names(of: .models) }

    /// A language model by name.
    public func languageModel(named name: String) throws(FileError) -> LanguageModelShape {
        try ModelConfigReader.shape(
            at: file(name, of: .models, kind: "a language model"), name: name)
    }

    /// The language model of a `config.json`.
    public func languageModel(at path: String) throws(FileError) -> LanguageModelShape {
        try ModelConfigReader.shape(at: path, name: FileContents.stem(of: path))
    }

    /// The model that a value names: one of the catalogue, or the path of a `config.json`.
    func languageModel(_ value: YAMLValue) throws(FileError) -> LanguageModelShape {
        try languageModel(
            at: file(value, of: .models, kind: "a language model, or the path of a config.json"))
    }

    /// Fitted step times by name.
    public func tokenLaws(named name: String) throws(FileError) -> [TokenLaw] {
        try TokenLawReader.laws(at: file(name, of: .laws, kind: "fitted laws"))
    }

    /// The fitted step times that a value names: of the catalogue, or in a file at a path.
    func tokenLaws(_ value: YAMLValue) throws(FileError) -> [TokenLaw] {
        try TokenLawReader.laws(
            at: file(value, of: .laws, kind: "fitted laws, or the path of a file of them"))
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
    public func servingClusterNames() throws(FileError) -> [String] { try names(of: .clusters) }

    /// A serving cluster in a file, with the model and the devices that it names.
    public func servingCluster(at path: String) throws(FileError) -> ServingCluster {
        try ServingClusterReader(catalog: self).cluster(at: path)
    }
}
