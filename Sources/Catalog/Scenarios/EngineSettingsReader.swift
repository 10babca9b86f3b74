import Files
import Vocabulary

/// Reads the `engine` of a profile: a name, or a name with what the engine needs.
///
///     engine: onnxruntime
///
///     engine:
///       name: openai
///       url: http://127.0.0.1:8080/v1/chat/completions
///       concurrency: [1, 4, 16]
///       timeout_seconds: 60
enum EngineSettingsReader {
    private enum Key: String, SectionKey {
        case name, url, command, concurrency
        case timeout = "timeout_seconds"
    }

    static func engine(_ value: YAMLValue, known: KnownNames) throws(FileError) -> EngineSettings {
        guard case .mapping = value.tree.content else {
            return EngineSettings(name: try name(value, known))
        }
        let section = try value.section(Key.self)
        var settings = EngineSettings(name: try name(section[.name], known))
        settings.url = try section.optional(.url)?.text()
        settings.timeout = try section.optional(.timeout)?.duration(unitSeconds: 1)
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
        return settings
    }

    private static func name(_ value: YAMLValue, _ known: KnownNames) throws(FileError) -> String {
        let name = try value.name()
        if let engines = known.engines, !engines.contains(name) {
            throw .unknownName(value.place, kind: "an engine", found: name, known: engines)
        }
        return name
    }
}
