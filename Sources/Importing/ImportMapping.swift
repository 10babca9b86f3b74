import Files
import Vocabulary

/// What a user says about a foreign file: other names of columns, missing values, other units, other names of
/// models and servers.
public struct ImportMapping: Hashable, Sendable {
    /// The file's name of a column by ours.
    public var columns: [String: String] = [:]
    /// A value for all rows by our name of a column.
    public var constants: [String: String] = [:]
    /// What the numbers of a column are multiplied by, by our name.
    public var factors: [String: Double] = [:]
    /// Our name of a model by the file's.
    public var models: [String: String] = [:]
    /// Our name of a server by the file's.
    public var servers: [String: String] = [:]
    /// Columns of the file that nothing is read from.
    public var ignored: Set<String> = []
    public var separator: Unicode.Scalar?
    /// Where in a JSON document its rows stand; nil for the document's own objects.
    public var rows: String?

    public init() {}

    /// Whether nothing is said, so that a file is read as its format says.
    public var isEmpty: Bool { self == ImportMapping() }

    /// Reads a mapping file.
    public init(path: String) throws(FileError) {
        let section = try YAMLValue(path: path).section(Key.self)
        columns = try Self.names(section.optional(.columns))
        models = try Self.names(section.optional(.models))
        servers = try Self.names(section.optional(.servers))
        for (name, value) in try section.optional(.constants)?.entries() ?? [] {
            guard let text = value.scalarText else { throw value.refusal(expected: "a value") }
            constants[name] = text
        }
        for (name, value) in try section.optional(.factors)?.entries() ?? [] {
            factors[name] = try value.number(.positive)
        }
        for value in try section.optional(.ignore)?.list() ?? [] { ignored.insert(try value.text()) }
        if let value = section.optional(.separator) {
            let scalars = (value.scalarText ?? "").unicodeScalars
            guard scalars.count == 1, let first = scalars.first, first.isASCII else {
                throw value.refusal(expected: "one ASCII character")
            }
            separator = first
        }
        if let value = section.optional(.rows) {
            let text = try value.text()
            guard JSONPath(text) != nil else { throw value.refusal(expected: JSONPath.expected) }
            rows = text
        }
    }

    private enum Key: String, SectionKey {
        case columns, constants, factors, models, servers, ignore, separator, rows
    }

    private static func names(_ value: YAMLValue?) throws(FileError) -> [String: String] {
        var names: [String: String] = [:]
        for (name, value) in try value?.entries() ?? [] {
            guard let text = value.scalarText, !text.isEmpty else { throw value.refusal(expected: "a name") }
            names[name] = text
        }
        return names
    }

    /// A row with its model and server under our names.
    func renamed(_ row: ImportedRow) -> ImportedRow {
        guard case .figure(var figure) = row, !(models.isEmpty && servers.isEmpty) else { return row }
        figure.model = models[figure.model] ?? figure.model
        figure.server = servers[figure.server] ?? figure.server
        return .figure(figure)
    }

    /// Everything in it as one text, equal for equal mappings.
    public var canonicalText: String {
        func list(_ names: [String: some Any]) -> String {
            names.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\u{1F}")
        }
        return [
            list(columns), list(constants), list(factors), list(models), list(servers),
            ignored.sorted().joined(separator: "\u{1F}"), separator.map { "\($0)" } ?? "",
        ].joined(separator: "\u{1E}") + (rows.map { "\u{1E}\($0)" } ?? "")
    }
}
