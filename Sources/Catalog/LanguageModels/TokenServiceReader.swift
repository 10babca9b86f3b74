import Files
import Vocabulary

/// Reads `language` of a model: what is asked of a language model, and within which times.
struct TokenServiceReader {
    let catalog: Catalog

    private enum Key: String, SectionKey {
        case config, requests, laws
        case outputToken = "tpot_limit_ms"
        case endToEnd = "e2e_limit_ms"
    }

    func service(_ value: YAMLValue) throws(FileError) -> TokenService {
        let section = try value.section(Key.self)
        try section.require(.config, .requests)
        let shape = try catalog.languageModel(try section[.config])
        func seconds(_ key: Key) throws(FileError) -> Double? {
            guard let value = section.optional(key) else { return nil }
            return try value.number(.from(0.001, to: 1e9)) / 1000
        }
        let requests = try section[.requests]
        let service = TokenService(
            shape: shape, classes: try TokenWorkloadReader.classes(requests),
            outputTokenMax: try seconds(.outputToken), endToEndMax: try seconds(.endToEnd),
            laws: try section.optional(.laws).map(catalog.tokenLaws) ?? [])
        guard
            let long = service.classes.first(where: {
                $0.prompt.smallest + $0.output.smallest > shape.contextMax
            })
        else { return service }
        throw .invalidValue(
            requests.place,
            found:
                "requests of at least \(long.prompt.smallest + long.output.smallest) tokens (\(long.name))",
            expected: "at most the \(shape.contextMax) tokens of \(shape.name)'s context")
    }
}
