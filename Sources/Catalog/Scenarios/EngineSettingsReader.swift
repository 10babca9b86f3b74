import Files
import Vocabulary

/// Reads the `engine` of a profile: a name, or a name with what the engine needs.
///
///     engine: onnxruntime
///
///     engine:
///       name: openai
///       url: https://models.example.org/v1/chat/completions
///       concurrency: [1, 4, 16]
///       timeout_seconds: 60                  # for a whole request
///       headers: ["X-Model-Version: 3"]      # no secrets: they are stored with what is measured
///       ca_file: authority.pem               # instead of the system's authorities; beside this file
///       token_file: token.txt                # holds the bearer token and nothing else; beside this file
///       token_environment: SERVER_TOKEN      # or a variable that holds it
enum EngineSettingsReader {
    private enum Key: String, SectionKey {
        case name, url, command, concurrency, headers
        case timeout = "timeout_seconds"
        case caFile = "ca_file"
        case tokenFile = "token_file"
        case tokenEnvironment = "token_environment"
    }

    /// Keys that say something only to an engine that asks a server.
    private static let serverKeys: [Key] = [.headers, .caFile, .tokenFile, .tokenEnvironment]

    static func engine(_ value: YAMLValue, known: KnownNames) throws(FileError) -> EngineSettings {
        guard case .mapping = value.tree.content else {
            return EngineSettings(name: try name(value, known))
        }
        let section = try value.section(Key.self)
        var settings = EngineSettings(name: try name(section[.name], known))
        settings.url = try section.optional(.url)?.text()
        settings.timeout = try section.optional(.timeout)?.duration(
            unitSeconds: 1, from: 0.001, to: 86_400)
        if let words = section.optional(.command) {
            var command: [String] = []
            for word in try words.filledList() { command.append(try word.text()) }
            settings.command = command
        }
        if let numbers = section.optional(.concurrency) {
            var concurrency: [Int] = []
            for item in try numbers.filledList() {
                concurrency.append(
                    try item.wholeNumber(from: (concurrency.last ?? 0) + 1, to: 4096))
            }
            settings.concurrency = concurrency
        }
        try readServerKeys(section, into: &settings, known)
        return settings
    }

    private static func readServerKeys(
        _ section: YAMLSection<Key>, into settings: inout EngineSettings, _ known: KnownNames
    ) throws(FileError) {
        if let engines = known.serverEngines, !engines.contains(settings.name),
            let key = serverKeys.first(where: { section.optional($0) != nil })
        {
            throw .invalidValue(
                section.place(of: key), found: "\(key.rawValue) for the engine \(settings.name)",
                expected: "an engine that asks a server: \(engines.joined(separator: " or "))")
        }
        settings.headers = try section.optional(.headers).map(headers)
        settings.caFile = try section.optional(.caFile)?.path()
        guard section.optional(.tokenFile) != nil || section.optional(.tokenEnvironment) != nil else {
            return
        }
        let (key, source) = try section.either(.tokenFile, .tokenEnvironment)
        settings.token =
            key == .tokenFile
            ? .file(path: try source.path()) : .environment(variable: try source.text())
    }

    /// A refusal shows no value, because that is where a secret would stand.
    private static func headers(_ value: YAMLValue) throws(FileError) -> [String] {
        var headers: [String] = []
        for item in try value.filledList() {
            guard let text = item.scalarText else {
                throw item.refusal(expected: "'Name: value' in quotes")
            }
            if let expected = RequestHeaderRule.expectation(for: text) {
                throw .invalidValue(
                    item.place, found: RequestHeaderRule.shown(text), expected: expected)
            }
            headers.append(text)
        }
        return headers
    }

    private static func name(_ value: YAMLValue, _ known: KnownNames) throws(FileError) -> String {
        let name = try value.name()
        if let engines = known.engines, !engines.contains(name) {
            throw .unknownName(value.place, kind: "an engine", found: name, known: engines)
        }
        return name
    }
}
