import ArgumentParser
import Files

/// The words that the command was called with, before they are parsed.
struct VerbWords {
    let arguments: [String]

    /// `profile compare` is read as `profile-compare`: `profile` takes a file, and a command cannot have both
    /// an argument and subcommands.
    init(_ typed: [String]) {
        var words = typed
        let name = words.prefix(2).joined(separator: "-")
        let names = [
            ProfileCompareCommand.configuration.commandName, ProfileStatusCommand.configuration.commandName,
        ]
        if words.count >= 2, names.contains(name) { words.replaceSubrange(..<2, with: [name]) }
        arguments = words
    }

    /// Whether errors are to be read by a program. It counts also where the words cannot be parsed.
    var asksForJSON: Bool {
        let words = arguments.prefix { $0 != "--" }
        return words.contains("--format=json")
            || zip(words, words.dropFirst()).contains { $0 == "--format" && $1 == "json" }
    }

    /// Verbs that the parser knows beside those of this command.
    private static let builtIn = ["help"]

    /// Looks at the words before the first option for names of verbs. The parser calls a mistyped one an
    /// unexpected argument, and does not say which there are.
    /// - Throws: `ValidationError` with the verb that was probably meant.
    func requireKnownVerb() throws {
        var command: any ParsableCommand.Type = Hercules.self
        var path = "hercules"
        for word in arguments {
            let verbs = command.configuration.subcommands
            guard !verbs.isEmpty, !word.hasPrefix("-"), !Self.builtIn.contains(word) else { return }
            guard let next = verbs.first(where: { $0.verbNames.contains(word) }) else {
                throw Self.unknown(word, of: path, known: verbs.flatMap { $0.verbNames })
            }
            command = next
            path += " \(word)"
        }
    }

    private static func unknown(_ word: String, of path: String, known: [String]) -> ValidationError {
        let names = NameSuggestion.oneOf(known, insteadOf: word)
        return ValidationError("\(path): found '\(word)', expected \(names)")
    }
}

extension ParsableCommand {
    /// What the command is called, and what else it answers to.
    fileprivate static var verbNames: [String] {
        [configuration.commandName ?? _commandName] + configuration.aliases
    }
}
